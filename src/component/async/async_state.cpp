#include "component/async/async_state.h"

#include <algorithm>

#include <fmt/format.h>

#include "component/runtime/instance.h"

namespace spindle::component {

AsyncState::AsyncState(ComponentInstance& instance)
    : instance_(instance),
      loop_(instance.store().loop()),
      gates_(instance.prepared().plan().frames.size()),
      self_(std::make_shared<AsyncState*>(this)) {
  if (loop_ == nullptr) return;
  background_ = std::make_unique<io::Operations>(*loop_);
  idle_ = std::make_unique<io::Event>(*loop_);
  idle_->set();
}

AsyncState::~AsyncState() {
  *self_ = nullptr;
  if (!failure_) fail(Error::canceled("the instance was given up"));
  done_.clear();
  tasks_.clear();
}

Task* AsyncState::current_task() const {
  Activation* top = instance_.stack().top;
  return top == nullptr ? nullptr : top->task();
}

bool AsyncState::may_block() const {
  const Task* task = current_task();
  return current_ != nullptr && task != nullptr && task->may_block();
}

Result<void> AsyncState::block_on(Waitable& waitable) {
  if (current_ == nullptr) return cannot_block();
  return current_->block_on(waitable);
}

Error cannot_block() {
  return Error::trap("cannot block a synchronous task before returning");
}

// ---- tasks ----

Result<std::shared_ptr<Task>> AsyncState::begin_task(const PlannedLift& lift, TaskCaller& caller,
                                                     std::shared_ptr<TaskCaller> owner) {
  if (instance_.is_poisoned()) {
    return Error::trap("cannot enter component instance: it failed before");
  }
  if (tasks_.size() >= kTasksMax) {
    return Error::limit_exceeded(
        fmt::format("an instance has more than {} tasks that are not done", kTasksMax));
  }
  auto task = std::make_shared<Task>(*this, lift, caller);
  task->keep(std::move(owner));
  tasks_.push_back(task);
  if (idle_) idle_->reset();
  task->begin();
  if (failure_) return *failure_;
  return task;
}

void AsyncState::remove(Task& task) {
  auto found = std::ranges::find(tasks_, &task, &std::shared_ptr<Task>::get);
  VERIFY(found != tasks_.end());
  done_.push_back(std::move(*found));
  tasks_.erase(found);
  if (tasks_.empty() && idle_) idle_->set();
  wake();
}

bool AsyncState::has_host_tasks() const {
  return std::ranges::any_of(tasks_,
                             [](const std::shared_ptr<Task>& task) { return task->is_of_host(); });
}

io::Task<void> AsyncState::idle() {
  while (!tasks_.empty() && !failure_) {
    auto waiting = idle_->wait();
    co_await std::move(waiting);
  }
}

void AsyncState::fail(const Error& error) {
  instance_.poison();
  if (failure_) return;
  failure_ = error;
  // Telling callers may resume what belongs to them, but never a thread of this instance.
  for (const std::shared_ptr<Task>& task : tasks_) task->fail(error);
  if (idle_) idle_->set();
  while (!watches_.empty()) {
    FailureWatch* watch = watches_.front();
    watches_.pop_front();
    watch->state_ = nullptr;
    watch->told_(error);
  }
}

FailureWatch::FailureWatch(AsyncState& state, Told told)
    : state_(&state),
      told_(std::move(told)),
      place_(state.watches_.insert(state.watches_.end(), this)) {
  VERIFY(!state.failure());
}

FailureWatch::~FailureWatch() {
  if (state_ != nullptr) state_->watches_.erase(place_);
}

// ---- scheduling ----

void AsyncState::enlist(Thread& thread) {
  VERIFY(!thread.is_listed_);
  thread.place_ = waiting_.insert(waiting_.end(), &thread);
  thread.is_listed_ = true;
}

void AsyncState::unlist(Thread& thread) {
  if (!std::exchange(thread.is_listed_, false)) return;
  waiting_.erase(thread.place_);
}

bool AsyncState::is_blocked_by_marks(FrameIndex frame) const {
  return marked_ != 0 && instance_.is_entered(frame, std::nullopt);
}

void AsyncState::wake() {
  if (is_scheduled_ || loop_ == nullptr) return;
  is_scheduled_ = true;
  loop_->post([self = self_] {
    if (*self != nullptr) (*self)->run_ready();
  });
}

// Resumes one thread at a time: what it does may change who is ready. After a round others of the
// loop have their turn. Nothing of an instance that failed or is being closed runs, not even a
// thread that an epoch tick stopped: it could begin operations that nobody would end.
void AsyncState::run_ready() {
  size_t turns = std::max(waiting_.size(), kTurnsMin);
  while (!instance_.is_poisoned() && turns-- != 0) {
    Thread* next = preempted_;
    if (next == nullptr) {
      auto found = std::ranges::find_if(waiting_, &Thread::is_ready);
      if (found == waiting_.end()) break;
      next = *found;
    }
    next->resume();
    if (preempted_ != nullptr) break;
  }
  done_.clear();
  is_scheduled_ = false;
  if (!instance_.is_poisoned() && std::ranges::any_of(waiting_, &Thread::is_ready)) wake();
}

bool AsyncState::is_stuck() const {
  return !is_scheduled_ && (!background_ || background_->size() == 0);
}

// ---- operations of the host ----

Result<AsyncState::OperationId> AsyncState::spawn(io::Task<void> task) {
  if (!background_) return Error::internal("the instance has no event loop");
  return background_->spawn(std::move(task));
}

void AsyncState::cancel(OperationId operation) {
  background_->cancel(operation);
}

io::Task<void> AsyncState::close() {
  instance_.poison();
  if (!background_) co_return;
  background_->cancel_all();
  auto drained = background_->drained();
  co_await std::move(drained);
}

}  // namespace spindle::component
