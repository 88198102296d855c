#include "component/fuse/value_transfer.h"

#include <algorithm>
#include <map>

namespace spindle::component {

void trap_always(FunctionCode& code, AdapterLinks& links, AdapterTrap trap, TrapDetail detail) {
  code.i32(static_cast<uint32_t>(trap));
  if (detail.found) {
    code.get(*detail.found);
  } else {
    code.i32(0);
  }
  code.i32(detail.expected);
  code.call(links.helper(AdapterHelper::Trap, {}));
  code.op(Op::Unreachable);
}

void trap_if(FunctionCode& code, AdapterLinks& links, AdapterTrap trap, TrapDetail detail) {
  code.begin_if();
  trap_always(code, links, trap, detail);
  code.end();
}

void set_flag(FunctionCode& code, uint32_t flags, uint32_t bit) {
  code.get_global(flags);
  code.i32(bit);
  code.op(Op::I32Or);
  code.set_global(flags);
}

void clear_flag(FunctionCode& code, uint32_t flags, uint32_t bit) {
  code.get_global(flags);
  code.i32(~bit);
  code.op(Op::I32And);
  code.set_global(flags);
}

CodeLocal ValueTransfer::word(CodeLocal slot) {
  if (slot.type == FlatType::I32) return slot;
  const CodeLocal made = code_.local(FlatType::I32);
  code_.get(slot);
  code_.op(Op::I32WrapI64);
  code_.set(made);
  return made;
}

CodeLocal ValueTransfer::load_word(Address from, uint32_t size) {
  const CodeLocal made = code_.local(FlatType::I32);
  code_.get(from.pointer);
  code_.load({this->from(), from.offset}, size);
  code_.set(made);
  return made;
}

ValueTransfer::Range ValueTransfer::load_range(Address from) {
  const CodeLocal pointer = load_word(from, 4);
  return {pointer, load_word(from.plus(4), 4)};
}

void ValueTransfer::for_each(CodeLocal cursor, CodeLocal end, uint32_t step,
                             const std::function<void()>& body) {
  code_.block();
  const uint32_t done = code_.depth();
  code_.loop();
  const uint32_t again = code_.depth();
  code_.get(cursor);
  code_.get(end);
  code_.op(Op::I32Eq);
  code_.branch_if(done);
  body();
  code_.get(cursor);
  code_.i32(step);
  code_.op(Op::I32Add);
  code_.set(cursor);
  code_.branch(again);
  code_.end();
  code_.end();
}

void ValueTransfer::for_payload(TypeRef type, CodeLocal discriminant,
                                const std::function<bool(TypeRef)>& interesting,
                                const std::function<void(TypeRef)>& body) {
  // Payload types in the order of their first case, and which of them each case has.
  std::vector<TypeRef> payloads;
  std::map<TypeRef, uint32_t> number;
  std::vector<std::optional<uint32_t>> cases;
  for (const TypeMember& member : type->members) {
    auto& found = cases.emplace_back();
    if (member.type == nullptr || !interesting(member.type)) continue;
    auto [place, is_new] = number.try_emplace(member.type, payloads.size());
    if (is_new) payloads.push_back(member.type);
    found = place->second;
  }
  if (payloads.empty() || is_full()) return;
  if (payloads.size() == 1 && std::ranges::count(cases, std::optional<uint32_t>(0)) == 1) {
    const auto at = std::ranges::find(cases, std::optional<uint32_t>(0)) - cases.begin();
    code_.get(discriminant);
    code_.i32(static_cast<uint32_t>(at));
    code_.op(Op::I32Eq);
    code_.begin_if();
    body(payloads[0]);
    code_.end();
    return;
  }
  code_.block();
  const uint32_t done = code_.depth();
  for (size_t i = 0; i < payloads.size(); ++i) code_.block();
  const uint32_t innermost = code_.depth();
  std::vector<uint32_t> targets;
  targets.reserve(cases.size());
  for (const auto& found : cases) targets.push_back(found ? innermost - *found : done);
  code_.get(discriminant);
  code_.branch_table(targets, done);
  for (TypeRef payload : payloads) {
    code_.end();
    body(payload);
    code_.branch(done);
  }
  code_.end();
}

}  // namespace spindle::component
