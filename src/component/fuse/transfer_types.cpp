#include "component/fuse/transfer_types.h"

namespace spindle::component {

bool TransferTypes::is_supported(TypeRef type) {
  return facts(type).supported;
}
bool TransferTypes::needs_check(TypeRef type) {
  return facts(type).needs_check;
}
bool TransferTypes::is_raw(TypeRef type) {
  return facts(type).raw;
}
bool TransferTypes::is_plain(TypeRef type) {
  return facts(type).plain;
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
    facts.plain &= known.plain;
  };
  uint64_t packed = 0;
  switch (type->shape) {
    case TypeShape::Scalar:
      facts.raw = type->kind != TypeKind::Bool;
      facts.needs_check = type->kind == TypeKind::Char;
      facts.plain = type->size >= 4 && type->kind != TypeKind::Char;
      break;
    case TypeShape::Flags: facts.raw = type->count == 8 * type->size; break;
    case TypeShape::Handle:
      facts.supported = type->kind == TypeKind::Own || type->kind == TypeKind::Borrow;
      break;
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
      facts.plain = true;
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

}  // namespace spindle::component
