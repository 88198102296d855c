#pragma once

// Random component types, as text and as a ValueType, and random values of them, for tests that
// compare two implementations of the canonical ABI.
//
//   RandomTypes random(seed);
//   const RandomType type = random.type(RandomTypes::Memory::Yes);
//   ... random.definitions() + "(func (param \"x\" " + type.text + ")..." ; random.value(type.type)

#include <random>
#include <string>

#include <fmt/format.h>

#include "component/values/value.h"
#include "component/values/value_type.h"

namespace spindle::component {

struct RandomType {
  std::string text;
  TypeRef type = nullptr;
};

class RandomTypes {
 public:
  enum class Memory : uint8_t { No, Yes };

  explicit RandomTypes(uint64_t seed) : random_(seed) {}

  uint64_t below(uint64_t count) {
    return std::uniform_int_distribution<uint64_t>(0, count - 1)(random_);
  }
  TypeTable& types() { return types_; }

  RandomType type(Memory memory, int depth = 3) {
    switch (below(depth <= 0 ? 1 : memory == Memory::Yes ? 11 : 7)) {
      case 1: return tuple(memory, depth);
      case 2: return option(memory, depth);
      case 3: return result(memory, depth);
      case 4: return variant(memory, depth);
      case 5: return flags();
      case 6: return record(memory, depth);
      case 7: return {"string", types_.primitive(TypeKind::String)};
      case 8: {
        RandomType element = type(memory, depth - 1);
        return {"(list " + element.text + ")", types_.list(element.type).value()};
      }
      case 9: {
        RandomType element = type(memory, depth - 1);
        const auto count = static_cast<uint32_t>(1 + below(4));
        return {fmt::format("(list {} {})", element.text, count),
                types_.fixed_list(element.type, count).value()};
      }
      case 10: {
        RandomType item = type(memory, depth - 1);
        return {"(map u16 " + item.text + ")",
                types_.map(types_.primitive(TypeKind::U16), item.type).value()};
      }
      default: return scalar();
    }
  }

  // Component-level text that defines and exports the named types.
  const std::string& definitions() const { return definitions_; }

  DynamicValue value(TypeRef type) {
    switch (type->shape) {
      case TypeShape::Scalar: return DynamicValue::scalar(scalar_bits(type->kind));
      case TypeShape::Flags:
        return DynamicValue::scalar(random_() & ((uint64_t{1} << type->count) - 1));
      case TypeShape::String: return DynamicValue::string(text());
      case TypeShape::List: return list(type, below(5));
      case TypeShape::FixedList: return list(type, type->count);
      case TypeShape::Record: {
        DynamicValue made;
        for (const TypeMember& field : type->members) made.items.push_back(value(field.type));
        return made;
      }
      case TypeShape::Variant: {
        DynamicValue made = DynamicValue::scalar(below(type->members.size()));
        TypeRef payload = type->members[made.bits].type;
        if (payload != nullptr) made.items.push_back(value(payload));
        return made;
      }
      default: return {};
    }
  }

  // Any bits that are not a NaN, which may change its payload; small numbers often.
  uint64_t slot(FlatType type) {
    uint64_t bits = random_();
    switch (below(4)) {
      case 0: bits &= 0xf; break;
      case 1: bits &= 0x1ffff; break;
      case 2: bits |= ~uint64_t{0xff}; break;
      default: break;
    }
    if ((bits & 0x7f800000) == 0x7f800000) bits &= ~uint64_t{0x00800000};
    if (type == FlatType::I32 || type == FlatType::F32) return bits & 0xffffffff;
    if ((bits >> 52 & 0x7ff) == 0x7ff) bits &= ~(uint64_t{1} << 52);
    return bits;
  }

 private:
  RandomType scalar() {
    static constexpr std::array<std::string_view, 12> kNames{
        "bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char"};
    const size_t kind = below(kNames.size());
    return {std::string(kNames[kind]), types_.primitive(static_cast<TypeKind>(kind))};
  }

  RandomType tuple(Memory memory, int depth) {
    std::string text = "(tuple";
    std::vector<TypeRef> parts;
    for (uint64_t i = 0, count = 1 + below(3); i < count; ++i) {
      RandomType part = type(memory, depth - 1);
      text += " " + part.text;
      parts.push_back(part.type);
    }
    return {text + ")", types_.tuple(parts).value()};
  }

  RandomType option(Memory memory, int depth) {
    RandomType payload = type(memory, depth - 1);
    return {"(option " + payload.text + ")", types_.option(payload.type).value()};
  }

  RandomType result(Memory memory, int depth) {
    RandomType ok;
    RandomType error;
    std::string text = "(result";
    if (below(3) > 0) {
      ok = type(memory, depth - 1);
      text += " " + ok.text;
    }
    if (below(3) > 0) {
      error = type(memory, depth - 1);
      text += " (error " + error.text + ")";
    }
    return {text + ")", types_.result(ok.type, error.type).value()};
  }

  RandomType variant(Memory memory, int depth) {
    std::string text = "(variant";
    std::vector<TypeMember> cases;
    for (uint64_t i = 0, count = 1 + below(4); i < count; ++i) {
      std::string label = fmt::format("c{}", i);
      RandomType payload;
      if (below(3) > 0) payload = type(memory, depth - 1);
      text += fmt::format(" (case \"{}\" {})", label, payload.text);
      cases.push_back({label, payload.type, 0});
    }
    return named(text + ")", types_.variant(std::move(cases)).value());
  }

  RandomType record(Memory memory, int depth) {
    std::string text = "(record";
    std::vector<TypeMember> fields;
    for (uint64_t i = 0, count = 1 + below(3); i < count; ++i) {
      std::string label = fmt::format("f{}", i);
      RandomType field = type(memory, depth - 1);
      text += fmt::format(" (field \"{}\" {})", label, field.text);
      fields.push_back({label, field.type, 0});
    }
    return named(text + ")", types_.record(std::move(fields)).value());
  }

  RandomType flags() {
    std::string text = "(flags";
    std::vector<std::string> labels;
    for (uint64_t i = 0, count = 1 + below(32); i < count; ++i) {
      labels.push_back(fmt::format("b{}", i));
      text += fmt::format(" \"{}\"", labels.back());
    }
    return named(text + ")", types_.flags(std::move(labels)).value());
  }

  RandomType named(const std::string& definition, TypeRef type) {
    const int number = named_++;
    definitions_ +=
        fmt::format("(type $t{0} {1}) (export $e{0} \"t{0}\" (type $t{0}))\n", number, definition);
    return {fmt::format("$e{}", number), type};
  }

  uint64_t scalar_bits(TypeKind kind) {
    const uint64_t bits = slot(FlatType::I64);
    auto sign = [](auto value) { return static_cast<uint64_t>(int64_t{value}); };
    switch (kind) {
      case TypeKind::Bool: return bits & 1;
      case TypeKind::S8: return sign(static_cast<int8_t>(bits));
      case TypeKind::U8: return bits & 0xff;
      case TypeKind::S16: return sign(static_cast<int16_t>(bits));
      case TypeKind::U16: return bits & 0xffff;
      case TypeKind::S32: return sign(static_cast<int32_t>(bits));
      case TypeKind::U32:
      case TypeKind::F32: return bits & 0xffffffff;
      case TypeKind::Char: return bits % 0xd800;
      default: return bits;
    }
  }

  std::string text() {
    static constexpr std::array<std::string_view, 6> kPieces{
        "a", "0123456789abcdef", "\xc3\xa9", "\xe1\x88\xb4", "\xf0\x9f\x98\x80", "z"};
    std::string made;
    const uint64_t kinds = below(2) == 0 ? 2 : kPieces.size();
    for (uint64_t i = 0, count = below(6); i < count; ++i) made += kPieces[below(kinds)];
    return made;
  }

  DynamicValue list(TypeRef type, uint64_t count) {
    DynamicValue made;
    if (type->element->copyable) {
      for (uint64_t i = 0; i < count * type->element->size; ++i) {
        made.bytes.push_back(static_cast<char>(random_()));
      }
      return made;
    }
    for (uint64_t i = 0; i < count; ++i) made.items.push_back(value(type->element));
    return made;
  }

  std::mt19937_64 random_;
  TypeTable types_;
  std::string definitions_;
  int named_ = 0;
};

}  // namespace spindle::component
