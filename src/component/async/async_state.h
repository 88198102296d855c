#pragma once

// AsyncState: what a component instance keeps for asynchronous calls: its tasks, the threads that
// wait, back-pressure of its frames, and operations of the host that are under way.
//
// Scheduling. A thread that can go on is resumed from the loop, the one that waits longest first;
// wake() asks for that. A thread that an epoch tick stopped goes on before any other of its
// instance, since its frames are still entered.
//
// Failure. A trap anywhere is the end of the instance: fail() poisons it and tells all callers.
//
// Operations of the host refer to the instance. close() ends them; it is awaited before the
// instance goes if needs_close().

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "component/async/task.h"
#include "component/async/thread.h"
#include "io/operations.h"

namespace spindle::component {

// What a built-in says that would have to wait in a synchronous function.
Error cannot_block();

// Somebody who is told when an instance fails. It goes before the instance does.
class FailureWatch {
 public:
  using Told = std::move_only_function<void(const Error&)>;

  // Not of an instance that has failed already. `told` resumes no thread of the instance.
  FailureWatch(AsyncState& state, Told told);
  ~FailureWatch();
  FailureWatch(const FailureWatch&) = delete;
  FailureWatch& operator=(const FailureWatch&) = delete;

 private:
  friend class AsyncState;
  // Absent once it has been told.
  AsyncState* state_;
  Told told_;
  std::list<FailureWatch*>::iterator place_;
};

class AsyncState final : public WakeTarget {
 public:
  explicit AsyncState(ComponentInstance& instance);
  ~AsyncState();
  AsyncState(const AsyncState&) = delete;
  AsyncState& operator=(const AsyncState&) = delete;

  ComponentInstance& instance() { return instance_; }
  Thread* current() const { return current_; }
  // The task whose code runs; absent in synchronous functions.
  Task* current_task() const;
  // May what runs wait for an asynchronous function?
  bool may_block() const;
  // Makes the thread that runs wait; see Thread::block_on.
  Result<void> block_on(Waitable& waitable);

  // A new task, already begun: it has run up to its first wait. LimitExceeded where there are too
  // many.
  // It keeps `owner` of the caller, if there is one, as long as it lives.
  Result<std::shared_ptr<Task>> begin_task(const PlannedLift& lift, TaskCaller& caller,
                                           std::shared_ptr<TaskCaller> owner = nullptr);
  size_t task_count() const { return tasks_.size(); }
  // Tasks that the host called, whether they have returned or not.
  bool has_host_tasks() const;

  // A frame that a task is to enter is still entered, by synchronous code that waits.
  bool is_blocked_by_marks(FrameIndex frame) const;

  void wake() override;
  WakeTarget& wake_target() { return *this; }

  // A built-in that might have waited did not: its result, from its start to its finish, between
  // which no other guest code runs.
  void keep_result(wasm::RawValue result) { kept_result_ = result; }
  std::optional<wasm::RawValue> take_result() { return std::exchange(kept_result_, std::nullopt); }

  // --- back-pressure, per frame ---
  struct Gate {
    uint32_t backpressure = 0;
    uint32_t waiting = 0;
    bool is_exclusive = false;
  };
  Gate& gate(FrameIndex frame) { return gates_[frame.value]; }

  // --- operations of the host ---
  using OperationId = io::Operations::Id;
  // Runs a task of the host until it ends, the operation is canceled, or the instance is closed.
  Result<OperationId> spawn(io::Task<void> task);
  void cancel(OperationId operation);

  bool needs_close() const { return background_ && background_->size() != 0; }
  io::Task<void> close();
  // Until no task is left, or the instance failed.
  io::Task<void> idle();
  // All threads wait for something that only they could bring about.
  bool is_stuck() const;

  void fail(const Error& error);
  const std::optional<Error>& failure() const { return failure_; }

 private:
  friend class FailureWatch;
  friend class Thread;
  friend class Task;
  static constexpr size_t kTasksMax = 10'000;
  // How many threads go on before others of the loop have their turn, if so many can.
  static constexpr size_t kTurnsMin = 8;

  void enlist(Thread& thread);
  void unlist(Thread& thread);
  void run_ready();
  void remove(Task& task);

  ComponentInstance& instance_;
  io::EventLoop* loop_;
  std::vector<Gate> gates_;
  Thread* current_ = nullptr;
  // Stopped at an epoch tick.
  Thread* preempted_ = nullptr;
  // Threads that stopped in a synchronous function, whose frames stay entered.
  uint32_t marked_ = 0;
  std::list<Thread*> waiting_;
  std::list<std::shared_ptr<Task>> tasks_;
  // Tasks that are done, until nothing of theirs is on the stack.
  std::vector<std::shared_ptr<Task>> done_;
  std::unique_ptr<io::Operations> background_;
  std::unique_ptr<io::Event> idle_;
  std::list<FailureWatch*> watches_;
  std::optional<wasm::RawValue> kept_result_;
  std::optional<Error> failure_;
  // A round of run_ready() is to come, or under way.
  bool is_scheduled_ = false;
  // Tells posted work that this is gone.
  std::shared_ptr<AsyncState*> self_;
};

}  // namespace spindle::component
