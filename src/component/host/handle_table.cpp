#include "component/host/handle_table.h"

#include <algorithm>

#include <fmt/format.h>

namespace spindle::component {

void CallScope::add_lend(Lend lend) {
  if (lend_count_ < first_lends_.size()) {
    first_lends_[lend_count_] = lend;
  } else {
    more_lends_.push_back(lend);
  }
  ++lend_count_;
}

void CallScope::take_lends(CallScope& other) {
  VERIFY(lend_count_ == 0);
  first_lends_ = other.first_lends_;
  more_lends_ = std::move(other.more_lends_);
  lend_count_ = other.lend_count_;
  other.more_lends_.clear();
  other.lend_count_ = 0;
}

void CallScope::end_lends() {
  auto end = [](const Lend& lend) { --lend.table->entries_[lend.index - 1].lends; };
  const size_t first = std::min<size_t>(lend_count_, first_lends_.size());
  std::for_each_n(first_lends_.begin(), first, end);
  std::ranges::for_each(more_lends_, end);
  more_lends_.clear();
  lend_count_ = 0;
}

Result<void> CallScope::check_no_borrows() const {
  if (borrow_count_ == 0) return {};
  return Error::trap("borrow handles still remain at the end of the call");
}

TableObject::~TableObject() = default;

namespace {

Error unknown_index(uint32_t index) {
  return Error::trap(fmt::format("unknown handle index {}", index));
}

Error wrong_type(uint32_t index, std::string_view expected) {
  return Error::trap(
      fmt::format("handle index {} used with the wrong type, expected {}", index, expected));
}

Error still_lent() {
  return Error::trap("cannot remove owned resource while borrowed");
}

}  // namespace

Result<uint32_t> HandleTable::add(Entry entry) {
  if (size_ >= limit_) {
    return Error::limit_exceeded(fmt::format("a guest holds more than {} handles", limit_));
  }
  ++size_;
  if (free_ != 0) {
    const uint32_t index = free_;
    free_ = entries_[index - 1].rep;
    entries_[index - 1] = std::move(entry);
    return index;
  }
  entries_.push_back(std::move(entry));
  return static_cast<uint32_t>(entries_.size());
}

Result<const HandleTable::Entry*> HandleTable::find(uint32_t index) const {
  if (index == 0 || index > entries_.size() || entries_[index - 1].kind == Kind::Free) {
    return unknown_index(index);
  }
  return &entries_[index - 1];
}

Result<HandleTable::Entry*> HandleTable::find_resource(uint32_t index, const ResourceType& type) {
  const Entry* entry = TRY(find(index));
  if (entry->type != &type) return wrong_type(index, type.name);
  return &entries_[index - 1];
}

void HandleTable::remove(uint32_t index) {
  Entry& entry = entries_[index - 1];
  entry = {};
  entry.rep = free_;
  free_ = index;
  --size_;
}

Result<uint32_t> HandleTable::add_own(const ResourceType& type, uint32_t rep) {
  return add({.kind = Kind::Own, .rep = rep, .type = &type});
}

Result<uint32_t> HandleTable::add_borrow(const ResourceType& type, uint32_t rep, CallScope& scope) {
  const uint32_t index =
      TRY(add({.kind = Kind::Borrow, .rep = rep, .type = &type, .scope = &scope}));
  ++scope.borrow_count_;
  return index;
}

Result<uint32_t> HandleTable::take_own(uint32_t index, const ResourceType& type) {
  const Entry* entry = TRY(find_resource(index, type));
  if (entry->kind == Kind::Borrow) return Error::trap("cannot lift own resource from a borrow");
  if (entry->lends != 0) return still_lent();
  const uint32_t rep = entry->rep;
  remove(index);
  return rep;
}

Result<uint32_t> HandleTable::lend(uint32_t index, const ResourceType& type, CallScope& scope) {
  Entry* entry = TRY(find_resource(index, type));
  ++entry->lends;
  scope.add_lend({this, index});
  return entry->rep;
}

Result<uint32_t> HandleTable::rep(uint32_t index, const ResourceType& type) const {
  const Entry* entry = TRY(find(index));
  if (entry->type != &type) return wrong_type(index, type.name);
  return entry->rep;
}

Result<HandleTable::Dropped> HandleTable::drop(uint32_t index, const ResourceType& type) {
  const Entry* entry = TRY(find_resource(index, type));
  if (entry->lends != 0) return still_lent();
  const Dropped dropped{entry->rep, entry->kind == Kind::Own};
  if (!dropped.was_own) --entry->scope->borrow_count_;
  remove(index);
  return dropped;
}

Result<uint32_t> HandleTable::add_object(std::unique_ptr<TableObject> object) {
  VERIFY(object != nullptr);
  Entry entry;
  entry.kind = Kind::Object;
  entry.object = std::move(object);
  return add(std::move(entry));
}

Result<TableObject*> HandleTable::object(uint32_t index) const {
  const Entry* entry = TRY(find(index));
  if (entry->kind != Kind::Object) return wrong_type(index, "a waitable or a set");
  return entry->object.get();
}

Result<std::unique_ptr<TableObject>> HandleTable::take_object(uint32_t index) {
  TRY(object(index));
  std::unique_ptr<TableObject> taken = std::move(entries_[index - 1].object);
  remove(index);
  return taken;
}

}  // namespace spindle::component
