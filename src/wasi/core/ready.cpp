#include "wasi/core/ready.h"

#include <deque>

namespace spindle::wasi {

ReadySource::~ReadySource() {
  for (Watch* watch = watches_; watch != nullptr; watch = watch->next_) watch->source_ = nullptr;
}

void ReadySource::notify() {
  for (Watch* watch = watches_; watch != nullptr; watch = watch->next_) watch->event_.set();
}

io::Task<void> ReadySource::wait() {
  if (is_ready()) co_return;
  io::Event changed(loop_);
  Watch watch(*this, changed);
  prepare_wait();
  while (!is_ready()) {
    co_await changed.wait();
    changed.reset();
  }
}

Watch::Watch(ReadySource& source, io::Event& event)
    : source_(&source), event_(event), next_(source.watches_) {
  if (next_ != nullptr) next_->previous_ = this;
  source.watches_ = this;
}

Watch::~Watch() {
  if (source_ == nullptr) return;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    source_->watches_ = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
}

namespace {

bool any_ready(std::span<ReadySource* const> sources) {
  for (ReadySource* source : sources) {
    if (source->is_ready()) return true;
  }
  return false;
}

}  // namespace

io::Task<void> wait_for_any(io::EventLoop& loop, std::span<ReadySource* const> sources) {
  if (any_ready(sources)) co_return;
  io::Event changed(loop);
  std::deque<Watch> watches;
  for (ReadySource* source : sources) {
    watches.emplace_back(*source, changed);
    source->prepare_wait();
  }
  while (!any_ready(sources)) {
    co_await changed.wait();
    changed.reset();
  }
}

}  // namespace spindle::wasi
