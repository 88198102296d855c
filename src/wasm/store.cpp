#include "wasm/store.h"

#include <fmt/format.h>

#include "wasm/async_call_impl.h"
#include "wasm/store_impl.h"

namespace spindle::wasm {

namespace {

int64_t limit_of(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, std::numeric_limits<int64_t>::max()));
}

// A linker made for one instantiation: the only way in the C API to instantiate by an
// asynchronous call with imports that belong to a store.
Result<Instance> instantiate_by_linker(Store& store, const Module& module,
                                       std::span<const Extern> imports) {
  Handle<wasmtime_linker_t, wasmtime_linker_delete> linker(
      wasmtime_linker_new(store.engine().impl().engine.get()));
  wasmtime_linker_allow_shadowing(linker.get(), true);
  for (size_t i = 0; i < imports.size(); ++i) {
    const ImportType& name = module.imports()[i];
    auto item = to_api<wasmtime_extern_t>(imports[i]);
    if (auto* error =
            wasmtime_linker_define(linker.get(), context_of(store), name.module.data(),
                                   name.module.size(), name.name.data(), name.name.size(), &item)) {
      return instantiation_error(error);
    }
  }
  wasmtime_instance_t instance{};
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error = nullptr;
  StoreAccess::finish_nested(store, wasmtime_linker_instantiate_async(
                                        linker.get(), context_of(store), module.impl().module.get(),
                                        &instance, &trap, &error));
  if (trap) return StoreAccess::take_failure(store, nullptr, trap);
  if (error) return instantiation_error(error);
  return from_api<Instance>(instance);
}

}  // namespace

Store::Store(std::shared_ptr<const Engine> engine, const StoreOptions& options, void* data)
    : engine_(std::move(engine)),
      data_(data),
      loop_(options.loop),
      limits_(options.limits),
      cpu_budget_(options.cpu_budget) {
  auto* store = wasmtime_store_new(engine_->impl().engine.get(), this, nullptr);
  store_ = store;
  context_ = wasmtime_store_context(store);
  wasmtime_store_limiter(store, limit_of(limits_.memory_bytes), limits_.table_elements,
                         limits_.instances, limits_.tables, limits_.memories);
  wasmtime_store_epoch_deadline_callback(store, &StoreAccess::on_epoch, this, nullptr);
  wasmtime_context_set_epoch_deadline(context_of(*this), 1);
}

Store::~Store() {
  AsyncCall::abandon_all(*this);
  failure_.reset();
  wasmtime_store_delete(static_cast<wasmtime_store_t*>(store_));
}

Result<Instance> Store::instantiate(const Module& module, std::span<const Extern> imports) {
  if (imports.size() != module.imports().size()) {
    return Error::invalid_input(fmt::format("{} imports given, the module has {}", imports.size(),
                                            module.imports().size()));
  }
  if (is_canceling_) return Error::canceled("the call was given up");
  if (can_suspend()) return instantiate_by_linker(*this, module, imports);
  wasmtime_instance_t instance{};
  wasm_trap_t* trap = nullptr;
  auto* error = wasmtime_instance_new(context_of(*this), module.impl().module.get(),
                                      reinterpret_cast<const wasmtime_extern_t*>(imports.data()),
                                      imports.size(), &instance, &trap);
  if (trap) return StoreAccess::take_failure(*this, nullptr, trap);
  if (error) return instantiation_error(error);
  return from_api<Instance>(instance);
}

Func Store::define(const HostFunction& function) {
  wasmtime_func_t func{};
  auto type = function.raw_type(*engine_);
  wasmtime_func_new_unchecked(context_of(*this), type->handle.get(), &call_host,
                              const_cast<HostFunction*>(&function), nullptr, &func);
  return from_api<Func>(func);
}

Result<void> Store::call(const Func& func, std::span<RawValue> cells) {
  if (is_canceling_) return Error::canceled("the call was given up");
  if (call_depth_ == 0 && !can_suspend()) wasmtime_context_set_epoch_deadline(context_of(*this), 1);
  ++call_depth_;
  auto raw = to_api<wasmtime_func_t>(func);
  wasm_trap_t* trap = nullptr;
  auto* error = wasmtime_func_call_unchecked(context_of(*this), &raw,
                                             reinterpret_cast<wasmtime_val_raw_t*>(cells.data()),
                                             cells.size(), &trap);
  --call_depth_;
  if (!error && !trap) [[likely]]
    return {};
  return StoreAccess::take_failure(*this, error, trap);
}

Result<void> Store::set_suspension(Suspension& suspension) {
  if (is_canceling_) return Error::canceled("the call was given up");
  if (!can_suspend()) return Error::trap("cannot wait inside a synchronous call");
  if (running_->suspension()) {
    return Error::internal("the guest waits for something else already");
  }
  running_->set_suspension(&suspension);
  // Due at once: the next wasm function that is entered notices and yields.
  wasmtime_context_set_epoch_deadline(context_of(*this), 0);
  return {};
}

Result<Func> Store::suspend_function() {
  if (suspend_function_) return *suspend_function_;
  auto instance = TRY(StoreAccess::instantiate(*this, engine_->impl().suspend_module()));
  auto func = instance.find_func(*this, "suspend");
  VERIFY(func.has_value());
  suspend_function_ = *func;
  return *func;
}

std::optional<TrapInfo> Store::trap() const {
  if (!failure_) return std::nullopt;
  const auto& failure = *static_cast<const Failure*>(failure_.get());
  return trap_info_of(failure.error.get(), failure.trap.get());
}

Error StoreAccess::take_failure(Store& store, wasmtime_error_t* error, wasm_trap_t* trap) {
  auto failure = std::make_shared<Failure>(ErrorHandle(error), TrapHandle(trap));
  store.failure_ = failure;
  // Between a host function's failure and here nothing runs in the store, so a host error that is
  // there is the one that ended this call.
  if (store.host_error_) {
    Error host_error = std::move(*store.host_error_);
    store.host_error_.reset();
    return host_error;
  }
  if (store.is_canceling_) return Error::canceled("the call was given up");
  if (trap) return Error::trap(trap_cause(trap));
  return Error::internal(message_of(error));
}

Result<Instance> StoreAccess::instantiate(Store& store, const wasmtime_instance_pre_t* pre) {
  if (store.is_canceling_) return Error::canceled("the call was given up");
  wasmtime_instance_t instance{};
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error = nullptr;
  if (store.can_suspend()) {
    finish_nested(store, wasmtime_instance_pre_instantiate_async(pre, context_of(store), &instance,
                                                                 &trap, &error));
  } else {
    error = wasmtime_instance_pre_instantiate(pre, context_of(store), &instance, &trap);
  }
  if (trap) return take_failure(store, nullptr, trap);
  if (error) return instantiation_error(error);
  return from_api<Instance>(instance);
}

void StoreAccess::finish_nested(Store& store, wasmtime_call_future_t* future) {
  // Initializers may enter code that looks at the epoch; it goes on instead of yielding.
  uint32_t depth = std::exchange(store.async_depth_, 0);
  Handle<wasmtime_call_future_t, wasmtime_call_future_delete> owned(future);
  bool is_done = wasmtime_call_future_poll(future);
  VERIFY(is_done);
  store.async_depth_ = depth;
}

namespace {

// Has this thread run for another whole tick? What the machine gave to others is not charged: a
// tick that finds less counts with what is left over of earlier ones.
bool has_run_a_tick() {
  using std::chrono::nanoseconds;
  thread_local nanoseconds last{};
  thread_local nanoseconds left_over{};
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  const nanoseconds now = std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
  left_over += std::min<nanoseconds>(now - std::exchange(last, now), kEpochTick);
  if (left_over < kEpochTick) return false;
  left_over -= kEpochTick;
  return true;
}

}  // namespace

wasmtime_error_t* StoreAccess::on_epoch(const wasmtime_context_t*, void* data, uint64_t* delta,
                                        wasmtime_update_deadline_kind_t* kind) {
  auto& store = *static_cast<Store*>(data);
  *delta = 1;
  const AsyncCall* running = store.can_suspend() ? store.running_ : nullptr;
  const bool waits = running && running->suspension();
  // A nested call that is left goes back to who called it, which is not what a tick is for.
  const bool may_yield = waits || (running && !running->is_nested());
  *kind = may_yield ? WASMTIME_UPDATE_DEADLINE_YIELD : WASMTIME_UPDATE_DEADLINE_CONTINUE;
  if (waits) return nullptr;
  if (!store.engine().impl().ticker.joinable() || has_run_a_tick()) ++store.cpu_ticks_;
  if (!store.is_out_of_cpu()) return nullptr;
  store.host_error_ = Error::timeout(
      fmt::format("guest used up its {} ms of CPU time", store.cpu_budget_ * kEpochTick.count()));
  return wasmtime_error_new("out of CPU time");
}

Error instantiation_error(wasmtime_error_t* raw) {
  ErrorHandle error(raw);
  std::string message = message_of(error.get());
  // The C API has no codes for these; the words are the pinned version's, and tested.
  if (message.find("concurrent") != message.npos) return Error::unavailable(std::move(message));
  if (message.find("limit") != message.npos) return Error::limit_exceeded(std::move(message));
  return Error::invalid_input(std::move(message));
}

}  // namespace spindle::wasm
