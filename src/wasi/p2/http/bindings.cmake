# wasi:http 0.2; guests export incoming-handler, which needs no bindings of ours.

set(wasi_http_wit "${SPINDLE_CRATES}/wasmtime-wasi-http-50.0.1/wit")
spindle_bindings(ROOM wasi MAP wasi/p2/http/bindings.map WIT "${wasi_http_wit}"
  INTERFACES wasi:http/types@0.2.12 wasi:http/outgoing-handler@0.2.12)
