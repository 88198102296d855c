// Random types and values through our canonical ABI and through the engine's: the same component
// in both, the same memory and the same values afterwards. SPINDLE_SEED runs one seed again.

#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "component/runtime/instance.h"
#include "wasm/engine_component.h"
#include "wasm/module.h"

namespace spindle::component {
namespace {

using wasm::EngineValue;
using Kind = EngineValue::Kind;

uint64_t first_seed() {
  const char* given = std::getenv("SPINDLE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

class Random {
 public:
  explicit Random(uint64_t seed) : source_(seed) {}
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(source_() % limit); }
  uint64_t bits() {
    // Edges more often than chance would have them.
    constexpr uint64_t kEdges[] = {0, 1, 0x7f, 0x80, 0xffff, 0x7fffffff, 0x80000000, UINT64_MAX};
    return below(3) == 0 ? kEdges[below(8)] : source_();
  }

 private:
  std::mt19937_64 source_;
};

// Writes definitions of types; what must have a name outside is exported.
class TypeWriter {
 public:
  explicit TypeWriter(Random& random) : random_(random) {}

  // The name of a new type, or of a primitive one.
  std::string add(int depth) {
    static constexpr std::string_view kPrimitives[] = {"bool", "s8",   "u8",    "s16", "u16",
                                                       "s32",  "u32",  "s64",   "u64", "f32",
                                                       "f64",  "char", "string"};
    if (depth == 0 || random_.below(4) == 0) return std::string(kPrimitives[random_.below(13)]);
    switch (random_.below(8)) {
      case 0: return define("(list {})", {add(depth - 1)});
      case 1: return define("(option {})", {add(depth - 1)});
      case 2: return define("(result {} (error {}))", {add(depth - 1), add(depth - 1)});
      case 3: return define("(tuple {} {} {})", {add(depth - 1), add(depth - 1), add(depth - 1)});
      case 4: return export_type(labels("enum", "{}", {1, 3, 300}));
      case 5: return export_type(labels("flags", "{}", {1, 8, 9, 17, 32}));
      case 6: return export_type(members("record", "field", depth));
      default: return export_type(members("variant", "case", depth));
    }
  }
  const std::string& text() const { return text_; }

 private:
  std::string define(std::string_view form, const std::vector<std::string>& parts) {
    std::string type(form);
    for (const auto& part : parts) type.replace(type.find("{}"), 2, part);
    std::string name = fmt::format("$t{}", count_++);
    text_ += fmt::format("  (type {} {})\n", name, type);
    return name;
  }
  std::string export_type(const std::string& type) {
    std::string local = define(type, {});
    std::string name = fmt::format("$t{}", count_++);
    text_ += fmt::format("  (export {} \"{}\" (type {}))\n", name, name.substr(1), local);
    return name;
  }
  std::string labels(std::string_view kind, std::string_view, std::vector<uint32_t> sizes) {
    std::string type = fmt::format("({}", kind);
    const uint32_t count = sizes[random_.below(static_cast<uint32_t>(sizes.size()))];
    for (uint32_t i = 0; i < count; ++i) type += fmt::format(" \"l{}\"", i);
    return type + ")";
  }
  std::string members(std::string_view kind, std::string_view member, int depth) {
    std::string type = fmt::format("({}", kind);
    const uint32_t count = 1 + random_.below(4);
    for (uint32_t i = 0; i < count; ++i) {
      const bool has_type = kind == "record" || random_.below(4) != 0;
      type += fmt::format(" ({} \"m{}\"{}{})", member, i, has_type ? " " : "",
                          has_type ? add(depth - 1) : std::string());
    }
    return type + ")";
  }

  Random& random_;
  std::string text_;
  uint32_t count_ = 0;
};

// `echo` gives back what it got, `dump` all memory that was allocated, `reveal` the value that its
// bytes happen to mean. The pads make parameters and results travel through memory.
std::string component_text(const TypeWriter& types, std::string_view type,
                           std::string_view encoding) {
  constexpr std::string_view kModule = R"(
  (core module $m
    (memory (export "mem") 4)
    (global $top (mut i32) (i32.const 16))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (if (i32.le_u (global.get $top) (i32.const 262144)) (then
        (memory.copy (local.get $at) (local.get 0) (select (local.get 1) (local.get 3)
          (i32.lt_u (local.get 1) (local.get 3))))))
      (local.get $at))
    (func (export "same") (param i32) (result i32) (local.get 0))
    (func (export "dump") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (i32.sub (global.get $top) (i32.const 16)))
      (i32.const 0))
    (func (export "first") (param i32 i32) (result i32) (local.get 0)))
  (core instance $c (instantiate $m))
  (type $pad (tuple u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32))
)";
  return fmt::format(
      R"((component{0}{1}
  (type $value (tuple {2} u32 u32))
  (func $echo (param "value" $value) (param "pad" $pad) (result $value)
    (canon lift (core func $c "same") {3}))
  (func $dump (param "value" $value) (param "pad" $pad) (result (list u8))
    (canon lift (core func $c "dump") {3}))
  (func $reveal (param "bytes" (list u8)) (result $value)
    (canon lift (core func $c "first") {3}))
  (export "echo" (func $echo)) (export "dump" (func $dump)) (export "reveal" (func $reveal))))",
      kModule, types.text(), type,
      fmt::format("(memory (core memory $c \"mem\")) (realloc (core func $c \"realloc\")) "
                  "string-encoding={}",
                  encoding));
}

std::string random_text(Random& random) {
  static constexpr std::string_view kPieces[] = {"a", "bc", "\u00e9", "\u20ac", "\U0001f600"};
  std::string text;
  const uint32_t choices = 1 + random.below(5);
  for (uint32_t i = random.below(10); i > 0; --i) text += kPieces[random.below(choices)];
  return text;
}

uint64_t extended(TypeKind kind, uint64_t bits) {
  switch (kind) {
    case TypeKind::Bool: return bits & 1;
    case TypeKind::S8: return static_cast<uint64_t>(int64_t{static_cast<int8_t>(bits)});
    case TypeKind::U8: return static_cast<uint8_t>(bits);
    case TypeKind::S16: return static_cast<uint64_t>(int64_t{static_cast<int16_t>(bits)});
    case TypeKind::U16: return static_cast<uint16_t>(bits);
    case TypeKind::S32: return static_cast<uint64_t>(int64_t{static_cast<int32_t>(bits)});
    case TypeKind::U32: return static_cast<uint32_t>(bits);
    case TypeKind::Char: return bits % 0x110000 / 0x800 == 0x1b ? 'x' : bits % 0x110000;
    case TypeKind::F32: {
      const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
      return is_nan ? 0x7fc00000 : static_cast<uint32_t>(bits);
    }
    case TypeKind::F64: {
      const bool is_nan = (bits & INT64_MAX) > 0x7ff0000000000000;
      return is_nan ? 0x7ff8000000000000 : bits;
    }
    default: return bits;
  }
}

EngineValue random_value(Random& random, const ValueType& type) {
  EngineValue value;
  auto member = [&](TypeRef inner) { value.items.push_back(random_value(random, *inner)); };
  if (type.kind <= TypeKind::Char) {
    value.kind = static_cast<Kind>(type.kind);
    value.bits = extended(type.kind, random.bits());
    return value;
  }
  switch (type.kind) {
    case TypeKind::String:
      value.kind = Kind::String;
      value.text = random_text(random);
      return value;
    case TypeKind::List:
      value.kind = Kind::List;
      for (uint32_t i = random.below(4); i > 0; --i) member(type.element);
      return value;
    case TypeKind::Record:
    case TypeKind::Tuple:
      value.kind = type.kind == TypeKind::Record ? Kind::Record : Kind::Tuple;
      for (const auto& field : type.members) {
        if (value.kind == Kind::Record) value.labels.push_back(field.label);
        member(field.type);
      }
      return value;
    case TypeKind::Flags:
      value.kind = Kind::Flags;
      for (const auto& flag : type.members) {
        if (random.below(2) == 0) value.labels.push_back(flag.label);
      }
      return value;
    default: break;
  }
  const uint32_t number = random.below(static_cast<uint32_t>(type.members.size()));
  const auto& chosen = type.members[number];
  if (chosen.type != nullptr) member(chosen.type);
  value.kind = type.kind == TypeKind::Enum     ? Kind::Enum
               : type.kind == TypeKind::Option ? Kind::Option
               : type.kind == TypeKind::Result ? Kind::Result
                                               : Kind::Variant;
  if (type.kind == TypeKind::Result) value.bits = number == 0 ? 1 : 0;
  if (type.kind == TypeKind::Enum || type.kind == TypeKind::Variant) value.text = chosen.label;
  return value;
}

uint64_t case_of(const EngineValue& value, const ValueType& type) {
  if (type.kind == TypeKind::Option) return value.items.size();
  if (type.kind == TypeKind::Result) return value.bits == 1 ? 0 : 1;
  for (size_t i = 0; i < type.members.size(); ++i) {
    if (type.members[i].label == value.text) return i;
  }
  return 0;
}

// A copyable type has no padding: its fields one after the other.
void append_bytes(std::string& bytes, const DynamicValue& value, const ValueType& type) {
  if (type.shape == TypeShape::Record) {
    for (size_t i = 0; i < type.members.size(); ++i) {
      append_bytes(bytes, value.items[i], *type.members[i].type);
    }
    return;
  }
  bytes.append(reinterpret_cast<const char*>(&value.bits), type.size);
}

DynamicValue to_ours(const EngineValue& value, const ValueType& type) {
  DynamicValue ours;
  ours.bits = value.bits;
  switch (type.shape) {
    case TypeShape::Scalar: return ours;
    case TypeShape::String: return DynamicValue::string(value.text);
    case TypeShape::Flags:
      for (size_t i = 0; i < type.members.size(); ++i) {
        const bool is_set =
            std::ranges::find(value.labels, type.members[i].label) != value.labels.end();
        if (is_set) ours.bits |= uint64_t{1} << i;
      }
      return ours;
    case TypeShape::List:
      for (const auto& item : value.items) {
        DynamicValue element = to_ours(item, *type.element);
        if (type.element->copyable) {
          append_bytes(ours.bytes, element, *type.element);
        } else {
          ours.items.push_back(std::move(element));
        }
      }
      return ours;
    case TypeShape::Record:
      for (size_t i = 0; i < type.members.size(); ++i) {
        ours.items.push_back(to_ours(value.items[i], *type.members[i].type));
      }
      return ours;
    default: break;
  }
  ours.bits = case_of(value, type);
  if (!value.items.empty()) {
    ours.items.push_back(to_ours(value.items[0], *type.members[ours.bits].type));
  }
  return ours;
}

EngineValue from_ours(const DynamicValue& ours, const ValueType& type) {
  EngineValue value;
  switch (type.shape) {
    case TypeShape::Scalar:
      value.kind = static_cast<Kind>(type.kind);
      value.bits = extended(type.kind, ours.bits);
      return value;
    case TypeShape::String:
      value.kind = Kind::String;
      value.text = to_utf8(ours);
      return value;
    case TypeShape::Flags:
      value.kind = Kind::Flags;
      for (size_t i = 0; i < type.members.size(); ++i) {
        if ((ours.bits >> i & 1) != 0) value.labels.push_back(type.members[i].label);
      }
      return value;
    case TypeShape::List:
      value.kind = Kind::List;
      for (const auto& item : list_elements(ours, type)) {
        value.items.push_back(from_ours(item, *type.element));
      }
      return value;
    case TypeShape::Record:
      value.kind = type.kind == TypeKind::Record ? Kind::Record : Kind::Tuple;
      for (size_t i = 0; i < type.members.size(); ++i) {
        if (value.kind == Kind::Record) value.labels.push_back(type.members[i].label);
        value.items.push_back(from_ours(ours.items[i], *type.members[i].type));
      }
      return value;
    default: break;
  }
  value.kind = type.kind == TypeKind::Enum     ? Kind::Enum
               : type.kind == TypeKind::Option ? Kind::Option
               : type.kind == TypeKind::Result ? Kind::Result
                                               : Kind::Variant;
  if (type.kind == TypeKind::Result) value.bits = ours.bits == 0 ? 1 : 0;
  const auto& chosen = type.members[ours.bits];
  if (type.kind == TypeKind::Enum || type.kind == TypeKind::Variant) value.text = chosen.label;
  if (!ours.items.empty()) value.items.push_back(from_ours(ours.items[0], *chosen.type));
  return value;
}

// A NaN may arrive with any payload.
void unify_nans(EngineValue& value) {
  if (value.kind == Kind::F32) value.bits = extended(TypeKind::F32, value.bits);
  if (value.kind == Kind::F64) value.bits = extended(TypeKind::F64, value.bits);
  for (auto& item : value.items) unify_nans(item);
}

// Bytes of which many are small: pointers and lengths that fit the memory.
EngineValue random_bytes(Random& random, uint32_t size) {
  EngineValue bytes;
  bytes.kind = Kind::List;
  for (uint32_t i = 0; i < size; ++i) {
    const uint32_t choice = random.below(8);
    const uint32_t byte = choice < 4 ? 0 : choice < 7 ? random.below(6) : random.below(256);
    bytes.items.push_back({Kind::U8, byte, {}, {}, {}});
  }
  return bytes;
}

class Comparison {
 public:
  Comparison(uint64_t seed, const wasm::EngineComponents& engine,
             const std::shared_ptr<const wasm::Engine>& core_engine)
      : random_(seed), engine_(engine), core_engine_(core_engine) {}

  void run() {
    static constexpr std::string_view kEncodings[] = {"utf8", "utf16", "latin1+utf16"};
    TypeWriter types(random_);
    const std::string type = types.add(3);
    const std::string text = component_text(types, type, kEncodings[random_.below(3)]);
    SCOPED_TRACE(text);
    binary_ = wasm::wat2wasm(text).value();
    const HostRegistry registry;
    auto prepared = PreparedComponent::create(core_engine_, binary_, registry);
    ASSERT_TRUE(prepared.has_value()) << prepared.error().to_string();
    prepared_ = std::move(*prepared);
    for (int i = 0; i < 3; ++i) compare("echo", random_args("echo"));
    compare("dump", random_args("dump"));
    for (int i = 0; i < 6; ++i) {
      compare("reveal", {random_bytes(random_, type_of("reveal").result->size)});
    }
  }

 private:
  const FunctionType& type_of(std::string_view name) {
    return prepared_->plan().lifts[prepared_->find_function("", name).value().value].type;
  }
  std::vector<EngineValue> random_args(std::string_view name) {
    std::vector<EngineValue> args;
    for (const auto& param : type_of(name).params) {
      args.push_back(random_value(random_, *param.type));
    }
    return args;
  }
  // Both return the same, or both trap.
  void compare(std::string_view name, const std::vector<EngineValue>& args) {
    const FunctionType& type = type_of(name);
    auto theirs = engine_.instantiate(binary_).value().call(name, args);
    std::vector<DynamicValue> our_args;
    for (size_t i = 0; i < args.size(); ++i) {
      our_args.push_back(to_ours(args[i], *type.params[i].type));
    }
    auto instance = ComponentInstance::create_blocking(prepared_, {}).value();
    auto ours = instance->call(prepared_->find_function("", name).value(), our_args);
    ASSERT_EQ(ours.has_value(), theirs.has_value())
        << name << ": " << (ours ? theirs.error() : ours.error()).to_string();
    if (!ours) return;
    EngineValue mine = from_ours(ours->value(), *type.result);
    unify_nans(*theirs);
    EXPECT_TRUE(mine == *theirs) << name << " returned another value";
  }

  Random random_;
  const wasm::EngineComponents& engine_;
  std::shared_ptr<const wasm::Engine> core_engine_;
  std::vector<uint8_t> binary_;
  std::shared_ptr<const PreparedComponent> prepared_;
};

TEST(CanonicalAbi, AgreesWithTheEngineOnRandomTypesAndBytes) {
  const auto engine = wasm::EngineComponents::create().value();
  const auto core_engine = wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  const uint64_t seed = first_seed();
  constexpr uint64_t kTypes = 40;
  const uint64_t count = std::getenv("SPINDLE_SEED") != nullptr ? 1 : kTypes;
  for (uint64_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(fmt::format("SPINDLE_SEED={}", seed + i));
    Comparison(seed + i, engine, core_engine).run();
  }
}

}  // namespace
}  // namespace spindle::component
