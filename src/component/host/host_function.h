#pragma once

// host_function<&Host::method>(name, type): the code between a guest's core call and a typed C++
// method, made from the method's signature.
//
//   Result<T> method(args...)         immediate
//   io::Eventual<T> method(args...)   may wait
//
// Parameters: scalars, views and handles by value, `R&` for borrow<R>, others by const reference or
// by value. References and views stay valid until the method's outcome is there, also across waits.
// An Error is a trap; failures that the guest is to see are a std::expected inside T.

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "component/abi/compound.h"
#include "component/host/host_interface.h"
#include "component/host/pending_call.h"
#include "io/eventual.h"

namespace spindle::component {

namespace abi_detail {

// How an argument is kept while the method runs.
template <typename Arg>
struct StoredArg {
  using Type = std::remove_cvref_t<Arg>;
  static Arg pass(Type& stored) { return static_cast<Arg>(std::move(stored)); }
  static Type store(Arg&& value) { return std::forward<Arg>(value); }
};
template <typename T>
struct StoredArg<const T&> {
  using Type = T;
  static const T& pass(Type& stored) { return stored; }
  static Type store(const T& value) { return value; }
};
// A mutable reference is a borrowed resource.
template <typename R>
struct StoredArg<R&> {
  using Type = R*;
  static R& pass(Type& stored) { return *stored; }
  static Type store(R& value) { return &value; }
};

// Flat values of a function's parameters and result, per the flattening limits.
template <typename Params>
inline constexpr bool kSpilledParams = Abi<Params>::kFlat.size() > kMaxFlatParams;
template <typename T>
inline constexpr bool kSpilledResult = PayloadAbi<T>::kFlat.size() > kMaxFlatResults;

template <typename Params>
inline constexpr bool kAsyncSpilledParams = Abi<Params>::kFlat.size() > kMaxAsyncFlatParams;

template <typename Params>
inline constexpr size_t kCoreParams = kSpilledParams<Params> ? 1 : Abi<Params>::kFlat.size();
template <typename Params>
inline constexpr size_t kAsyncCoreParams =
    kAsyncSpilledParams<Params> ? 1 : Abi<Params>::kFlat.size();

template <typename Params, typename T>
struct CoreTypes {
  static constexpr auto kParams = [] {
    std::array<FlatType, kCoreParams<Params> + (kSpilledResult<T> ? 1 : 0)> types{};
    if constexpr (!kSpilledParams<Params>) std::ranges::copy(Abi<Params>::kFlat, types.begin());
    return types;
  }();
  static constexpr auto kResults = [] {
    if constexpr (kSpilledResult<T>) {
      return std::array<FlatType, 0>{};
    } else {
      return PayloadAbi<T>::kFlat;
    }
  }();
  static constexpr CoreSignature signature() { return {kParams, kResults}; }
};

template <typename Params>
Result<void> load_params(CallContext& call, std::span<const RawValue> args, Params& out) {
  const uint32_t pointer = args[0].u32;
  TRY(call.check_pointer(pointer, Abi<Params>::kSize, Abi<Params>::kAlign));
  return Abi<Params>::load(call, pointer, out);
}

template <typename Params>
Result<void> lift_params(CallContext& call, std::span<const RawValue> args, Params& out) {
  if constexpr (kSpilledParams<Params>) {
    return load_params(call, args, out);
  } else {
    RawReader flat(args);
    return Abi<Params>::lift(call, flat, out);
  }
}

template <typename T>
Result<void> store_result(CallContext& call, uint32_t pointer, T& result) {
  TRY(call.check_pointer(pointer, Abi<T>::kSize, Abi<T>::kAlign));
  return Abi<T>::store(call, pointer, result);
}

// `values` are the core parameters before and the core results afterwards.
template <typename Params, typename T>
Result<void> lower_result(CallContext& call, std::span<RawValue> values, T& result) {
  if constexpr (kSpilledResult<T>) {
    return store_result(call, values[kCoreParams<Params>].u32, result);
  } else {
    RawWriter flat(values);
    return Abi<T>::lower(call, flat, result);
  }
}

// The same for functions that may have been lowered asynchronously: fewer flat parameters, and the
// result in memory always.
template <typename Params>
Result<void> lift_either_params(HostCall& call, std::span<const RawValue> args, Params& out) {
  if constexpr (kAsyncSpilledParams<Params>) {
    if (call.is_async()) return load_params(call, args, out);
  }
  return lift_params(call, args, out);
}

template <typename Params, typename T>
Result<void> lower_either_result(HostCall& call, std::span<RawValue> values, T& result) {
  if (call.is_async()) return store_result(call, values[kAsyncCoreParams<Params>].u32, result);
  return lower_result<Params, T>(call, values, result);
}

template <auto Method, typename Host, typename... Args>
auto call_method(HostCall& call, std::tuple<typename StoredArg<Args>::Type...>& stored) {
  Host& host = *static_cast<Host*>(call.implementation());
  return [&]<size_t... I>(std::index_sequence<I...>) {
    return (host.*Method)(StoredArg<Args>::pass(std::get<I>(stored))...);
  }(std::index_sequence_for<Args...>{});
}

template <auto Method, typename Host, typename T, typename... Args>
struct ImmediateFunction {
  using Params = std::tuple<typename StoredArg<Args>::Type...>;
  using Core = CoreTypes<Params, T>;

  static Result<void> invoke(HostCall& call, std::span<RawValue> values) {
    Params params{};
    TRY(lift_params(call, values, params));
    if constexpr (std::is_void_v<T>) {
      return call_method<Method, Host, Args...>(call, params);
    } else {
      T result = TRY(call_method<Method, Host, Args...>(call, params));
      return lower_result<Params, T>(call, values, result);
    }
  }
  static constexpr HostFunction describe(std::string_view name, std::string_view type) {
    return {.name = name,
            .type = type,
            .core = Core::signature(),
            .invoke = &invoke,
            .transfers = kTransferIds<Params, T>};
  }
};

template <auto Method, typename Host, typename T, typename... Args>
struct WaitingFunction {
  using Params = std::tuple<typename StoredArg<Args>::Type...>;
  using Core = CoreTypes<Params, T>;

  // The task refers to the parameters: it is destroyed first.
  struct Operation final : PendingCall::Operation {
    io::Task<void> wait() override {
      io::Task<Result<T>> running = std::move(*task);
      task.reset();
      auto brought = co_await std::move(running);
      outcome.emplace(std::move(brought));
    }

    Params params{};
    std::optional<Result<T>> outcome;
    std::optional<io::Task<Result<T>>> task;
  };

  static Result<bool> start(HostCall& call, std::span<const RawValue> args) {
    PendingCall& slot = call.pending();
    auto& operation = slot.emplace<Operation>();
    Result<bool> started = begin(call, args, operation);
    if (!started.has_value()) slot.reset();
    return started;
  }

  static Result<void> finish(HostCall& call, std::span<RawValue> values) {
    PendingCall& slot = call.pending();
    auto& operation = slot.get<Operation>();
    VERIFY(operation.outcome.has_value());
    Result<void> lowered = end(call, values, *operation.outcome);
    slot.reset();
    return lowered;
  }

  static constexpr HostFunction describe(std::string_view name, std::string_view type) {
    return {.name = name,
            .type = type,
            .core = Core::signature(),
            .start = &start,
            .finish = &finish,
            .transfers = kTransferIds<Params, T>};
  }

 private:
  static Result<bool> begin(HostCall& call, std::span<const RawValue> args, Operation& operation) {
    TRY(lift_either_params(call, args, operation.params));
    io::Eventual<T> eventual = call_method<Method, Host, Args...>(call, operation.params);
    call.pending().keep(call);
    if (eventual.is_ready()) {
      operation.outcome.emplace(eventual.take_ready());
      return false;
    }
    operation.task.emplace(eventual.take_task());
    return true;
  }

  static Result<void> end(HostCall& call, std::span<RawValue> values, Result<T>& outcome) {
    if constexpr (std::is_void_v<T>) {
      return std::move(outcome);
    } else {
      T result = TRY(std::move(outcome));
      return lower_either_result<Params, T>(call, values, result);
    }
  }
};

template <auto Method, typename Host, typename Returned, typename... Args>
struct ChooseFunction;
template <auto Method, typename Host, typename T, typename... Args>
struct ChooseFunction<Method, Host, Result<T>, Args...>
    : ImmediateFunction<Method, Host, T, Args...> {};
template <auto Method, typename Host, typename T, typename... Args>
struct ChooseFunction<Method, Host, io::Eventual<T>, Args...>
    : WaitingFunction<Method, Host, T, Args...> {};

template <auto Method>
struct BoundMethod;
template <typename Host, typename Returned, typename... Args, Returned (Host::*Method)(Args...)>
struct BoundMethod<Method> : ChooseFunction<Method, Host, Returned, Args...> {};

}  // namespace abi_detail

template <auto Method>
constexpr HostFunction host_function(std::string_view name, std::string_view type) {
  return abi_detail::BoundMethod<Method>::describe(name, type);
}

}  // namespace spindle::component
