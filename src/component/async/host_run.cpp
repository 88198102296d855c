#include "component/async/host_run.h"

#include "component/async/async_state.h"
#include "component/async/subtask.h"
#include "component/runtime/instance.h"

namespace spindle::component {

namespace {

class HostThread final : public Thread {
 public:
  HostThread(AsyncState& state, std::move_only_function<Result<void>()> body)
      : Thread(state), body_(std::move(body)), done_(*state.instance().store().loop()) {}

  io::Task<void> done() { return done_.wait(); }
  Result<void> take_result() { return std::move(*result_); }

 private:
  Result<void> run_step() override {
    TRY(state().instance().run_start());
    return body_();
  }
  void after_step(Result<void> result) override {
    if (!result) {
      state().fail(result.error());
    } else if (state().instance().is_poisoned()) {
      // The body knows why; those who wait for other calls have to learn that there is an end.
      state().fail(Error::trap("the component instance failed in another call"));
    }
    result_ = std::move(result);
    finish();
    done_.set();
  }

  std::move_only_function<Result<void>()> body_;
  std::optional<Result<void>> result_;
  io::Event done_;
};

// A call of the host, which its task keeps and tells the end.
class HostCaller final : public TaskCaller {
 public:
  HostCaller(AsyncState& state, std::shared_ptr<CallValues> values)
      : values_(std::move(values)), settled_(*state.instance().store().loop()) {}

  Result<void> start(CallSide& callee, std::span<wasm::RawValue> cells) override {
    return values_->lower(callee, cells);
  }
  Result<void> resolve(CallSide& callee, std::span<const wasm::RawValue> cells,
                       ResultForm form) override {
    TRY(values_->lift(callee, cells, form));
    settle({});
    if (is_abandoned_) values_.reset();
    return {};
  }
  Result<void> cancelled() override {
    settle(Error::canceled("the call was canceled"));
    return {};
  }
  void failed(const Error& error) override { settle(error); }

  io::Task<void> settled() { return settled_.wait(); }
  Result<void> take_result() { return std::move(*result_); }
  // Nobody waits any more: the result is dropped as soon as it is there, so that its streams end.
  void abandon() {
    is_abandoned_ = true;
    if (result_) values_.reset();
  }

 private:
  void settle(Result<void> result) {
    if (result_) return;
    result_ = std::move(result);
    settled_.set();
  }

  std::shared_ptr<CallValues> values_;
  std::optional<Result<void>> result_;
  io::Event settled_;
  bool is_abandoned_ = false;
};

}  // namespace

CallValues::~CallValues() = default;

io::Task<Result<void>> run_as_thread(AsyncState& state,
                                     std::move_only_function<Result<void>()> body) {
  if (state.instance().is_poisoned()) {
    co_return Error::trap("cannot enter component instance: it failed before");
  }
  if (state.instance().store().loop() == nullptr) {
    co_return Error::internal("the store has no event loop");
  }
  HostThread thread(state, std::move(body));
  // A canceled run unwinds this frame.
  struct Guard {
    AsyncState& state;
    const HostThread& thread;
    ~Guard() {
      if (!thread.is_done()) state.fail(Error::canceled("a call of the instance was given up"));
    }
  } guard{state, thread};
  thread.resume();
  auto done = thread.done();
  co_await std::move(done);
  co_return thread.take_result();
}

io::Task<Result<void>> run_as_task(AsyncState& state, const PlannedLift& lift,
                                   std::shared_ptr<CallValues> values) {
  if (state.instance().store().loop() == nullptr) {
    co_return Error::internal("the store has no event loop");
  }
  auto caller = std::make_shared<HostCaller>(state, std::move(values));
  {
    // Not kept: the instance may go before this coroutine.
    auto begun = state.begin_task(lift, *caller, caller);
    if (!begun) co_return begun.take_error();
  }
  // However this ends, the values are the caller's from now on.
  struct Leave {
    HostCaller& caller;
    ~Leave() { caller.abandon(); }
  } leave{*caller};
  auto settled = caller->settled();
  co_await std::move(settled);
  co_return caller->take_result();
}

}  // namespace spindle::component
