# The adapters of WASI preview 1 become part of the library: each file is an array in a generated source.

set(adapter_files "${SPINDLE_CRATES}/wasi-preview1-component-adapter-provider-50.0.1/artefacts")
set(adapter_source "${CMAKE_BINARY_DIR}/generated/assemble/adapter_bytes.cpp")
if(NOT EXISTS "${adapter_files}/wasi_snapshot_preview1.command.wasm")
  spindle_missing("the WASI preview 1 adapters")
endif()

set(adapter_text "#include \"assemble/componentize/adapters.h\"\n\nnamespace spindle::assemble {\nnamespace {\n")
foreach(kind IN ITEMS command reactor)
  file(READ "${adapter_files}/wasi_snapshot_preview1.${kind}.wasm" adapter_hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," adapter_hex "${adapter_hex}")
  string(APPEND adapter_text "constexpr uint8_t k_${kind}[] = {${adapter_hex}};\n")
endforeach()
string(APPEND adapter_text "}  // namespace\n
std::span<const uint8_t> command_adapter() { return k_command; }
std::span<const uint8_t> reactor_adapter() { return k_reactor; }

}  // namespace spindle::assemble\n")
file(CONFIGURE OUTPUT "${adapter_source}" CONTENT "${adapter_text}" @ONLY)
target_sources(spindle_assemble PRIVATE "${adapter_source}")
