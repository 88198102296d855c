#pragma once

// Waitables: what guest code can wait for (Canonical ABI, "Waitable State"): a subtask, or an end
// of a stream or future. Each has at most one pending event; a later one takes the place of an
// earlier.
//
// An event is delivered once, by whoever asks first: the set that the waitable is in, or the
// built-in that waits for this one. What it says is worked out when it is delivered, so that
// progress made in between is part of it.
//
// set_event() wakes the scheduler of the instance, which looks for threads that can go on; nothing
// of a guest runs inside it.

#include <cstdint>
#include <list>

#include "base/result.h"
#include "component/host/handle_table.h"

namespace spindle::component {

enum class EventCode : uint8_t {
  None = 0,
  Subtask = 1,
  StreamRead = 2,
  StreamWrite = 3,
  FutureRead = 4,
  FutureWrite = 5,
  TaskCancelled = 6,
};

struct WaitEvent {
  EventCode code = EventCode::None;
  uint32_t index = 0;
  uint32_t payload = 0;
};

// Whom an event wakes.
class WakeTarget {
 public:
  virtual void wake() = 0;

 protected:
  ~WakeTarget() = default;
};

class WaitableSet;

class Waitable : public TableObject {
 public:
  explicit Waitable(WakeTarget& target) : target_(&target) {}
  ~Waitable() override;

  bool has_event() const { return has_event_; }
  void set_event();
  // Only when there is one.
  WaitEvent take_event();
  void clear_event();

  WaitableSet* set() const { return set_; }
  // Leaves the set it is in; `set` may be null.
  void join(WaitableSet* set);

  // A built-in of a thread waits for exactly this one (a synchronous copy or cancel).
  bool has_waiter() const { return has_waiter_; }
  void set_waiter(bool value) { has_waiter_ = value; }

 protected:
  // What the event says now, and what changes by its delivery.
  virtual WaitEvent deliver() = 0;

 private:
  friend class WaitableSet;
  void enlist();
  void unlist();

  WakeTarget* target_;
  WaitableSet* set_ = nullptr;
  // Where it stands in its set's list of members with events.
  std::list<Waitable*>::iterator place_;
  bool has_event_ = false;
  bool has_waiter_ = false;
};

class WaitableSet final : public TableObject {
 public:
  ~WaitableSet() override;

  bool has_event() const { return !ready_.empty(); }
  // Only when there is one; the oldest first.
  WaitEvent take_event();
  bool is_empty() const { return members_ == 0; }
  uint32_t waiting() const { return waiting_; }
  void begin_wait() { ++waiting_; }
  void end_wait() { --waiting_; }

 private:
  friend class Waitable;
  // Members that have events. Their order is that of the events.
  std::list<Waitable*> ready_;
  std::list<Waitable*> idle_;
  uint32_t members_ = 0;
  uint32_t waiting_ = 0;
};

}  // namespace spindle::component
