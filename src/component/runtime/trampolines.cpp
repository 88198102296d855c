#include "component/runtime/trampolines.h"

#include "component/runtime/instance.h"

namespace spindle::component {

namespace {

const TrampolineCode& code_of(void* env) {
  return *static_cast<const TrampolineCode*>(env);
}

}  // namespace

Result<void> call_trampoline(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells) {
  return caller.data<ComponentInstance>().run_trampoline(code_of(env), cells);
}
Result<void> call_start(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells) {
  return caller.data<ComponentInstance>().start_waiting_call(code_of(env), cells);
}
Result<void> call_finish(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells) {
  return caller.data<ComponentInstance>().finish_waiting_call(code_of(env), cells);
}

}  // namespace spindle::component
