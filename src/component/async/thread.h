#pragma once

// Thread: guest code that runs, waits and goes on (Canonical ABI, "Thread State").
//
// A thread runs in steps. A step is C++ code that calls the guest, on a stack of its own
// (wasm/async_call.h); when guest code has to wait in its middle, the stack stays and is entered
// again later. Between the steps of a callback task there is no stack, so a thousand tasks that
// wait cost no more than their objects.
//
// The AsyncState of the instance holds the threads that wait, and resumes those that can go on:
// from the event loop, or inside a built-in where the specification wants it at once. Everything
// happens on the loop's thread.

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>

#include "base/result.h"
#include "component/async/waitable.h"
#include "component/host/pending_call.h"
#include "component/runtime/activation.h"
#include "wasm/async_call.h"

namespace spindle::component {

class AsyncState;
class Subtask;

class Thread {
 public:
  // What a thread that does not run waits for.
  enum class Wait : uint8_t {
    Nothing,   // it runs, or is done
    Enter,     // its instance lets no new task in
    Turn,      // only its turn
    Set,       // an event of a set, in the middle of guest code
    Waitable,  // an event of one waitable, likewise
    Host,      // a host function
    Callback,  // a turn, or an event of a set, to run its callback
  };

  explicit Thread(AsyncState& state);
  virtual ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  Wait wait() const { return wait_; }
  bool is_done() const { return is_done_; }
  // A request to cancel its task ends the wait.
  bool is_cancellable() const { return is_cancellable_; }
  // The last wait ended because of that.
  bool was_cancelled() const { return was_cancelled_; }

  // Runs until it waits or is done. Not for a thread that runs.
  void resume();
  void resume_cancelled();
  // Can it go on now?
  virtual bool is_ready() const;

  // --- for built-ins, on this thread's stack: it stops when the host function has returned ---
  Result<void> block_on(Waitable& waitable);
  Result<void> block_on(WaitableSet& set, bool cancellable);
  Result<void> block_for_turn(bool cancellable);
  Result<void> block_on_host();
  PendingCall& pending();
  // A synchronous call of a guest, between its start and its finish.
  std::unique_ptr<Subtask>& sync_call() { return sync_call_; }

 protected:
  // Before a new stack is made: false where there is nothing to run after all.
  virtual bool before_step() { return true; }
  // Calls the guest; the stack may be left meanwhile.
  virtual Result<void> run_step() = 0;
  // Off the stack: what comes next, by wait_for() or by finish().
  virtual void after_step(Result<void> result) = 0;

  AsyncState& state() const { return state_; }
  void wait_for(Wait wait, bool cancellable);
  void set_waited(WaitableSet* set) { set_ = set; }
  WaitableSet* waited() const { return set_; }
  void finish() { is_done_ = true; }
  // What the wait that is over was for.
  Wait last_wait() const { return last_wait_; }
  // Whose code this thread runs inside of; absent on the loop.
  std::optional<FrameIndex> outer_frame() const;

 private:
  friend class AsyncState;
  // A host function that this thread waits for. It outlives a thread that is given up, until the
  // function has ended too.
  struct HostWait {
    PendingCall pending;
    Thread* thread = nullptr;
    bool is_over = false;
  };
  class Stopped final : public wasm::Suspension {
   public:
    io::Task<void> wait() override { co_return; }
  };

  void switch_in();
  void switch_out();
  void stopped();
  void end_wait();
  static io::Task<void> wait_for_host(std::shared_ptr<HostWait> wait);
  Result<void> stop(Wait wait, bool cancellable);

  AsyncState& state_;
  // Its object stays from step to step.
  std::unique_ptr<wasm::Fiber> fiber_;
  bool has_stack_ = false;
  GuestStack stack_;
  GuestStack* outer_stack_ = nullptr;
  Thread* outer_ = nullptr;
  Wait wait_ = Wait::Nothing;
  Wait last_wait_ = Wait::Nothing;
  bool is_cancellable_ = false;
  bool was_cancelled_ = false;
  bool is_done_ = false;
  bool is_listed_ = false;
  // Stopped with its activations' marks away, or with them in place.
  bool has_hidden_marks_ = false;
  bool keeps_marks_ = false;
  WaitableSet* set_ = nullptr;
  Waitable* waitable_ = nullptr;
  std::list<Thread*>::iterator place_;
  Stopped marker_;
  std::shared_ptr<HostWait> host_wait_;
  uint64_t host_operation_ = 0;
  std::unique_ptr<Subtask> sync_call_;
};

}  // namespace spindle::component
