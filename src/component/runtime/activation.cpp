#include "component/runtime/activation.h"

#include "component/runtime/instance.h"

namespace spindle::component {

namespace {

// The nearest frame that both are in: what is above it is entered already, by the caller.
std::optional<FrameIndex> common_ancestor(const std::vector<PlannedFrame>& tree,
                                          std::optional<FrameIndex> caller, FrameIndex callee) {
  std::optional<FrameIndex> common = caller;
  FrameIndex other = callee;
  while (common && common != std::optional(other)) {
    if (tree[common->value].depth > tree[other.value].depth) {
      common = tree[common->value].parent;
    } else if (tree[other.value].parent) {
      other = *tree[other.value].parent;
    } else {
      common.reset();
    }
  }
  return common;
}

}  // namespace

Result<void> Activation::enter(FrameIndex callee, std::optional<FrameIndex> caller) {
  if (instance_.is_poisoned()) {
    return Error::trap("cannot enter component instance: it failed before");
  }
  const std::vector<PlannedFrame>& tree = instance_.prepared().plan().frames;
  const std::optional<FrameIndex> common = common_ancestor(tree, caller, callee);
  if (instance_.is_entered(callee, common)) return Error::trap("cannot enter component instance");
  callee_ = callee;
  stop_ = common;
  stack_ = &instance_.stack();
  below_ = stack_->top;
  stack_->top = this;
  show_marks();
  return {};
}

Result<void> Activation::enter(FrameIndex callee, std::optional<FrameIndex> caller, Task& task,
                               ContextSlots& context) {
  TRY(enter(callee, caller));
  task_ = &task;
  context_ = &context;
  return {};
}

Activation::~Activation() {
  if (stack_ == nullptr) return;
  hide_marks();
  stack_->top = below_;
}

void Activation::hide_marks() {
  instance_.set_entered(callee_, stop_, false);
}

void Activation::show_marks() {
  instance_.set_entered(callee_, stop_, true);
}

}  // namespace spindle::component
