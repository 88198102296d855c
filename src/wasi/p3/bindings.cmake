# The interfaces of WASI 0.3 whose bindings the room is built on, wasi:http included.

set(wasi_p3_wit "${SPINDLE_CRATES}/wasmtime-wasi-http-50.0.1/src/p3/wit/deps")
set(wasi_p3_candidate_wit "${SPINDLE_CRATES}/wasip3-0.6.0+wasi-0.3.0-rc-2026-03-15/wit")
set(wasi_p3_version 0.3.0)
set(wasi_p3_packages clocks random cli filesystem sockets http)
set(wasi_p3_clocks types monotonic-clock system-clock)
set(wasi_p3_random random insecure insecure-seed)
set(wasi_p3_cli environment exit types stdin stdout stderr terminal-input terminal-output
  terminal-stdin terminal-stdout terminal-stderr)
set(wasi_p3_filesystem types preopens)
set(wasi_p3_sockets types ip-name-lookup)
set(wasi_p3_http types client)

set(wasi_p3_interfaces)
set(wasi_p3_wit_files)
foreach(package IN LISTS wasi_p3_packages)
  list(APPEND wasi_p3_wit_files "${wasi_p3_wit}/${package}.wit")
  foreach(interface IN LISTS wasi_p3_${package})
    list(APPEND wasi_p3_interfaces "wasi:${package}/${interface}@${wasi_p3_version}")
  endforeach()
endforeach()

spindle_bindings(ROOM wasi MAP wasi/p3/bindings.map WIT ${wasi_p3_wit_files}
  INTERFACES ${wasi_p3_interfaces})
