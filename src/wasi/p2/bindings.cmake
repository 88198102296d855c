# The interfaces of WASI 0.2 whose bindings the room is built on. The newest 0.2.x stands for all.

set(wasi_wit "${SPINDLE_CRATES}/wasmtime-wasi-50.0.1/src/p2/wit/deps")
set(wasi_version 0.2.12)
set(wasi_packages io clocks random cli filesystem sockets)
set(wasi_io error poll streams)
set(wasi_clocks wall-clock monotonic-clock)
set(wasi_random random insecure insecure-seed)
set(wasi_cli environment exit stdin stdout stderr terminal-input terminal-output terminal-stdin
  terminal-stdout terminal-stderr)
set(wasi_filesystem types preopens)
set(wasi_sockets network instance-network tcp tcp-create-socket udp udp-create-socket ip-name-lookup)

set(wasi_interfaces)
set(wasi_wit_files)
foreach(package IN LISTS wasi_packages)
  list(APPEND wasi_wit_files "${wasi_wit}/${package}.wit")
  foreach(interface IN LISTS wasi_${package})
    list(APPEND wasi_interfaces "wasi:${package}/${interface}@${wasi_version}")
  endforeach()
endforeach()

spindle_bindings(ROOM wasi MAP wasi/bindings.map WIT ${wasi_wit_files}
  INTERFACES ${wasi_interfaces})
