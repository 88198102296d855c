#include "component/host/resource.h"

#include <fmt/format.h>

namespace spindle::component {

HostResource::~HostResource() = default;

HostResourceTable::~HostResourceTable() {
  clear();
}

Result<uint32_t> HostResourceTable::add(std::unique_ptr<HostResource> resource) {
  VERIFY(resource != nullptr);
  if (size_ >= limit_) {
    return Error::limit_exceeded(
        fmt::format("a guest holds more than {} host resources at a time", limit_));
  }
  uint32_t rep = free_;
  if (rep != kNone) {
    free_ = slots_[rep].older;
  } else {
    rep = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  }
  resource->slot_ = rep;
  slots_[rep] = {std::move(resource), newest_, kNone};
  if (newest_ != kNone) slots_[newest_].newer = rep;
  newest_ = rep;
  ++size_;
  return rep;
}

HostResource& HostResourceTable::get(uint32_t rep) const {
  VERIFY(rep < slots_.size() && slots_[rep].resource != nullptr);
  return *slots_[rep].resource;
}

std::unique_ptr<HostResource> HostResourceTable::take(uint32_t rep) {
  VERIFY(rep < slots_.size() && slots_[rep].resource != nullptr);
  Slot& slot = slots_[rep];
  if (slot.older != kNone) slots_[slot.older].newer = slot.newer;
  if (slot.newer != kNone) slots_[slot.newer].older = slot.older;
  if (newest_ == rep) newest_ = slot.older;
  std::unique_ptr<HostResource> resource = std::move(slot.resource);
  resource->slot_ = HostResource::kNoSlot;
  slot.older = free_;
  free_ = rep;
  --size_;
  return resource;
}

uint32_t HostResourceTable::rep_of(const HostResource& resource) const {
  VERIFY(resource.slot_ < slots_.size() && slots_[resource.slot_].resource.get() == &resource);
  return resource.slot_;
}

Result<void> HostResourceTable::drop(uint32_t rep) {
  TRY(get(rep).before_guest_drop());
  take(rep);
  return {};
}

void HostResourceTable::clear() {
  while (newest_ != kNone) take(newest_);
}

}  // namespace spindle::component
