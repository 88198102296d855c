#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "component/values/lift_lower.h"

namespace spindle::component {
namespace {

constexpr uint64_t kByteLengthMax = (1U << 28) - 1;
constexpr uint32_t kCanonicalNan32 = 0x7fc00000;
constexpr uint64_t kCanonicalNan64 = 0x7ff8000000000000;

Result<DynamicValue> lift_scalar(TypeKind kind, uint64_t bits) {
  switch (kind) {
    case TypeKind::Bool: return DynamicValue::scalar(static_cast<uint32_t>(bits) != 0 ? 1 : 0);
    case TypeKind::S8:
      return DynamicValue::scalar(static_cast<uint64_t>(int64_t{static_cast<int8_t>(bits)}));
    case TypeKind::U8: return DynamicValue::scalar(static_cast<uint8_t>(bits));
    case TypeKind::S16:
      return DynamicValue::scalar(static_cast<uint64_t>(int64_t{static_cast<int16_t>(bits)}));
    case TypeKind::U16: return DynamicValue::scalar(static_cast<uint16_t>(bits));
    case TypeKind::S32:
      return DynamicValue::scalar(static_cast<uint64_t>(int64_t{static_cast<int32_t>(bits)}));
    case TypeKind::U32: return DynamicValue::scalar(static_cast<uint32_t>(bits));
    case TypeKind::F32: {
      const auto pattern = static_cast<uint32_t>(bits);
      return DynamicValue::scalar(std::isnan(std::bit_cast<float>(pattern)) ? kCanonicalNan32
                                                                            : pattern);
    }
    case TypeKind::F64:
      return DynamicValue::scalar(std::isnan(std::bit_cast<double>(bits)) ? kCanonicalNan64 : bits);
    case TypeKind::Char: {
      const auto point = static_cast<uint32_t>(bits);
      if (point >= 0x110000 || (point >= 0xd800 && point < 0xe000)) {
        return Error::trap(fmt::format("invalid `char` bit pattern {:#x}", point));
      }
      return DynamicValue::scalar(point);
    }
    default: return DynamicValue::scalar(bits);
  }
}

uint64_t load(std::span<const uint8_t> memory, uint32_t pointer, uint32_t size) {
  uint64_t bits = 0;
  std::memcpy(&bits, memory.data() + pointer, size);
  return bits;
}

Result<void> spend(AbiSide& side, uint64_t bytes) {
  if (side.fuel() < bytes) return out_of_fuel();
  side.fuel() -= bytes;
  return {};
}

Result<DynamicValue> load_value(AbiSide& side, const ValueType& type, uint32_t pointer);

Result<DynamicValue> load_list(AbiSide& side, const ValueType& type, StringRange range) {
  const ValueType& element = *type.element;
  const uint64_t size = uint64_t{range.length} * element.size;
  if (range.pointer % element.align != 0) return Error::trap("unaligned pointer");
  const std::span<const uint8_t> memory = side.memory();
  if (size > kByteLengthMax || range.pointer + size > memory.size()) {
    return Error::trap("list content out-of-bounds");
  }
  DynamicValue list;
  if (element.copyable) {
    TRY(spend(side, size));
    list.bytes.assign(reinterpret_cast<const char*>(memory.data()) + range.pointer, size);
    return list;
  }
  TRY(spend(side, uint64_t{range.length} * sizeof(DynamicValue)));
  list.items.reserve(range.length);
  for (uint32_t i = 0; i < range.length; ++i) {
    DynamicValue item = TRY(load_value(side, element, range.pointer + i * element.size));
    list.items.push_back(std::move(item));
  }
  return list;
}

Result<DynamicValue> load_record(AbiSide& side, const ValueType& type, uint32_t pointer) {
  TRY(spend(side, type.members.size() * sizeof(DynamicValue)));
  DynamicValue record;
  record.items.reserve(type.members.size());
  for (const TypeMember& field : type.members) {
    DynamicValue item = TRY(load_value(side, *field.type, pointer + field.offset));
    record.items.push_back(std::move(item));
  }
  return record;
}

Error bad_discriminant(uint64_t found, size_t cases) {
  return Error::trap(
      fmt::format("invalid variant discriminant: {} where {} cases exist", found, cases));
}

Result<DynamicValue> load_variant(AbiSide& side, const ValueType& type, uint32_t pointer) {
  const uint64_t found = load(side.memory(), pointer, type.discriminant_size);
  if (found >= type.members.size()) return bad_discriminant(found, type.members.size());
  DynamicValue variant = DynamicValue::scalar(found);
  if (TypeRef payload = type.members[found].type; payload != nullptr) {
    TRY(spend(side, sizeof(DynamicValue)));
    DynamicValue item = TRY(load_value(side, *payload, pointer + type.payload_offset));
    variant.items.push_back(std::move(item));
  }
  return variant;
}

Result<DynamicValue> load_fixed_list(AbiSide& side, const ValueType& type, uint32_t pointer) {
  DynamicValue list;
  if (type.element->copyable) {
    TRY(spend(side, type.size));
    list.bytes.assign(reinterpret_cast<const char*>(side.memory().data()) + pointer, type.size);
    return list;
  }
  TRY(spend(side, uint64_t{type.count} * sizeof(DynamicValue)));
  for (uint32_t i = 0; i < type.count; ++i) {
    DynamicValue item = TRY(load_value(side, *type.element, pointer + i * type.element->size));
    list.items.push_back(std::move(item));
  }
  return list;
}

uint64_t flag_mask(const ValueType& type) {
  return type.count >= 64 ? ~uint64_t{0} : (uint64_t{1} << type.count) - 1;
}

Result<DynamicValue> lift_handle(AbiSide& side, const ValueType& type, uint64_t bits) {
  if (type.is_object()) {
    DynamicValue value;
    std::shared_ptr<PassedObject> object = TRY(side.lift_object(type, static_cast<uint32_t>(bits)));
    value.object = std::move(object);
    return value;
  }
  const uint64_t representation = TRY(side.lift_handle(type, static_cast<uint32_t>(bits)));
  return DynamicValue::scalar(representation);
}

// The value lies in bounds and aligned.
Result<DynamicValue> load_value(AbiSide& side, const ValueType& type, uint32_t pointer) {
  const std::span<const uint8_t> memory = side.memory();
  switch (type.shape) {
    case TypeShape::Scalar: return lift_scalar(type.kind, load(memory, pointer, type.size));
    case TypeShape::Flags:
      return DynamicValue::scalar(load(memory, pointer, type.size) & flag_mask(type));
    case TypeShape::Handle: return lift_handle(side, type, load(memory, pointer, 4));
    case TypeShape::String:
    case TypeShape::List: {
      const StringRange range{static_cast<uint32_t>(load(memory, pointer, 4)),
                              static_cast<uint32_t>(load(memory, pointer + 4, 4))};
      return type.shape == TypeShape::String ? lift_string(side, range)
                                             : load_list(side, type, range);
    }
    case TypeShape::FixedList: return load_fixed_list(side, type, pointer);
    case TypeShape::Record: return load_record(side, type, pointer);
    case TypeShape::Variant: return load_variant(side, type, pointer);
  }
  return Error::internal("an unknown type shape");
}

Result<DynamicValue> lift_flat_variant(AbiSide& side, const ValueType& type, FlatReader& flat) {
  const size_t start = flat.position();
  const auto found = static_cast<uint32_t>(flat.next());
  if (found >= type.members.size()) return bad_discriminant(found, type.members.size());
  DynamicValue variant = DynamicValue::scalar(found);
  if (TypeRef payload = type.members[found].type; payload != nullptr) {
    DynamicValue item = TRY(lift_flat(side, *payload, flat));
    variant.items.push_back(std::move(item));
  }
  flat.seek(start + type.flat_count);
  return variant;
}

Result<DynamicValue> lift_flat_fixed_list(AbiSide& side, const ValueType& type, FlatReader& flat) {
  DynamicValue list;
  for (uint32_t i = 0; i < type.count; ++i) {
    DynamicValue item = TRY(lift_flat(side, *type.element, flat));
    if (type.element->copyable && type.element->shape == TypeShape::Scalar) {
      list.bytes.append(reinterpret_cast<const char*>(&item.bits), type.element->size);
    } else {
      list.items.push_back(std::move(item));
    }
  }
  return list;
}

}  // namespace

Error out_of_fuel() {
  return Error::trap(
      "too much data is being copied between the host and the guest: fuel allocated for "
      "hostcalls has been exhausted");
}

Result<DynamicValue> lift_flat(AbiSide& side, const ValueType& type, FlatReader& flat) {
  switch (type.shape) {
    case TypeShape::Scalar: return lift_scalar(type.kind, flat.next());
    case TypeShape::Flags: return DynamicValue::scalar(flat.next() & flag_mask(type));
    case TypeShape::Handle: return lift_handle(side, type, flat.next());
    case TypeShape::String:
    case TypeShape::List: {
      const auto pointer = static_cast<uint32_t>(flat.next());
      const StringRange range{pointer, static_cast<uint32_t>(flat.next())};
      return type.shape == TypeShape::String ? lift_string(side, range)
                                             : load_list(side, type, range);
    }
    case TypeShape::FixedList: return lift_flat_fixed_list(side, type, flat);
    case TypeShape::Record: {
      DynamicValue record;
      for (const TypeMember& field : type.members) {
        DynamicValue item = TRY(lift_flat(side, *field.type, flat));
        record.items.push_back(std::move(item));
      }
      return record;
    }
    case TypeShape::Variant: return lift_flat_variant(side, type, flat);
  }
  return Error::internal("an unknown type shape");
}

Result<DynamicValue> lift_memory(AbiSide& side, const ValueType& type, uint32_t pointer) {
  if (pointer % type.align != 0) return Error::trap("unaligned pointer");
  if (uint64_t{pointer} + type.size > side.memory().size()) {
    return Error::trap("pointer out of bounds of memory");
  }
  return load_value(side, type, pointer);
}

std::vector<DynamicValue> list_elements(const DynamicValue& list, const ValueType& list_type) {
  const ValueType& element = *list_type.element;
  if (!element.copyable) return list.items;
  if (!list.items.empty()) return list.items;
  // Copyable elements are trees of integers: read them back as memory would be.
  struct Bytes final : AbiSide {
    explicit Bytes(std::string copy) : AbiSide(StringEncoding::Utf8), bytes(std::move(copy)) {}
    std::span<uint8_t> memory() override {
      return {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()};
    }
    Result<uint32_t> realloc(const ReallocRequest&) override { return Error::internal("bytes"); }
    Result<uint64_t> lift_handle(const ValueType&, uint32_t) override {
      return Error::internal("bytes");
    }
    Result<uint32_t> lower_handle(const ValueType&, uint64_t) override {
      return Error::internal("bytes");
    }
    std::string bytes;
  } side(list.bytes);
  std::vector<DynamicValue> elements;
  for (uint32_t at = 0; at + element.size <= side.bytes.size(); at += element.size) {
    elements.push_back(load_value(side, element, at).value());
  }
  return elements;
}

}  // namespace spindle::component
