#include "component/async/waitable.h"

#include "base/verify.h"

namespace spindle::component {

// Where a member stands: in one of its set's two lists.
void Waitable::enlist() {
  std::list<Waitable*>& list = has_event_ ? set_->ready_ : set_->idle_;
  place_ = list.insert(list.end(), this);
}

void Waitable::unlist() {
  (has_event_ ? set_->ready_ : set_->idle_).erase(place_);
}

Waitable::~Waitable() {
  join(nullptr);
}

void Waitable::set_event() {
  if (!has_event_) {
    if (set_ != nullptr) {
      set_->ready_.splice(set_->ready_.end(), set_->idle_, place_);
    }
    has_event_ = true;
  }
  target_->wake();
}

void Waitable::clear_event() {
  if (!has_event_) return;
  if (set_ != nullptr) set_->idle_.splice(set_->idle_.end(), set_->ready_, place_);
  has_event_ = false;
}

WaitEvent Waitable::take_event() {
  VERIFY(has_event_);
  clear_event();
  return deliver();
}

void Waitable::join(WaitableSet* set) {
  if (set_ != nullptr) {
    unlist();
    --set_->members_;
  }
  set_ = set;
  if (set_ == nullptr) return;
  enlist();
  ++set_->members_;
  if (has_event_) target_->wake();
}

WaitableSet::~WaitableSet() {
  // Members may outlive their set when a whole instance goes.
  for (std::list<Waitable*>* list : {&ready_, &idle_}) {
    for (Waitable* member : *list) member->set_ = nullptr;
  }
}

WaitEvent WaitableSet::take_event() {
  VERIFY(!ready_.empty());
  return ready_.front()->take_event();
}

}  // namespace spindle::component
