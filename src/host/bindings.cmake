# Spin's own interfaces, and those of wasi:keyvalue and wasi:config that Spin offers.

set(spin_wit "${SPINDLE_CRATES}/spin-sdk-5.2.0/wit")
set(spin_interfaces)
foreach(interface IN ITEMS config http-types http postgres mysql sqlite redis-types redis key-value
    llm rdbms-types)
  list(APPEND spin_interfaces "fermyon:spin/${interface}")
endforeach()
foreach(interface IN ITEMS llm redis mqtt rdbms-types postgres mysql sqlite key-value variables)
  list(APPEND spin_interfaces "fermyon:spin/${interface}@2.0.0")
endforeach()
foreach(interface IN ITEMS store batch atomics)
  list(APPEND spin_interfaces "wasi:keyvalue/${interface}@0.2.0-draft2")
endforeach()
list(APPEND spin_interfaces "wasi:config/store@0.2.0-draft-2024-09-27"
  "spin:postgres/postgres@3.0.0")

spindle_bindings(ROOM host MAP host/bindings.map WIT ${spin_wit} INTERFACES ${spin_interfaces})

# Those with asynchronous functions. The newest version of a track has all that older ones have.
set(spin_async_wit "${SPINDLE_CRATES}/spin-sdk-7.0.0/wit/deps")
set(spin_async_interfaces)
set(spin_async_files)
foreach(package IN ITEMS key-value@3.0.0 variables@3.0.0 redis@3.0.0 mqtt@3.0.0 mysql@3.0.0
    postgres@4.2.0 sqlite@3.1.0)
  string(REGEX REPLACE "@.*" "" interface "${package}")
  string(REPLACE "@" "/${interface}@" id "spin:${package}")
  list(APPEND spin_async_interfaces "${id}")
  list(APPEND spin_async_files "${spin_async_wit}/spin-${package}")
endforeach()

spindle_bindings(ROOM host MAP host/bindings.map WIT ${spin_async_files}
  INTERFACES ${spin_async_interfaces})
