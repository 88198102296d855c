#include "wasm/linker.h"

#include "wasm/store_impl.h"

namespace spindle::wasm {

Result<Instance> InstancePre::instantiate(Store& store) const {
  return StoreAccess::instantiate(store, static_cast<const wasmtime_instance_pre_t*>(pre_.get()));
}

Linker::Linker(std::shared_ptr<const Engine> engine)
    : engine_(std::move(engine)),
      linker_(wasmtime_linker_new(engine_->impl().engine.get()),
              [](void* raw) { wasmtime_linker_delete(static_cast<wasmtime_linker_t*>(raw)); }) {
  wasmtime_linker_allow_shadowing(static_cast<wasmtime_linker_t*>(linker_.get()), true);
}

Result<void> Linker::define(std::string_view module, std::string_view name,
                            const HostFunction& function) {
  auto type = function.raw_type(*engine_);
  auto* error = wasmtime_linker_define_func_unchecked(
      static_cast<wasmtime_linker_t*>(linker_.get()), module.data(), module.size(), name.data(),
      name.size(), type->handle.get(), &call_host, const_cast<HostFunction*>(&function), nullptr);
  if (!error) return {};
  ErrorHandle owned(error);
  return Error::invalid_input(message_of(error));
}

Result<InstancePre> Linker::prepare(const Module& module) const {
  wasmtime_instance_pre_t* pre = nullptr;
  if (auto* error = wasmtime_linker_instantiate_pre(
          static_cast<const wasmtime_linker_t*>(linker_.get()), module.impl().module.get(), &pre)) {
    ErrorHandle owned(error);
    return Error::invalid_input(message_of(error));
  }
  return InstancePre(module, std::shared_ptr<void>(pre, [](void* raw) {
                       wasmtime_instance_pre_delete(static_cast<wasmtime_instance_pre_t*>(raw));
                     }));
}

}  // namespace spindle::wasm
