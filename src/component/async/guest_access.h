#pragma once

// GuestAccess: what streams and futures need of the component instance that their ends live in:
// its memories, its allocators, its loop. The runtime has one for each instance
// (instance_access.h), tests have their own.
//
// GuestBuffer: the part of a guest's memory that one copy reads from or writes to. It is named by
// numbers and looked up in every step, since memory moves when it grows.

#include <functional>
#include <span>

#include "component/abi/call_context.h"
#include "component/async/waitable.h"
#include "component/plan/plan.h"
#include "io/event_loop.h"

namespace spindle::component {

struct GuestBuffer {
  // Whose memory; the options are those of the built-in.
  FrameIndex frame;
  const PlannedOptions* options = nullptr;
  // Of the next item.
  uint32_t pointer = 0;
  uint32_t length = 0;
  uint32_t progress = 0;

  uint32_t remain() const { return length - progress; }
  void advance(uint32_t count, uint32_t item_size) {
    progress += count;
    pointer += count * item_size;
  }
};

class GuestAccess : public WakeTarget {
 public:
  virtual ~GuestAccess();

  virtual std::span<uint8_t> memory(const GuestBuffer& buffer) = 0;
  // Lifting and lowering there, by generic or typed code; `transfers` are for the latter.
  using SideUser = std::move_only_function<Result<void>(CallContext& side)>;
  virtual Result<void> use_side(const GuestBuffer& buffer, std::span<const TransferType> transfers,
                                SideUser use) = 0;

  // The thread that runs waits for an event (a synchronous built-in).
  virtual Result<void> block_on(Waitable& waitable) = 0;

  // The types behind the streams and futures in the signature of an exported function; they live as
  // long as the instance.
  virtual Result<std::span<const TransferType>> transfers_of(const PlannedLift& lift,
                                                             std::span<const TransferId> ids) = 0;

  virtual io::EventLoop& loop() = 0;
  // Runs a task until it ends, is canceled, or the instance goes.
  using Operation = uint64_t;
  virtual Result<Operation> spawn(io::Task<void> task) = 0;
  virtual void cancel(Operation operation) = 0;
  // Runs `body` where it may call the guest. A failure is the end of the instance.
  virtual io::Task<void> run_guest_code(std::move_only_function<Result<void>()> body) = 0;
  // A trap that no guest code is there to see.
  virtual void fail(const Error& error) = 0;
};

}  // namespace spindle::component
