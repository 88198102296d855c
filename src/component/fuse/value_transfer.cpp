#include "component/fuse/value_transfer.h"

#include <algorithm>
#include <array>
#include <map>

namespace spindle::component {
namespace {

constexpr uint32_t kPageShift = 16;
constexpr uint32_t kTupleAlignMax = 8;

uint32_t flag_mask(TypeRef type) {
  return type->count >= 32 ? UINT32_MAX : (1U << type->count) - 1;
}

}  // namespace

// ---- types ----

bool TransferTypes::is_supported(TypeRef type) {
  return facts(type).supported;
}
bool TransferTypes::needs_check(TypeRef type) {
  return facts(type).needs_check;
}
bool TransferTypes::is_raw(TypeRef type) {
  return facts(type).raw;
}

const TransferTypes::Facts& TransferTypes::facts(TypeRef type) {
  auto found = known_.find(type);
  if (found == known_.end()) found = known_.emplace(type, examine(type)).first;
  return found->second;
}

TransferTypes::Facts TransferTypes::examine(TypeRef type) {
  Facts facts;
  auto include = [&](TypeRef part) {
    if (part == nullptr) return;
    const Facts& known = this->facts(part);
    facts.supported &= known.supported;
    facts.needs_check |= known.needs_check;
    facts.raw &= known.raw;
  };
  uint64_t packed = 0;
  switch (type->shape) {
    case TypeShape::Scalar:
      facts.raw = type->kind != TypeKind::Bool;
      facts.needs_check = type->kind == TypeKind::Char;
      break;
    case TypeShape::Flags: facts.raw = type->count == 8 * type->size; break;
    case TypeShape::Handle: facts.supported = false; break;
    case TypeShape::String: facts.needs_check = true; break;
    case TypeShape::List:
      include(type->element);
      facts.needs_check = true;
      facts.raw = false;
      break;
    case TypeShape::FixedList:
      facts.raw = true;
      include(type->element);
      break;
    case TypeShape::Record:
      facts.raw = true;
      for (const TypeMember& member : type->members) {
        include(member.type);
        packed += member.type->size;
      }
      // Padding is not part of the value and stays what the receiver has there.
      facts.raw &= packed == type->size;
      break;
    case TypeShape::Variant:
      for (const TypeMember& member : type->members) include(member.type);
      facts.needs_check = true;
      facts.raw = type->size == type->discriminant_size;
      break;
  }
  return facts;
}

// ---- pieces of code ----

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

// ---- checks ----

void ValueTransfer::check_char(CodeLocal point) {
  // Below 0x110000 and no surrogate.
  code_.get(point);
  code_.i32(0x110000);
  code_.op(Op::I32GeU);
  code_.get(point);
  code_.i32(0xd800);
  code_.op(Op::I32Sub);
  code_.i32(0x800);
  code_.op(Op::I32LtU);
  code_.op(Op::I32Or);
  trap(AdapterTrap::InvalidChar, {point, 0});
}

void ValueTransfer::check_discriminant(TypeRef type, CodeLocal found) {
  const auto cases = static_cast<uint32_t>(type->members.size());
  code_.get(found);
  code_.i32(cases);
  code_.op(Op::I32GeU);
  trap(AdapterTrap::InvalidDiscriminant, {found, cases});
}

void ValueTransfer::check_alignment(CodeLocal pointer, uint32_t align, AdapterTrap trap) {
  if (align == 1) return;
  code_.get(pointer);
  code_.i32(align - 1);
  code_.op(Op::I32And);
  this->trap(trap);
}

void ValueTransfer::check_bounds(CodeLocal pointer, uint32_t memory, AdapterTrap trap) {
  code_.get(pointer);
  code_.op(Op::I64ExtendI32U);
  code_.op(Op::I64Add);
  code_.memory_size(memory);
  code_.op(Op::I64ExtendI32U);
  code_.i64(kPageShift);
  code_.op(Op::I64Shl);
  code_.op(Op::I64GtU);
  this->trap(trap);
}

void ValueTransfer::check_pointer(TypeRef type, CodeLocal pointer, uint32_t memory) {
  check_alignment(pointer, type->align, AdapterTrap::UnalignedPointer);
  code_.i64(type->size);
  check_bounds(pointer, memory, AdapterTrap::PointerOutOfBounds);
}

void ValueTransfer::check_list(TypeRef type, Range range) {
  const TypeRef element = type->element;
  check_alignment(range.pointer, element->align, AdapterTrap::UnalignedPointer);
  code_.get(range.length);
  code_.i32(ValueType::kByteSizeMax / element->size);
  code_.op(Op::I32GtU);
  trap(AdapterTrap::ListOutOfBounds);
  code_.get(range.length);
  code_.op(Op::I64ExtendI32U);
  code_.i64(element->size);
  code_.op(Op::I64Mul);
  check_bounds(range.pointer, from(), AdapterTrap::ListOutOfBounds);
  if (!types_.needs_check(element)) return;
  const CodeLocal cursor = code_.local(FlatType::I32);
  const CodeLocal end = code_.local(FlatType::I32);
  code_.get(range.pointer);
  code_.tee(cursor);
  code_.get(range.length);
  code_.i32(element->size);
  code_.op(Op::I32Mul);
  code_.op(Op::I32Add);
  code_.set(end);
  for_each(cursor, end, element->size, [&] { check_memory(element, {cursor, 0}); });
}

void ValueTransfer::check_flat(TypeRef type, Slots from) {
  if (is_full() || !types_.needs_check(type)) return;
  switch (type->shape) {
    case TypeShape::Scalar: return check_char(word(from[0]));
    case TypeShape::String: return check_string(range(from));
    case TypeShape::List: return check_list(type, range(from));
    case TypeShape::FixedList:
      for (uint32_t i = 0; i < type->count; ++i) {
        check_flat(type->element, from.subspan(size_t{i} * type->element->flat_count));
      }
      return;
    case TypeShape::Record:
      for (const TypeMember& field : type->members) {
        check_flat(field.type, from);
        from = from.subspan(field.type->flat_count);
      }
      return;
    case TypeShape::Variant: {
      const CodeLocal found = word(from[0]);
      check_discriminant(type, found);
      for_payload(
          type, found, [this](TypeRef payload) { return types_.needs_check(payload); },
          [&](TypeRef payload) { check_flat(payload, from.subspan(1)); });
      return;
    }
    default: return;
  }
}

void ValueTransfer::check_memory(TypeRef type, Address from) {
  if (is_full() || !types_.needs_check(type)) return;
  switch (type->shape) {
    case TypeShape::Scalar: return check_char(load_word(from, 4));
    case TypeShape::String: return check_string(load_range(from));
    case TypeShape::List: return check_list(type, load_range(from));
    case TypeShape::FixedList:
      for (uint32_t i = 0; i < type->count && !is_full(); ++i) {
        check_memory(type->element, from.plus(i * type->element->size));
      }
      return;
    case TypeShape::Record:
      for (const TypeMember& field : type->members) {
        check_memory(field.type, from.plus(field.offset));
      }
      return;
    case TypeShape::Variant: {
      const CodeLocal found = load_word(from, type->discriminant_size);
      check_discriminant(type, found);
      for_payload(
          type, found, [this](TypeRef payload) { return types_.needs_check(payload); },
          [&](TypeRef payload) { check_memory(payload, from.plus(type->payload_offset)); });
      return;
    }
    default: return;
  }
}

// ---- copies ----

CodeLocal ValueTransfer::allocate(uint32_t align) {
  const CodeLocal size = code_.local(FlatType::I32);
  const CodeLocal pointer = code_.local(FlatType::I32);
  const std::optional<uint32_t> flags = ends_.to.flags;
  code_.set(size);
  if (flags) set_flag(code_, *flags, kFlagMayNotLeave);
  code_.i32(0);
  code_.i32(0);
  code_.i32(align);
  code_.get(size);
  const PlannedSignature signature{std::vector<FlatType>(4, FlatType::I32), {FlatType::I32}};
  code_.call(links_.function(*ends_.to.options->realloc, signature));
  code_.set(pointer);
  if (flags) clear_flag(code_, *flags, kFlagMayNotLeave);
  check_alignment(pointer, align, AdapterTrap::ReallocMisaligned);
  code_.get(size);
  code_.op(Op::I64ExtendI32U);
  check_bounds(pointer, to(), AdapterTrap::ReallocOutOfBounds);
  return pointer;
}

void ValueTransfer::normalize(TypeRef type) {
  switch (type->kind) {
    case TypeKind::Bool:
      code_.i32(0);
      code_.op(Op::I32Ne);
      break;
    case TypeKind::S8: code_.op(Op::I32Extend8S); break;
    case TypeKind::S16: code_.op(Op::I32Extend16S); break;
    case TypeKind::U8:
      code_.i32(0xff);
      code_.op(Op::I32And);
      break;
    case TypeKind::U16:
      code_.i32(0xffff);
      code_.op(Op::I32And);
      break;
    case TypeKind::Flags:
      if (type->count >= 32) break;
      code_.i32(flag_mask(type));
      code_.op(Op::I32And);
      break;
    default: break;
  }
}

void ValueTransfer::copy_scalar(TypeRef type, CodeLocal from, CodeLocal to) {
  const FlatType flat = type->flat[0];
  const bool is_word = flat == FlatType::I32 || flat == FlatType::F32;
  // In a slot that 64-bit cases share, 32-bit values are zero-extended.
  const bool is_widened = is_word && from.type == FlatType::I64;
  code_.get(from);
  if (is_widened) code_.op(Op::I32WrapI64);
  if (flat == FlatType::I32) normalize(type);
  if (type->shape == TypeShape::Handle) pass_handle(type);
  if (is_widened) code_.op(Op::I64ExtendI32U);
  code_.set(to);
}

void ValueTransfer::copy_flat(TypeRef type, Slots from, Slots to) {
  if (is_full()) return;
  switch (type->shape) {
    case TypeShape::Scalar:
    case TypeShape::Flags:
    case TypeShape::Handle: return copy_scalar(type, from[0], to[0]);
    case TypeShape::String:
    case TypeShape::List: {
      const Range copied = copy_range(type, range(from));
      const std::array words{copied.pointer, copied.length};
      for (size_t i = 0; i < words.size(); ++i) {
        code_.get(words[i]);
        if (to[i].type == FlatType::I64) code_.op(Op::I64ExtendI32U);
        code_.set(to[i]);
      }
      return;
    }
    case TypeShape::FixedList:
      for (uint32_t i = 0; i < type->count; ++i) {
        const size_t at = size_t{i} * type->element->flat_count;
        copy_flat(type->element, from.subspan(at), to.subspan(at));
      }
      return;
    case TypeShape::Record:
      for (const TypeMember& field : type->members) {
        copy_flat(field.type, from, to);
        from = from.subspan(field.type->flat_count);
        to = to.subspan(field.type->flat_count);
      }
      return;
    case TypeShape::Variant: {
      const CodeLocal found = word(from[0]);
      code_.get(found);
      if (to[0].type == FlatType::I64) code_.op(Op::I64ExtendI32U);
      code_.set(to[0]);
      for_payload(
          type, found, [](TypeRef) { return true; },
          [&](TypeRef payload) { copy_flat(payload, from.subspan(1), to.subspan(1)); });
      return;
    }
  }
}

void ValueTransfer::copy_bytes(Address from, Address to, uint32_t size) {
  // A copy by the engine is a call; a few loads and stores are less.
  constexpr uint32_t kInlineMax = 8 * kTupleAlignMax;
  auto address = [this](Address at) {
    code_.get(at.pointer);
    if (at.offset == 0) return;
    code_.i32(at.offset);
    code_.op(Op::I32Add);
  };
  if (size > kInlineMax) {
    address(to);
    address(from);
    code_.i32(size);
    code_.memory_copy(this->to(), this->from());
    return;
  }
  for (uint32_t at = 0; at < size;) {
    uint32_t piece = 8;
    while (piece > size - at) piece /= 2;
    code_.get(to.pointer);
    code_.get(from.pointer);
    code_.load({this->from(), from.offset + at}, piece);
    code_.store({this->to(), to.offset + at}, piece);
    at += piece;
  }
}

ValueTransfer::Range ValueTransfer::copy_range(TypeRef type, Range range) {
  return type->shape == TypeShape::String ? copy_string(range) : copy_list(type, range);
}

ValueTransfer::Range ValueTransfer::copy_list(TypeRef type, Range range) {
  const TypeRef element = type->element;
  const CodeLocal size = code_.local(FlatType::I32);
  code_.get(range.length);
  code_.i32(element->size);
  code_.op(Op::I32Mul);
  code_.tee(size);
  const CodeLocal pointer = allocate(element->align);
  if (types_.is_raw(element)) {
    code_.get(pointer);
    code_.get(range.pointer);
    code_.get(size);
    code_.memory_copy(to(), from());
    return {pointer, range.length};
  }
  const CodeLocal cursor = code_.local(FlatType::I32);
  const CodeLocal end = code_.local(FlatType::I32);
  const CodeLocal target = code_.local(FlatType::I32);
  code_.get(pointer);
  code_.set(target);
  code_.get(range.pointer);
  code_.tee(cursor);
  code_.get(size);
  code_.op(Op::I32Add);
  code_.set(end);
  for_each(cursor, end, element->size, [&] {
    copy_memory(element, {cursor, 0}, {target, 0});
    code_.get(target);
    code_.i32(element->size);
    code_.op(Op::I32Add);
    code_.set(target);
  });
  return {pointer, range.length};
}

void ValueTransfer::pass_handle(TypeRef type) {
  const bool is_own = type->kind == TypeKind::Own;
  const bool to_callee = ends_.kind == TransferKind::ToCallee;
  if (!is_own) {
    // The handle is on the stack; the scope goes below it.
    const CodeLocal handle = code_.local(FlatType::I32);
    code_.set(handle);
    code_.get(*ends_.scope);
    code_.get(handle);
  }
  code_.i32(type->resource.value);
  code_.call(helper(!is_own     ? AdapterHelper::BorrowToCallee
                    : to_callee ? AdapterHelper::OwnToCallee
                                : AdapterHelper::OwnToCaller));
}

void ValueTransfer::copy_variant_memory(TypeRef type, Address from, Address to) {
  const CodeLocal found = load_word(from, type->discriminant_size);
  code_.get(to.pointer);
  code_.get(found);
  code_.store({this->to(), to.offset}, type->discriminant_size);
  for_payload(
      type, found, [](TypeRef) { return true; },
      [&](TypeRef payload) {
        copy_memory(payload, from.plus(type->payload_offset), to.plus(type->payload_offset));
      });
}

void ValueTransfer::copy_memory(TypeRef type, Address from, Address to) {
  if (is_full()) return;
  if (types_.is_raw(type)) return copy_bytes(from, to, type->size);
  switch (type->shape) {
    case TypeShape::Scalar:
    case TypeShape::Flags:
    case TypeShape::Handle:
      code_.get(to.pointer);
      code_.get(from.pointer);
      code_.load({this->from(), from.offset}, type->size);
      normalize(type);
      if (type->shape == TypeShape::Handle) pass_handle(type);
      code_.store({this->to(), to.offset}, type->size);
      return;
    case TypeShape::String:
    case TypeShape::List: {
      const Range copied = copy_range(type, load_range(from));
      code_.get(to.pointer);
      code_.get(copied.pointer);
      code_.store({this->to(), to.offset}, 4);
      code_.get(to.pointer);
      code_.get(copied.length);
      code_.store({this->to(), to.offset + 4}, 4);
      return;
    }
    case TypeShape::FixedList:
      for (uint32_t i = 0; i < type->count && !is_full(); ++i) {
        const uint32_t at = i * type->element->size;
        copy_memory(type->element, from.plus(at), to.plus(at));
      }
      return;
    case TypeShape::Record:
      for (const TypeMember& field : type->members) {
        copy_memory(field.type, from.plus(field.offset), to.plus(field.offset));
      }
      return;
    case TypeShape::Variant: return copy_variant_memory(type, from, to);
  }
}

}  // namespace spindle::component
