// Values of every shape go through a late import as they go through a composition.

#include <gtest/gtest.h>

#include <random>

#include <fmt/format.h>

#include "link/test_fixture.h"

namespace spindle::link {
namespace {

using component::DynamicValue;
using component::TypeKind;
using component::TypeRef;
using component::TypeShape;

constexpr std::string_view kLibrary = R"(
  (core module $libc
    (memory (export "mem") 16)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param i32) (param $align i32) (param $size i32)
      (result i32) (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "mem" (core memory $mem))
  (alias core export $libc "realloc" (core func $realloc)))";

// A type, and the definitions of named types that it uses: `$a`, `$b`.
struct Shape {
  std::string_view type;
  std::vector<std::string_view> named = {};
};

const std::vector<Shape> kShapes = {
    {"bool"},
    {"s8"},
    {"u8"},
    {"s16"},
    {"u16"},
    {"s32"},
    {"u32"},
    {"s64"},
    {"u64"},
    {"f32"},
    {"f64"},
    {"char"},
    {"string"},
    {"(tuple u8 u64 string)"},
    {"(option string)"},
    {"(option (option u16))"},
    {"(result string (error u32))"},
    {"(result)"},
    {"(result (error string))"},
    {"(list (list string))"},
    {"(list u8)"},
    {"(tuple f32 (list f64) char bool)"},
    {"$a", {R"((record (field "x" s16) (field "name" string) (field "z" (option f64))))"}},
    {"$a", {R"((enum "red" "green" "blue"))"}},
    {"$a", {R"((flags "r" "w" "x" "s" "t" "u" "v" "y" "z"))"}},
    {"$a", {R"((variant (case "none") (case "word" string) (case "pair" (tuple f32 u64))))"}},
    {"(list (option $b))",
     {R"((enum "one" "two"))",
      R"((record (field "kind" $a) (field "of" (list (tuple $a string)))))"}},
};

// `(type $a' ...)` and `EXPORT "a"` for each named type.
std::string define(const Shape& shape, bool in_instance_type) {
  std::string text;
  for (size_t i = 0; i < shape.named.size(); ++i) {
    const char name = static_cast<char>('a' + i);
    text += fmt::format("(type ${}x {})", name, shape.named[i]);
    text += in_instance_type ? fmt::format("(export \"{0}\" (type ${0} (eq ${0}x)))", name)
                             : fmt::format("(export ${0} \"{0}\" (type ${0}x))", name);
  }
  return text;
}

// echo: func(x: list<T>) -> list<T>, which gives back what it got.
std::string plugin_text(const Shape& shape) {
  std::string exports;
  for (size_t i = 0; i < shape.named.size(); ++i) {
    const char name = static_cast<char>('a' + i);
    exports += fmt::format("(export \"{0}\" (type ${0}))", name);
  }
  return fmt::format(R"((component {}
  (core module $m (import "libc" "mem" (memory 1))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1))
      (i32.const 8)))
  (core instance $i (instantiate $m (with "libc" (instance $libc))))
  {}
  (func $echo (param "x" (list {})) (result (list {}))
    (canon lift (core func $i "echo") (memory $mem) (realloc $realloc)))
  (instance $api {} (export "echo" (func $echo)))
  (export "{}" (instance $api))))",
                     kLibrary, define(shape, false), shape.type, shape.type, exports, kPlugin);
}

std::string front_text(const Shape& shape) {
  std::string aliases;
  for (size_t i = 0; i < shape.named.size(); ++i) {
    aliases += fmt::format("(alias export $p \"{0}\" (type ${0}))", static_cast<char>('a' + i));
  }
  return fmt::format(R"((component
  (import "{}" (instance $p {}
    (export "echo" (func (param "x" (list {})) (result (list {}))))))
  {} {}
  (core func $echo (canon lower (func $p "echo") (memory $mem) (realloc $realloc)))
  (core module $m (import "" "echo" (func $echo (param i32 i32 i32)))
    (func (export "run") (param i32 i32) (result i32)
      (call $echo (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16)))
  (core instance $i (instantiate $m (with "" (instance (export "echo" (func $echo))))))
  (func (export "run") (param "x" (list {})) (result (list {}))
    (canon lift (core func $i "run") (memory $mem) (realloc $realloc)))))",
                     kPlugin, define(shape, true), shape.type, shape.type, kLibrary, aliases,
                     shape.type, shape.type);
}

// The same two, linked when they are loaded.
std::string composed_text(const Shape& shape) {
  std::string front = front_text(shape);
  std::string plugin = plugin_text(shape);
  front.replace(0, std::string_view("(component").size(), "(component $front");
  plugin.replace(0, std::string_view("(component").size(), "(component $plugin");
  return fmt::format(R"((component {} {}
  (instance $p (instantiate $plugin))
  (alias export $p "{}" (instance $api))
  (instance $f (instantiate $front (with "{}" (instance $api))))
  (export "api" (instance $api))
  (export "front" (instance $f))))",
                     plugin, front, kPlugin, kPlugin);
}

class Values {
 public:
  explicit Values(uint32_t seed) : random_(seed) {}

  DynamicValue make(TypeRef type) {
    DynamicValue value;
    switch (type->shape) {
      case TypeShape::Scalar: return DynamicValue::scalar(scalar(type->kind));
      case TypeShape::Flags: return DynamicValue::scalar(bits() & ((1U << type->count) - 1));
      case TypeShape::String:
        return DynamicValue::string(std::string(bits() % 9, 'x') + "\xc3\xa9");
      case TypeShape::Record:
        for (const auto& member : type->members) value.items.push_back(make(member.type));
        return value;
      case TypeShape::Variant:
        value.bits = bits() % type->members.size();
        if (TypeRef payload = type->members[value.bits].type) value.items.push_back(make(payload));
        return value;
      default: return list(type, bits() % 4);
    }
  }
  DynamicValue list(TypeRef type, size_t count) {
    DynamicValue value;
    for (size_t i = 0; i < count; ++i) value.items.push_back(make(type->element));
    if (!type->element->copyable) return value;
    // Memory's own form.
    for (const DynamicValue& item : value.items) {
      if (type->element->shape != TypeShape::Scalar) return value;
      value.bytes.append(reinterpret_cast<const char*>(&item.bits), type->element->size);
    }
    value.items.clear();
    return value;
  }

 private:
  uint64_t bits() { return random_(); }
  uint64_t scalar(TypeKind kind) {
    const uint64_t any = bits();
    switch (kind) {
      case TypeKind::Bool: return any & 1;
      case TypeKind::S8: return static_cast<uint64_t>(int64_t{static_cast<int8_t>(any)});
      case TypeKind::U8: return any & 0xff;
      case TypeKind::S16: return static_cast<uint64_t>(int64_t{static_cast<int16_t>(any)});
      case TypeKind::U16: return any & 0xffff;
      case TypeKind::S32: return static_cast<uint64_t>(int64_t{static_cast<int32_t>(any)});
      case TypeKind::U32: return any & 0xffffffff;
      case TypeKind::F32: return 0x3f800000 | (any & 0x7fffff);
      case TypeKind::F64: return 0x3ff0000000000000 | (any >> 12);
      case TypeKind::Char: return any % 0xd800;
      default: return any;
    }
  }

  std::mt19937_64 random_;
};

DynamicValue echoed(Importer& importer, const DynamicValue& value) {
  auto outcome = importer.call("run", {value});
  if (!outcome) ADD_FAILURE() << outcome.error().to_string();
  return outcome ? **outcome : DynamicValue();
}

TEST(LateCall, GivesTheValuesThatACompositionGives) {
  World world;
  const uint32_t seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(fmt::format("{} with seed {}", shape.type, seed));
    const auto front = world.front(front_text(shape));
    const auto table = world.table(front, world.candidates({{"a", plugin_text(shape)}})).value();
    const auto composed = world.plugin(composed_text(shape));
    const auto run = composed->find_function("front", "run").value();
    const auto echo_type = composed->plan().lifts[run.value].type.result;
    Values values(seed);
    for (size_t length = 0; length < 6; ++length) {
      const DynamicValue value = values.list(echo_type, length);
      Importer importer(world, table);
      component::InstanceOptions options;
      auto fixed = component::ComponentInstance::create_blocking(composed, options).value();
      auto expected = fixed->call(run, std::span(&value, 1));
      ASSERT_TRUE(expected) << expected.error().to_string();
      ASSERT_TRUE(expected->has_value());
      EXPECT_EQ(echoed(importer, value), **expected);
      EXPECT_EQ((*expected)->items.empty() && (*expected)->bytes.empty(), length == 0);
    }
  }
}

// sum: func(p0: u32, ..., p16: u32) -> u32, more parameters than are passed flat.
TEST(LateCall, PassesParametersThatSpillIntoMemory) {
  World world;
  std::string params;
  std::string sum = "(i32.const 0)";
  for (int i = 0; i < 17; ++i) {
    params += fmt::format("(param \"p{}\" u32)", i);
    sum = fmt::format("(i32.add {} (i32.load offset={} (local.get 0)))", sum, i * 4);
  }
  const std::string plugin = fmt::format(R"((component {}
    (core module $m (import "libc" "mem" (memory 1))
      (func (export "sum") (param i32) (result i32) {}))
    (core instance $i (instantiate $m (with "libc" (instance $libc))))
    (func $sum {} (result u32) (canon lift (core func $i "sum") (memory $mem) (realloc $realloc)))
    (instance $api (export "sum" (func $sum))) (export "{}" (instance $api))))",
                                         kLibrary, sum, params, kPlugin);
  const std::string front = fmt::format(R"((component
    (import "{}" (instance $p (export "sum" (func {} (result u32))))) {}
    (core func $sum (canon lower (func $p "sum") (memory $mem)))
    (core module $m (import "" "sum" (func $sum (param i32) (result i32)))
      (import "libc" "mem" (memory 1))
      (func (export "run") (param i32) (result i32)
        (i32.store offset=64 (i32.const 0) (local.get 0))
        (i32.store offset=128 (i32.const 0) (i32.const 5))
        (call $sum (i32.const 64))))
    (core instance $i (instantiate $m (with "libc" (instance $libc))
      (with "" (instance (export "sum" (func $sum))))))
    (func (export "run") (param "x" u32) (result u32) (canon lift (core func $i "run")))))",
                                        kPlugin, params, kLibrary);
  Importer importer(world,
                    world.table(world.front(front), world.candidates({{"a", plugin}})).value());
  EXPECT_EQ(importer.number("run", {DynamicValue::scalar(37)}), 42U);
}

}  // namespace
}  // namespace spindle::link
