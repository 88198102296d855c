#pragma once

// ExportFunction<R(Args...)>: a function that a live component exports, as something to call.
//
//   auto add = TRY(find_export<uint32_t(uint32_t, uint32_t)>(instance, "", "add"));
//   uint32_t sum = TRY(add(1, 2));
//   uint32_t later = CO_TRY(co_await add.async(1, 2));      // guests that wait
//
// The type is compared once, when the function is found; a call costs no look-up. Arguments are
// views (std::string_view, std::span), read during the call; results own what they hold. An Error
// is a trap, a limit or a refusal, and the instance is not entered again; failures that the guest
// returns are a std::expected inside R. The instance outlives this and every call.
//
// The classes `Guest` that bindgen writes are made of these.

#include <string>
#include <string_view>

#include "component/embed/type_texts.h"
#include "component/runtime/export_call.h"

namespace spindle::component {

// What to find: an exported interface (empty: the component itself), a function of it, its
// canonical type text (wit/type_text.h) and core type.
struct WantedExport {
  std::string_view interface;
  std::string_view name;
  std::string_view type;
  CoreSignature core;
};
// The error says what the component exports instead.
Result<LiftIndex> find_export(const PreparedComponent& component, const WantedExport& wanted);

namespace embed_detail {

// The core type of a lifted function: what is too long to be flat goes by a pointer.
template <typename Params, typename R>
struct LiftedCore {
  static constexpr std::array<FlatType, 1> kPointer{FlatType::I32};
  static constexpr CoreSignature signature() {
    CoreSignature core;
    if constexpr (abi_detail::kSpilledParams<Params>) {
      core.params = kPointer;
    } else {
      core.params = Abi<Params>::kFlat;
    }
    if constexpr (abi_detail::kSpilledResult<R>) {
      core.results = kPointer;
    } else {
      core.results = abi_detail::PayloadAbi<R>::kFlat;
    }
    return core;
  }
};

}  // namespace embed_detail

template <typename Signature>
class ExportFunction;

template <typename R, typename... Args>
class ExportFunction<R(Args...)> {
 public:
  ExportFunction(ComponentInstance& instance, LiftIndex function)
      : instance_(&instance), function_(function) {}

  // On the current stack. Host functions that have to wait are an error here.
  Result<R> operator()(Args... args) const {
    ExportCall call(*instance_, function_);
    return TypedExport<R(Args...)>::call(call, std::forward<Args>(args)...);
  }
  // On the instance's event loop; what the arguments refer to outlives the task.
  io::Task<Result<R>> async(Args... args) const {
    return run(*instance_, function_, std::forward<Args>(args)...);
  }

  static constexpr CoreSignature core_signature() {
    return embed_detail::LiftedCore<Params, R>::signature();
  }

 private:
  using Params = typename TypedExport<R(Args...)>::Params;

  static io::Task<Result<R>> run(ComponentInstance& instance, LiftIndex function, Args... args) {
    ExportCall call(instance, function);
    auto running = TypedExport<R(Args...)>::call_async(call, std::forward<Args>(args)...);
    co_return co_await std::move(running);
  }

  ComponentInstance* instance_;
  LiftIndex function_;
};

// By a type text that bindings know.
template <typename Signature>
Result<ExportFunction<Signature>> find_export(ComponentInstance& instance,
                                              std::string_view interface, std::string_view name,
                                              std::string_view type) {
  const LiftIndex function = TRY(find_export(
      instance.prepared(), {interface, name, type, ExportFunction<Signature>::core_signature()}));
  return ExportFunction<Signature>(instance, function);
}

// By the C++ types alone (type_texts.h).
template <typename Signature>
Result<ExportFunction<Signature>> find_export(ComponentInstance& instance,
                                              std::string_view interface, std::string_view name) {
  return find_export<Signature>(instance, interface, name, signature_text<Signature>());
}

}  // namespace spindle::component
