#pragma once

// Readiness: something a guest may wait for (bytes to read, room to write, an instant).
//
// A ReadySource answers is_ready() and calls notify() whenever the answer may have changed. Waiting
// is level-triggered: wait_for_any() looks at every source, sleeps until one of them notifies, and
// looks again. Nothing is spawned, so a canceled wait leaves nothing behind.
//
//   class Body final : public InputStream {
//     bool is_ready() override { return !chunks_.empty() || ended_; }
//     void on_chunk(Bytes chunk) { chunks_.push_back(std::move(chunk)); notify(); }
//   };
//
// Everything here belongs to one event loop. A source may die while it is watched only together
// with the task that watches it.

#include <span>

#include "io/event.h"
#include "io/event_loop.h"
#include "io/task.h"
#include "wasi/core/resource.h"

namespace spindle::wasi {

class ReadySource : public Parent {
 public:
  explicit ReadySource(io::EventLoop& loop) : loop_(loop) {}
  virtual ~ReadySource();

  // Whether an operation would have something to say now: data, room, the end or an error. It may
  // start work that leads to readiness, and never blocks.
  virtual bool is_ready() = 0;
  // Somebody is about to wait: start what leads to notify(), where that does not run by itself.
  virtual void prepare_wait() {}
  // True once for a source that is ready from the start although the guest meant to give others a
  // turn (a timer of no duration): the poll that sees it lets the loop run first.
  virtual bool take_yield_request() { return false; }

  // Waits until is_ready().
  io::Task<void> wait();

  io::EventLoop& loop() const { return loop_; }

 protected:
  // Wakes everyone who waits. May be called at any time, from the loop's thread.
  void notify();

 private:
  friend class Watch;
  io::EventLoop& loop_;
  class Watch* watches_ = nullptr;
};

// Sets an event whenever the source notifies, for as long as it lives.
class Watch {
 public:
  Watch(ReadySource& source, io::Event& event);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

 private:
  friend class ReadySource;
  ReadySource* source_;
  io::Event& event_;
  Watch* previous_ = nullptr;
  Watch* next_ = nullptr;
};

// Waits until at least one source is ready. The sources outlive the wait.
io::Task<void> wait_for_any(io::EventLoop& loop, std::span<ReadySource* const> sources);

}  // namespace spindle::wasi
