#include "wasi/core/resource.h"

namespace spindle::wasi {

Parent::~Parent() {
  for (Child* child = first_; child != nullptr;) {
    Child* next = child->next_;
    child->parent_ = nullptr;
    child->previous_ = nullptr;
    child->next_ = nullptr;
    child = next;
  }
}

Child::Child(Parent& parent) : parent_(&parent), next_(parent.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  parent.first_ = this;
  ++parent.child_count_;
}

Child::~Child() {
  if (parent_ == nullptr) return;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    parent_->first_ = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
  --parent_->child_count_;
}

}  // namespace spindle::wasi
