#include <cstring>

#include <fmt/format.h>

#include "component/values/lift_lower.h"

namespace spindle::component {
namespace {

constexpr uint64_t kByteLengthMax = (1U << 28) - 1;

void store(std::span<uint8_t> memory, uint32_t pointer, uint64_t bits, uint32_t size) {
  std::memcpy(memory.data() + pointer, &bits, size);
}

Result<void> store_value(AbiSide& side, const ValueType& type, const DynamicValue& value,
                         uint32_t pointer);

// Values come from a lift of the same type or from a caller that checked them; a mismatch is ours.
Error mismatch() {
  return Error::internal("a value does not have its type's shape");
}

Result<uint32_t> lower_handle(AbiSide& side, const ValueType& type, const DynamicValue& value) {
  if (!type.is_object()) return side.lower_handle(type, value.bits);
  if (value.object == nullptr) return mismatch();
  return side.lower_object(type, *value.object);
}

Result<StringRange> lower_list(AbiSide& side, const ValueType& type, const DynamicValue& value) {
  const ValueType& element = *type.element;
  const bool raw = element.copyable && value.items.empty();
  const uint64_t length = raw ? value.bytes.size() / element.size : value.items.size();
  const uint64_t size = length * element.size;
  if (size > kByteLengthMax) return Error::trap("list content out-of-bounds: the list is too long");
  const uint32_t pointer = TRY(side.allocate({0, 0, element.align, static_cast<uint32_t>(size)}));
  if (raw) {
    if (size > 0) std::memcpy(side.memory().data() + pointer, value.bytes.data(), size);
  } else {
    uint32_t at = pointer;
    for (const DynamicValue& item : value.items) {
      TRY(store_value(side, element, item, at));
      at += element.size;
    }
  }
  return StringRange{pointer, static_cast<uint32_t>(length)};
}

Result<StringRange> lower_range(AbiSide& side, const ValueType& type, const DynamicValue& value) {
  if (type.shape == TypeShape::String) return lower_string(side, value);
  return lower_list(side, type, value);
}

Result<void> store_members(AbiSide& side, const ValueType& type, const DynamicValue& value,
                           uint32_t pointer) {
  if (value.items.size() != type.members.size()) return mismatch();
  for (size_t i = 0; i < type.members.size(); ++i) {
    const TypeMember& field = type.members[i];
    TRY(store_value(side, *field.type, value.items[i], pointer + field.offset));
  }
  return {};
}

Result<void> store_variant(AbiSide& side, const ValueType& type, const DynamicValue& value,
                           uint32_t pointer) {
  if (value.bits >= type.members.size()) return mismatch();
  store(side.memory(), pointer, value.bits, type.discriminant_size);
  TypeRef payload = type.members[value.bits].type;
  if (payload == nullptr) return {};
  if (value.items.size() != 1) return mismatch();
  return store_value(side, *payload, value.items[0], pointer + type.payload_offset);
}

Result<void> store_fixed_list(AbiSide& side, const ValueType& type, const DynamicValue& value,
                              uint32_t pointer) {
  if (type.element->copyable && value.items.empty()) {
    if (value.bytes.size() != type.size) return mismatch();
    std::memcpy(side.memory().data() + pointer, value.bytes.data(), type.size);
    return {};
  }
  if (value.items.size() != type.count) return mismatch();
  for (uint32_t i = 0; i < type.count; ++i) {
    TRY(store_value(side, *type.element, value.items[i], pointer + i * type.element->size));
  }
  return {};
}

// The place lies in bounds and aligned.
Result<void> store_value(AbiSide& side, const ValueType& type, const DynamicValue& value,
                         uint32_t pointer) {
  switch (type.shape) {
    case TypeShape::Scalar:
    case TypeShape::Flags: store(side.memory(), pointer, value.bits, type.size); return {};
    case TypeShape::Handle: {
      const uint32_t index = TRY(lower_handle(side, type, value));
      store(side.memory(), pointer, index, 4);
      return {};
    }
    case TypeShape::String:
    case TypeShape::List: {
      const StringRange range = TRY(lower_range(side, type, value));
      store(side.memory(), pointer, range.pointer, 4);
      store(side.memory(), pointer + 4, range.length, 4);
      return {};
    }
    case TypeShape::FixedList: return store_fixed_list(side, type, value, pointer);
    case TypeShape::Record: return store_members(side, type, value, pointer);
    case TypeShape::Variant: return store_variant(side, type, value, pointer);
  }
  return mismatch();
}

// Scalars in a flat slot: 32-bit kinds lose their sign extension.
uint64_t flat_bits(const ValueType& type, uint64_t bits) {
  return type.flat[0] == FlatType::I64 || type.flat[0] == FlatType::F64
             ? bits
             : static_cast<uint32_t>(bits);
}

Result<void> lower_flat_variant(AbiSide& side, const ValueType& type, const DynamicValue& value,
                                std::vector<uint64_t>& flat) {
  if (value.bits >= type.members.size()) return mismatch();
  const size_t start = flat.size();
  flat.push_back(value.bits);
  if (TypeRef payload = type.members[value.bits].type; payload != nullptr) {
    if (value.items.size() != 1) return mismatch();
    TRY(lower_flat(side, *payload, value.items[0], flat));
  }
  flat.resize(start + type.flat_count, 0);
  return {};
}

}  // namespace

Result<void> lower_flat(AbiSide& side, const ValueType& type, const DynamicValue& value,
                        std::vector<uint64_t>& flat) {
  switch (type.shape) {
    case TypeShape::Scalar:
    case TypeShape::Flags: flat.push_back(flat_bits(type, value.bits)); return {};
    case TypeShape::Handle: {
      const uint32_t index = TRY(lower_handle(side, type, value));
      flat.push_back(index);
      return {};
    }
    case TypeShape::String:
    case TypeShape::List: {
      const StringRange range = TRY(lower_range(side, type, value));
      flat.push_back(range.pointer);
      flat.push_back(range.length);
      return {};
    }
    case TypeShape::FixedList: {
      const std::vector<DynamicValue> elements = list_elements(value, type);
      if (elements.size() != type.count) return mismatch();
      for (const DynamicValue& element : elements) {
        TRY(lower_flat(side, *type.element, element, flat));
      }
      return {};
    }
    case TypeShape::Record:
      if (value.items.size() != type.members.size()) return mismatch();
      for (size_t i = 0; i < type.members.size(); ++i) {
        TRY(lower_flat(side, *type.members[i].type, value.items[i], flat));
      }
      return {};
    case TypeShape::Variant: return lower_flat_variant(side, type, value, flat);
  }
  return mismatch();
}

Result<void> lower_memory(AbiSide& side, const ValueType& type, const DynamicValue& value,
                          uint32_t pointer) {
  if (pointer % type.align != 0) return Error::trap("unaligned pointer");
  if (uint64_t{pointer} + type.size > side.memory().size()) {
    return Error::trap("pointer out of bounds of memory");
  }
  return store_value(side, type, value, pointer);
}

PassedObject::~PassedObject() = default;

Result<std::shared_ptr<PassedObject>> AbiSide::lift_object(const ValueType&, uint32_t) {
  return Error::not_supported("streams, futures and error contexts cannot be passed here");
}

Result<uint32_t> AbiSide::lower_object(const ValueType&, PassedObject&) {
  return Error::not_supported("streams, futures and error contexts cannot be passed here");
}

Result<uint32_t> AbiSide::allocate(const ReallocRequest& request) {
  const uint32_t pointer = TRY(realloc(request));
  if (pointer % request.align != 0) return Error::trap("realloc return: result not aligned");
  if (uint64_t{pointer} + request.new_size > memory().size()) {
    return Error::trap("realloc return: beyond end of memory");
  }
  return pointer;
}

}  // namespace spindle::component
