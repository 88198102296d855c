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
  AsyncCall::active(*store)->run_body();
  return nullptr;
}

}  // namespace

AsyncCall::AsyncCall(Store& store, std::move_only_function<Result<void>()> body)
    : store_(&store), body_(std::move(body)) {
  store.active_call_ = this;
}

AsyncCall::~AsyncCall() {
  abandon();
  SanitizerFiber::destroy(tsan_fiber_);
}

AsyncCall* AsyncCall::active(Store& store) {
  return store.active_call_;
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
  if (!future_) start();
  wasmtime_context_set_epoch_deadline(context_of(*store_), 1);
  store_->async_depth_ = 1;
  bool is_done = false;
  {
    SanitizerFiber fiber(tsan_fiber_);
    is_done = wasmtime_call_future_poll(future_);
  }
  store_->async_depth_ = 0;
  if (!is_done) return false;
  if (trap_ || error_) {
    // No stack could be had, or the guest was left in a way that skipped the body.
    result_ = StoreAccess::take_failure(*store_, std::exchange(error_, nullptr),
                                        std::exchange(trap_, nullptr));
  }
  leave_store();
  return true;
}

Suspension* AsyncCall::suspension() const {
  return store_ ? store_->suspension_ : nullptr;
}

void AsyncCall::clear_suspension() {
  if (store_) store_->suspension_ = nullptr;
}

Result<void> AsyncCall::take_result() {
  VERIFY(result_.has_value());
  return std::move(*result_);
}

void AsyncCall::abandon() {
  if (!store_) return;
  if (future_) {
    store_->is_canceling_ = true;
    SanitizerFiber fiber(tsan_fiber_);
    wasmtime_call_future_delete(std::exchange(future_, nullptr));
    store_->is_canceling_ = false;
  }
  if (error_) wasmtime_error_delete(std::exchange(error_, nullptr));
  if (trap_) wasm_trap_delete(std::exchange(trap_, nullptr));
  leave_store();
}

void AsyncCall::leave_store() {
  if (future_) wasmtime_call_future_delete(std::exchange(future_, nullptr));
  store_->active_call_ = nullptr;
  store_->suspension_ = nullptr;
  store_->host_error_.reset();
  store_ = nullptr;
}

io::Task<Result<void>> run_async(Store& store, std::move_only_function<Result<void>()> body) {
  if (!store.loop()) co_return Error::internal("the store has no event loop");
  if (store.is_in_async_call()) {
    co_return Error::internal("the store runs an asynchronous call already");
  }
  io::EventLoop& loop = *store.loop();
  AsyncCall call(store, std::move(body));
  while (!call.poll()) {
    if (Suspension* suspension = call.suspension()) {
      auto wait = suspension->wait();
      co_await std::move(wait);
      call.clear_suspension();
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
