#include "component/fuse/value_transfer.h"

namespace spindle::component {
namespace {

constexpr uint32_t kPageShift = 16;

}  // namespace

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

}  // namespace spindle::component
