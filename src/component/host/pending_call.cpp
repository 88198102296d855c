#include "component/host/pending_call.h"

namespace spindle::component {

PendingCall::Operation::~Operation() = default;

void PendingCall::keep(CallContext& call) {
  scope_.take_lends(call.scope());
  scratch_ = std::move(call.scratch());
}

void PendingCall::reset() {
  Operation* operation = std::exchange(operation_, nullptr);
  if (operation != nullptr) {
    if (is_inline_) {
      operation->~Operation();
    } else {
      delete operation;
    }
  }
  is_inline_ = true;
  scope_.end_lends();
  scratch_ = {};
}

}  // namespace spindle::component
