#include "wasm/trap.h"

#include <cxxabi.h>

#include <cstdlib>

#include <fmt/format.h>

#include "wasm/store_impl.h"

namespace spindle::wasm {

namespace {

constexpr size_t kNameBytesMax = 256;

std::string_view words_of(wasmtime_trap_code_t code) {
  switch (code) {
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW: return "call stack exhausted";
    case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS: return "out of bounds memory access";
    case WASMTIME_TRAP_CODE_HEAP_MISALIGNED: return "unaligned atomic";
    case WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS:
      return "undefined element: out of bounds table access";
    case WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL: return "uninitialized element";
    case WASMTIME_TRAP_CODE_BAD_SIGNATURE: return "indirect call type mismatch";
    case WASMTIME_TRAP_CODE_INTEGER_OVERFLOW: return "integer overflow";
    case WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO: return "integer divide by zero";
    case WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER: return "invalid conversion to integer";
    case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED:
      return "wasm `unreachable` instruction executed";
    case WASMTIME_TRAP_CODE_INTERRUPT: return "interrupt";
    case WASMTIME_TRAP_CODE_ATOMIC_WAIT_NON_SHARED_MEMORY:
      return "atomic wait on non-shared memory";
    case WASMTIME_TRAP_CODE_NULL_REFERENCE: return "null reference";
    case WASMTIME_TRAP_CODE_ARRAY_OUT_OF_BOUNDS: return "out of bounds array access";
    case WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE: return "allocation size too large";
    case WASMTIME_TRAP_CODE_CAST_FAILURE: return "cast failure";
    default: return "unknown trap";
  }
}

// Names come from the guest: bounded, and only printable characters.
std::string clean_name(const wasm_name_t* name) {
  if (!name) return {};
  std::string text(view_of(*name).substr(0, kNameBytesMax));
  if (text.starts_with("_ZN") || text.starts_with("_Z")) {
    int status = 0;
    char* demangled = abi::__cxa_demangle(text.c_str(), nullptr, nullptr, &status);
    if (status == 0 && demangled) text = std::string(demangled).substr(0, kNameBytesMax);
    std::free(demangled);
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

TrapFrame frame_of(const wasm_frame_t* raw) {
  TrapFrame frame{clean_name(wasmtime_frame_module_name(raw)),
                  clean_name(wasmtime_frame_func_name(raw)), wasm_frame_func_index(raw),
                  std::nullopt};
  size_t offset = wasm_frame_module_offset(raw);
  if (offset != SIZE_MAX) frame.module_offset = offset;
  return frame;
}

}  // namespace

std::string trap_cause(const wasm_trap_t* trap) {
  wasmtime_trap_code_t code = 0;
  // Traps without a code are exceptions that no guest function caught.
  if (!wasmtime_trap_code(trap, &code)) return "wasm trap: uncaught exception";
  return fmt::format("wasm trap: {}", words_of(code));
}

TrapInfo trap_info_of(const wasmtime_error_t* error, const wasm_trap_t* trap) {
  TrapInfo info;
  Vec<wasm_frame_vec_t, wasm_frame_vec_delete> frames;
  if (trap) {
    info.cause = trap_cause(trap);
    wasm_trap_trace(trap, &frames);
  } else {
    wasmtime_error_wasm_trace(error, &frames);
  }
  size_t count = std::min(frames.value.size, kTrapFramesMax);
  info.is_truncated = count == kTrapFramesMax;
  for (size_t i = 0; i < count; ++i) info.frames.push_back(frame_of(frames.value.data[i]));
  return info;
}

std::string TrapInfo::backtrace() const {
  std::string text;
  for (size_t i = 0; i < frames.size(); ++i) {
    const TrapFrame& frame = frames[i];
    text += fmt::format("{}: {}!{}", i, frame.module.empty() ? "<module>" : frame.module,
                        frame.function.empty() ? fmt::format("<function {}>", frame.function_index)
                                               : frame.function);
    if (frame.module_offset) text += fmt::format(" @ {:#x}", *frame.module_offset);
    text += '\n';
  }
  if (is_truncated) text += "...\n";
  return text;
}

}  // namespace spindle::wasm
