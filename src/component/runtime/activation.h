#pragma once

// Activation: one call that is inside a component instance's frame, from when it is entered until
// it is left; a GuestStack: the activations of one stack, the innermost on top.
//
// Entering a frame marks it, and those of its ancestors that the caller is not in (Canonical ABI,
// component invariants). A stack that waits takes its marks away and puts them back when it goes
// on, because others may enter meanwhile, unless a synchronous function waits in it.
//
// The context slots of a frame belong to the call that runs there: zeros at first, or those that
// its task keeps from step to step.

#include <array>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "component/plan/plan.h"

namespace spindle::component {

class Activation;
class ComponentInstance;
class Task;

using ContextSlots = std::array<uint64_t, 2>;

struct GuestStack {
  Activation* top = nullptr;
  // Slots outside of any activation: an allocator that the host calls.
  ContextSlots loose_context{};
};

class Activation {
 public:
  explicit Activation(ComponentInstance& instance) : instance_(instance) {}
  // Leaves the frame.
  ~Activation();
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;

  // `caller` is absent when the host calls. A trap where the frame may not be entered.
  Result<void> enter(FrameIndex callee, std::optional<FrameIndex> caller);
  // The same for a step of an asynchronous task, which keeps slots of its own.
  Result<void> enter(FrameIndex callee, std::optional<FrameIndex> caller, Task& task,
                     ContextSlots& context);

  // Absent in a synchronous function.
  Task* task() const { return task_; }
  FrameIndex frame() const { return callee_; }
  ContextSlots& context() { return *context_; }
  Activation* below() const { return below_; }

  // When the stack stops, and when it goes on.
  void hide_marks();
  void show_marks();

 private:
  ComponentInstance& instance_;
  GuestStack* stack_ = nullptr;
  Activation* below_ = nullptr;
  Task* task_ = nullptr;
  FrameIndex callee_;
  std::optional<FrameIndex> stop_;
  ContextSlots own_context_{};
  ContextSlots* context_ = &own_context_;
};

}  // namespace spindle::component
