// Activities: what runs between two answers to the host.

#include <spindle/abi/async.h>

#include <algorithm>

namespace spindle::abi {
namespace core {

#define SPINDLE_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
SPINDLE_IMPORT("$root", "[waitable-set-new]") uint32_t waitable_set_new();
SPINDLE_IMPORT("$root", "[waitable-set-drop]") void waitable_set_drop(uint32_t set);
SPINDLE_IMPORT("$root", "[waitable-join]") void waitable_join(uint32_t waitable, uint32_t set);
SPINDLE_IMPORT("$root", "[subtask-drop]") void subtask_drop(uint32_t subtask);
SPINDLE_IMPORT("$root", "[subtask-cancel]") uint32_t subtask_cancel(uint32_t subtask);
SPINDLE_IMPORT("$root", "[context-get-0]") uint32_t context_get();
SPINDLE_IMPORT("$root", "[context-set-0]") void context_set(uint32_t value);
SPINDLE_IMPORT("[export]$root", "[task-cancel]") void task_cancel();
#undef SPINDLE_IMPORT

}  // namespace core

namespace {

constexpr int32_t kExit = 0;
constexpr int32_t kWait = 2;
constexpr int32_t kTaskCanceled = 6;

}  // namespace

class Activity {
 public:
  Activity() : set_(core::waitable_set_new()) {}
  ~Activity() {
    // Tasks leave the set before it goes.
    tasks_.clear();
    core::waitable_set_drop(set_);
  }

  static Activity* current;

  void add(Task<void> task) {
    tasks_.push_back(std::make_unique<Task<void>>(std::move(task)));
    tasks_.back()->start();
  }
  void wait(Waiter& waiter) {
    waiters_.push_back(&waiter);
    core::waitable_join(waiter.waitable_, set_);
  }
  void forget(Waiter& waiter) {
    if (std::erase(waiters_, &waiter) != 0) core::waitable_join(waiter.waitable_, 0);
  }
  void deliver(uint32_t waitable, uint32_t code) {
    const auto found = std::ranges::find(waiters_, waitable, &Waiter::waitable_);
    if (found == waiters_.end()) return;
    Waiter& waiter = **found;
    forget(waiter);
    waiter.code_ = code;
    std::exchange(waiter.waiting_, nullptr).resume();
  }
  // What the host shall do next.
  int32_t state() {
    std::erase_if(tasks_, [](const auto& task) { return task->is_done(); });
    if (!tasks_.empty()) return kWait | static_cast<int32_t>(set_ << 4);
    current = nullptr;
    delete this;
    return kExit;
  }
  int32_t cancel() {
    tasks_.clear();
    core::task_cancel();
    return state();
  }

 private:
  uint32_t set_;
  std::vector<std::unique_ptr<Task<void>>> tasks_;
  std::vector<Waiter*> waiters_;
};

Activity* Activity::current = nullptr;

Waiter::~Waiter() {
  if (waiting_) Activity::current->forget(*this);
}

void Waiter::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  Activity::current->wait(*this);
}

Subtask::~Subtask() {
  if (!is_over()) {
    const auto state = static_cast<SubtaskState>(core::subtask_cancel(handle_));
    if (state == SubtaskState::Returned && discard_ != nullptr) discard_(result_, 1);
  }
  core::subtask_drop(handle_);
}

void spawn(Task<void> task) {
  Activity::current->add(std::move(task));
}

int32_t begin(Task<void> task) {
  auto* activity = new Activity();
  core::context_set(address_of(activity));
  Activity::current = activity;
  activity->add(std::move(task));
  return activity->state();
}

int32_t resume(int32_t event, int32_t waitable, int32_t code) {
  Activity::current = pointer_to<Activity>(core::context_get());
  if (event == kTaskCanceled) return Activity::current->cancel();
  Activity::current->deliver(static_cast<uint32_t>(waitable), static_cast<uint32_t>(code));
  return Activity::current->state();
}

}  // namespace spindle::abi
