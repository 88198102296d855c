#pragma once

// TypedExport<R(Args...)>: a typed call of a guest's exported function from the host.
//
//   using Handle = TypedExport<void(std::unique_ptr<IncomingRequest>, std::unique_ptr<Outparam>)>;
//   auto call = Handle::call_async(caller, std::move(request), std::move(outparam));
//   Result<void> done = co_await std::move(call);
//
// The runtime implements ExportCaller for one call of one export; the order of its calls here is
// that of the specification: enter, lower the arguments, run the core function, lift the result,
// leave (which checks borrows and runs post-return). All of it runs on the guest's stack, where
// guest code may wait. Result types own what they hold: guest memory ends with post-return.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "component/abi/compound.h"
#include "component/host/host_function.h"
#include "io/task.h"

namespace spindle::component {

// Arguments and result of one call of an asynchronous function; its task keeps them.
class ExportValues {
 public:
  virtual ~ExportValues();
  // The callee starts.
  virtual Result<void> lower(CallContext& callee, std::span<RawValue> cells) = 0;
  // It returned: core results, or the arguments of task.return.
  virtual Result<void> lift(CallContext& callee, std::span<const RawValue> cells) = 0;
  virtual Result<void> lift_returned(CallContext& callee, std::span<const RawValue> cells) = 0;
  // The streams and futures in the function's signature, parameters first.
  virtual std::span<const TransferId> transfers() const { return {}; }
};

class ExportCaller {
 public:
  virtual ~ExportCaller();

  // May the instance be entered? Marks it entered.
  virtual Result<void> enter() = 0;
  // Once it is entered: the streams and futures in the function's signature, parameters first.
  virtual Result<void> mention(std::span<const TransferId> transfers);
  // Memory, allocator and handles of the callee. Its scope() counts the borrows of this call.
  virtual CallContext& context() = 0;
  // Runs the core function: arguments in, results out; memory is read again afterwards.
  virtual Result<void> run(std::span<RawValue> values) = 0;
  // Checks borrows, runs post-return with the flat results, leaves the instance.
  virtual Result<void> leave(std::span<const RawValue> results) = 0;
  // Something failed on the way: the instance is not to be entered again. Returns the error as the
  // caller is to see it.
  virtual Error fail(Error error) = 0;
  // Runs `body` where guest code may be suspended (wasm::run_async).
  virtual io::Task<Result<void>> on_guest_stack(std::move_only_function<Result<void>()> body) = 0;

  // Is the function asynchronous? Then run_task() is all there is to do: it ends when the callee
  // has returned, or failed.
  virtual bool is_async() const { return false; }
  virtual io::Task<Result<void>> run_task(std::shared_ptr<ExportValues> values);
};

namespace abi_detail {

template <typename Params>
Result<void> lower_params(CallContext& call, std::span<RawValue> values, Params& params) {
  RawWriter flat(values);
  if constexpr (kSpilledParams<Params>) {
    const uint32_t pointer = TRY(call.allocate({0, 0, Abi<Params>::kAlign, Abi<Params>::kSize}));
    flat.put_u32(pointer);
    return Abi<Params>::store(call, pointer, params);
  } else {
    return Abi<Params>::lower(call, flat, params);
  }
}

template <typename T>
inline constexpr bool kSpilledReturn = PayloadAbi<T>::kFlat.size() > kMaxFlatParams;

template <typename T, bool kIsSpilled = kSpilledResult<T>>
Result<T> lift_result(CallContext& call, std::span<const RawValue> values) {
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    T out{};
    RawReader flat(values);
    if constexpr (kIsSpilled) {
      const uint32_t pointer = flat.next_u32();
      TRY(call.check_pointer(pointer, Abi<T>::kSize, Abi<T>::kAlign));
      TRY(Abi<T>::load(call, pointer, out));
    } else {
      TRY(Abi<T>::lift(call, flat, out));
    }
    return out;
  }
}

// The values of a call of an asynchronous function.
template <typename Params, typename R>
class TaskValues final : public ExportValues {
 public:
  explicit TaskValues(Params params) : params_(std::move(params)) {}

  Result<void> lower(CallContext& callee, std::span<RawValue> cells) override {
    return lower_params(callee, cells, params_);
  }
  Result<void> lift(CallContext& callee, std::span<const RawValue> cells) override {
    return keep(lift_result<R>(callee, cells));
  }
  Result<void> lift_returned(CallContext& callee, std::span<const RawValue> cells) override {
    return keep(lift_result<R, kSpilledReturn<R>>(callee, cells));
  }
  std::span<const TransferId> transfers() const override { return kTransferIds<Params, R>; }
  // Once the callee has returned.
  Result<R> take_result() { return std::move(*result_); }

 private:
  Result<void> keep(Result<R> lifted) {
    if (!lifted.has_value()) return lifted.take_error();
    result_.emplace(std::move(lifted));
    return {};
  }

  Params params_;
  std::optional<Result<R>> result_;
};

}  // namespace abi_detail

template <typename Signature>
class TypedExport;

template <typename R, typename... Args>
class TypedExport<R(Args...)> {
 public:
  using Params = std::tuple<typename abi_detail::StoredArg<Args>::Type...>;

  static constexpr size_t kCoreParams = abi_detail::kCoreParams<Params>;
  static constexpr size_t kCoreResults =
      abi_detail::kSpilledResult<R> ? 1 : abi_detail::PayloadAbi<R>::kFlat.size();

  // On the guest's stack already, or with guests that never wait.
  static Result<R> call(ExportCaller& caller, Args... args) {
    Params params(abi_detail::StoredArg<Args>::store(std::forward<Args>(args))...);
    return run(caller, params);
  }

  // `caller`, and what the arguments refer to, must outlive the task.
  static io::Task<Result<R>> call_async(ExportCaller& caller, Args... args) {
    Params params(abi_detail::StoredArg<Args>::store(std::forward<Args>(args))...);
    return caller.is_async() ? run_task(caller, std::move(params))
                             : run_async(caller, std::move(params));
  }

 private:
  static Result<R> run(ExportCaller& caller, Params& params) {
    TRY(caller.enter());
    Result<R> result = run_entered(caller, params);
    if (!result.has_value()) return caller.fail(result.take_error());
    return result;
  }

  static Result<R> run_entered(ExportCaller& caller, Params& params) {
    std::array<RawValue, std::max({size_t{1}, kCoreParams, kCoreResults})> values{};
    constexpr std::span<const TransferId> kMentioned = kTransferIds<Params, R>;
    if constexpr (!kMentioned.empty()) TRY(caller.mention(kMentioned));
    TRY(abi_detail::lower_params(caller.context(), values, params));
    TRY(caller.run(values));
    Result<R> lifted = abi_detail::lift_result<R>(caller.context(), values);
    if (!lifted.has_value()) return lifted;
    TRY(caller.leave(std::span<const RawValue>(values.data(), kCoreResults)));
    return lifted;
  }

  static io::Task<Result<R>> run_task(ExportCaller& caller, Params params) {
    auto values = std::make_shared<abi_detail::TaskValues<Params, R>>(std::move(params));
    auto running = caller.run_task(values);
    Result<void> ran = co_await std::move(running);
    if (!ran.has_value()) co_return ran.take_error();
    co_return values->take_result();
  }

  static io::Task<Result<R>> run_async(ExportCaller& caller, Params params) {
    std::optional<Result<R>> result;
    auto running = caller.on_guest_stack([&caller, &params, &result]() -> Result<void> {
      result.emplace(run(caller, params));
      return {};
    });
    Result<void> ran = co_await std::move(running);
    if (!ran.has_value()) co_return ran.take_error();
    VERIFY(result.has_value());
    co_return std::move(*result);
  }
};

}  // namespace spindle::component
