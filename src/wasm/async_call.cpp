#include "wasm/async_call.h"

#include "io/event_loop.h"
#include "wasm/async_call_impl.h"

#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#endif

// Guest stacks are switched by the engine, which tells the sanitizers nothing.
//
// AddressSanitizer's fake stack would take the frames of a stopped guest's host functions for dead
// ones and reuse them, so it is off by default.
#if __has_feature(address_sanitizer)
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "detect_stack_use_after_return=0";
}
#endif

namespace spindle::wasm {

namespace {

// ThreadSanitizer keeps a shadow of the call stack: each guest stack gets its own.
class SanitizerFiber {
 public:
#if __has_feature(thread_sanitizer)
  explicit SanitizerFiber(void*& fiber) : host_(__tsan_get_current_fiber()) {
    if (!fiber) fiber = __tsan_create_fiber(0);
    __tsan_switch_to_fiber(fiber, 0);
  }
  ~SanitizerFiber() { __tsan_switch_to_fiber(host_, 0); }
  static void destroy(void* fiber) {
    if (fiber) __tsan_destroy_fiber(fiber);
  }

 private:
  void* host_;
#else
  explicit SanitizerFiber(void*&) {}
  static void destroy(void*) {}
#endif
};

wasm_trap_t* enter(void*, wasmtime_caller_t* caller, wasmtime_val_raw_t*, size_t) noexcept {
  auto* context = wasmtime_caller_context(caller);
  auto* store = static_cast<Store*>(wasmtime_context_get_data(context));
  AsyncCall::running(*store)->run_body();
  return nullptr;
}

}  // namespace

AsyncCall::AsyncCall(Store& store, std::move_only_function<Result<void>()> body)
    : body_(std::move(body)) {
  enter_store(store);
}

void AsyncCall::enter_store(Store& store) {
  store_ = &store;
  next_ = store.calls_;
  if (next_) next_->previous_ = this;
  store.calls_ = this;
}

void AsyncCall::restart(Store& store) {
  VERIFY(store_ == nullptr);
  SanitizerFiber::destroy(std::exchange(tsan_fiber_, nullptr));
  result_.reset();
  call_depth_ = 0;
  enter_store(store);
}

AsyncCall::~AsyncCall() {
  abandon();
  SanitizerFiber::destroy(tsan_fiber_);
}

AsyncCall* AsyncCall::running(Store& store) {
  return store.running_;
}

void AsyncCall::abandon_all(Store& store) {
  while (store.calls_) store.calls_->abandon();
}

void AsyncCall::start() {
  if (!store_->entry_function_) {
    wasmtime_func_t entry{};
    wasmtime_func_new_unchecked(context_of(*store_), store_->engine().impl().entry_type.get(),
                                &enter, nullptr, nullptr, &entry);
    store_->entry_function_ = from_api<Func>(entry);
  }
  entry_ = to_api<wasmtime_func_t>(*store_->entry_function_);
  future_ = wasmtime_func_call_async(context_of(*store_), &entry_, nullptr, 0, nullptr, 0, &trap_,
                                     &error_);
}

void AsyncCall::run_body() noexcept {
  try {
    result_ = body_();
  } catch (const std::exception& error) {
    result_ = Error::internal(std::string("asynchronous call threw: ") + error.what());
  } catch (...) {
    result_ = Error::internal("asynchronous call threw");
  }
}

bool AsyncCall::poll() {
  if (!store_) {
    result_ = Error::canceled("the store was dropped");
    return true;
  }
  Store& store = *store_;
  if (!future_) start();
  suspension_ = nullptr;
  outer_ = std::exchange(store.running_, this);
  const uint32_t outer_depth = std::exchange(store.async_depth_, 1);
  const uint32_t outer_calls = std::exchange(store.call_depth_, call_depth_);
  wasmtime_context_set_epoch_deadline(context_of(store), 1);
  bool is_done = false;
  {
    SanitizerFiber fiber(tsan_fiber_);
    is_done = wasmtime_call_future_poll(future_);
  }
  call_depth_ = std::exchange(store.call_depth_, outer_calls);
  store.async_depth_ = outer_depth;
  store.running_ = std::exchange(outer_, nullptr);
  if (store.running_) wasmtime_context_set_epoch_deadline(context_of(store), 1);
  if (!is_done) return false;
  if (trap_ || error_) {
    // No stack could be had, or the guest was left in a way that skipped the body.
    result_ = StoreAccess::take_failure(store, std::exchange(error_, nullptr),
                                        std::exchange(trap_, nullptr));
  }
  leave_store();
  return true;
}

Result<void> AsyncCall::take_result() {
  VERIFY(result_.has_value());
  return std::move(*result_);
}

void AsyncCall::abandon() {
  if (!store_) return;
  if (future_) {
    Store& store = *store_;
    const bool was_canceling = std::exchange(store.is_canceling_, true);
    AsyncCall* const outer = std::exchange(store.running_, this);
    {
      SanitizerFiber fiber(tsan_fiber_);
      wasmtime_call_future_delete(std::exchange(future_, nullptr));
    }
    store.running_ = outer;
    store.is_canceling_ = was_canceling;
    store.host_error_.reset();
  }
  if (error_) wasmtime_error_delete(std::exchange(error_, nullptr));
  if (trap_) wasm_trap_delete(std::exchange(trap_, nullptr));
  leave_store();
}

void AsyncCall::leave_store() {
  if (future_) wasmtime_call_future_delete(std::exchange(future_, nullptr));
  if (previous_) {
    previous_->next_ = next_;
  } else {
    store_->calls_ = next_;
  }
  if (next_) next_->previous_ = previous_;
  next_ = previous_ = nullptr;
  suspension_ = nullptr;
  store_ = nullptr;
}

Fiber::Fiber(Store& store, std::move_only_function<Result<void>()> body)
    : call_(std::make_unique<AsyncCall>(store, std::move(body))) {}

Fiber::~Fiber() = default;

bool Fiber::resume() {
  return call_->poll();
}

Suspension* Fiber::suspension() const {
  return call_->suspension();
}

Result<void> Fiber::take_result() {
  return call_->take_result();
}

void Fiber::restart(Store& store) {
  call_->restart(store);
}

io::Task<Result<void>> run_async(Store& store, std::move_only_function<Result<void>()> body) {
  if (!store.loop()) co_return Error::internal("the store has no event loop");
  io::EventLoop& loop = *store.loop();
  AsyncCall call(store, std::move(body));
  while (!call.poll()) {
    if (Suspension* suspension = call.suspension()) {
      auto wait = suspension->wait();
      co_await std::move(wait);
    } else {
      auto turn = io::yield(loop);
      co_await std::move(turn);
    }
  }
  co_return call.take_result();
}

io::Task<Result<void>> call_async(Store& store, Func func, std::span<RawValue> cells) {
  auto task = run_async(store, [&store, func, cells] { return store.call(func, cells); });
  auto result = co_await std::move(task);
  co_return result;
}

}  // namespace spindle::wasm
