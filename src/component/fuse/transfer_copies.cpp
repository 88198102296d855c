#include <array>

#include "component/fuse/value_transfer.h"

namespace spindle::component {
namespace {

constexpr uint32_t kInlineCopyMax = 64;

uint32_t flag_mask(TypeRef type) {
  return type->count >= 32 ? UINT32_MAX : (1U << type->count) - 1;
}

}  // namespace

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
  auto address = [this](Address at) {
    code_.get(at.pointer);
    if (at.offset == 0) return;
    code_.i32(at.offset);
    code_.op(Op::I32Add);
  };
  if (size > kInlineCopyMax) {
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
