#pragma once

// Operations: like TaskGroup (event_loop.h), for tasks that are also ended one by one: an
// operation of a host function that a guest may cancel, a wait for a stream that its reader may
// drop.

#include <functional>
#include <map>

#include "io/event_loop.h"

namespace spindle::io {

class Operations {
 public:
  using Id = uint64_t;

  explicit Operations(EventLoop& loop) : loop_(loop), empty_(loop) { empty_.set(); }
  // None is left: cancel() and drained() come first.
  ~Operations() { VERIFY(members_.empty()); }
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  // The task may be over when this returns.
  Id spawn(Task<void> task);
  // Asks one to unwind; it may be gone when this returns, or later. Nothing happens to one that is
  // over.
  void cancel(Id task);
  void cancel_all();
  Task<void> drained() { return empty_.wait(); }
  size_t size() const { return members_.size(); }

 private:
  struct Member {
    boost::asio::cancellation_signal signal;
  };
  void finish(Id task);

  EventLoop& loop_;
  std::map<Id, Member> members_;
  Id last_ = 0;
  Event empty_;
};

}  // namespace spindle::io
