#include "component/async/thread.h"

#include "component/async/async_state.h"
#include "component/async/subtask.h"
#include "component/runtime/instance.h"

namespace spindle::component {

Thread::Thread(AsyncState& state) : state_(state) {}

Thread::~Thread() {
  if (host_wait_) {
    host_wait_->thread = nullptr;
    if (wait_ == Wait::Host) state_.cancel(host_operation_);
  }
  end_wait();
  if (!has_stack_) return;
  // Unwinding leaves activations, which have to find their own stack.
  switch_in();
  fiber_.reset();
  switch_out();
}

void Thread::switch_in() {
  outer_stack_ = state_.instance().switch_stack(&stack_);
  outer_ = std::exchange(state_.current_, this);
  for (Activation* at = stack_.top; has_hidden_marks_ && at != nullptr; at = at->below()) {
    at->show_marks();
  }
  has_hidden_marks_ = false;
}

void Thread::switch_out() {
  state_.current_ = std::exchange(outer_, nullptr);
  state_.instance().switch_stack(std::exchange(outer_stack_, nullptr));
}

std::optional<FrameIndex> Thread::outer_frame() const {
  if (outer_stack_ == nullptr || outer_stack_->top == nullptr) return std::nullopt;
  return outer_stack_->top->frame();
}

void Thread::resume() {
  VERIFY(!is_done_ && outer_stack_ == nullptr);
  end_wait();
  if (!has_stack_) {
    if (!before_step()) return;
    wasm::Store& store = state_.instance().store();
    if (fiber_) {
      fiber_->restart(store);
    } else {
      fiber_ = std::make_unique<wasm::Fiber>(store, [this] { return run_step(); });
    }
    has_stack_ = true;
  }
  switch_in();
  const bool is_over = fiber_->resume();
  switch_out();
  if (!is_over) {
    stopped();
    return;
  }
  Result<void> result = fiber_->take_result();
  has_stack_ = false;
  after_step(std::move(result));
}

void Thread::resume_cancelled() {
  was_cancelled_ = true;
  resume();
}

// The stack was left. Marks stay where a synchronous function is inside, and where an epoch tick
// stopped code in the middle of anything.
void Thread::stopped() {
  if (fiber_->suspension() == nullptr) {
    wait_ = Wait::Turn;
    is_cancellable_ = false;
    state_.preempted_ = this;
    state_.enlist(*this);
    state_.wake();
    return;
  }
  if (stack_.top != nullptr && stack_.top->task() != nullptr) {
    has_hidden_marks_ = true;
    for (Activation* at = stack_.top; at != nullptr; at = at->below()) at->hide_marks();
  } else {
    keeps_marks_ = true;
    ++state_.marked_;
  }
  state_.enlist(*this);
  if (wait_ != Wait::Host) {
    if (is_ready()) state_.wake();
    return;
  }
  auto spawned = state_.spawn(wait_for_host(host_wait_));
  if (!spawned) {
    state_.fail(spawned.error());
    return;
  }
  host_operation_ = *spawned;
}

io::Task<void> Thread::wait_for_host(std::shared_ptr<HostWait> wait) {
  auto waiting = wait->pending.wait();
  co_await std::move(waiting);
  wait->is_over = true;
  if (wait->thread != nullptr) wait->thread->state_.wake();
}

PendingCall& Thread::pending() {
  if (!host_wait_) {
    host_wait_ = std::make_shared<HostWait>();
    host_wait_->thread = this;
  }
  return host_wait_->pending;
}

void Thread::end_wait() {
  state_.unlist(*this);
  if (state_.preempted_ == this) state_.preempted_ = nullptr;
  if (std::exchange(keeps_marks_, false)) --state_.marked_;
  if (wait_ == Wait::Set || wait_ == Wait::Callback) {
    if (set_ != nullptr) set_->end_wait();
  }
  if (wait_ == Wait::Waitable) waitable_->set_waiter(false);
  waitable_ = nullptr;
  last_wait_ = std::exchange(wait_, Wait::Nothing);
  is_cancellable_ = false;
}

bool Thread::is_ready() const {
  switch (wait_) {
    case Wait::Turn: return true;
    case Wait::Set: return set_->has_event();
    case Wait::Waitable: return waitable_->has_event();
    case Wait::Host: return host_wait_->is_over;
    default: return false;
  }
}

void Thread::wait_for(Wait wait, bool cancellable) {
  wait_ = wait;
  is_cancellable_ = cancellable;
  was_cancelled_ = false;
  if (wait == Wait::Callback && set_ != nullptr) set_->begin_wait();
  state_.enlist(*this);
  if (is_ready()) state_.wake();
}

// ---- on the thread's own stack ----

Result<void> Thread::stop(Wait wait, bool cancellable) {
  TRY(state_.instance().store().set_suspension(marker_));
  wait_ = wait;
  is_cancellable_ = cancellable;
  was_cancelled_ = false;
  return {};
}

Result<void> Thread::block_on(Waitable& waitable) {
  TRY(stop(Wait::Waitable, false));
  waitable_ = &waitable;
  waitable.set_waiter(true);
  return {};
}

Result<void> Thread::block_on(WaitableSet& set, bool cancellable) {
  TRY(stop(Wait::Set, cancellable));
  set_ = &set;
  set.begin_wait();
  return {};
}

Result<void> Thread::block_for_turn(bool cancellable) {
  return stop(Wait::Turn, cancellable);
}

Result<void> Thread::block_on_host() {
  host_wait_->is_over = false;
  return stop(Wait::Host, false);
}

}  // namespace spindle::component
