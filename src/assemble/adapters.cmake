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

# The interfaces of Spin 1, for modules of its first SDKs.
set(spin1_files "${SPINDLE_CRATES}/spin-sdk-5.2.0/wit/deps/spin@unversioned")
set(spin1_source "${CMAKE_BINARY_DIR}/generated/assemble/spin_wit.cpp")
set(spin1_text "#include \"assemble/componentize/spin_wit.h\"\n\n#include <array>\n\nnamespace spindle::assemble {\nnamespace {\n\nconstexpr auto kFiles = std::to_array<SpinWit>({\n")
foreach(interface IN ITEMS config http-types http inbound-http inbound-redis key-value llm mysql
    postgres rdbms-types redis-types redis sqlite)
  file(READ "${spin1_files}/${interface}.wit" spin1_wit)
  string(APPEND spin1_text "{\"${interface}.wit\", R\"wit(${spin1_wit})wit\"},\n")
endforeach()
string(APPEND spin1_text "});\n\n}  // namespace\n\nstd::span<const SpinWit> spin_wit() { return kFiles; }\n\n}  // namespace spindle::assemble\n")
file(CONFIGURE OUTPUT "${spin1_source}" CONTENT "${spin1_text}" @ONLY)
target_sources(spindle_assemble PRIVATE "${spin1_source}")
