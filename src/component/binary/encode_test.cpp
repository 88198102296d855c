#include "component/binary/encode.h"

#include <gtest/gtest.h>

#include "base/byte_reader.h"
#include "component/binary/component_builder.h"
#include "component/binary/decode.h"
#include "wasm/module.h"

namespace spindle::component {
namespace {

// Custom sections (producers, names of core modules) aside, the binary of each text is in the form
// that the encoder writes: equal bytes say that nothing was lost.
constexpr std::string_view kTexts[] = {
    R"((component))",
    R"((component $outer
         (component $inner (import "a" (func)) (export "b" (func 0)))
         (import "f" (func $f (param "x" u8) (result string)))
         (import "g" (func async (param "x" u8)))
         (import "i" (instance $i (export "f" (func)) (export "t" (type (sub resource)))))
         (alias export $i "f" (func $if))
         (instance $n (instantiate $inner (with "a" (func $if))))
         (instance $bag (export "x" (func $f)) (export "n" (instance $n)))
         (export "bag" (instance $bag))
         (export $g "g2" (func $f) (func (param "x" u8) (result string)))))",
    R"((component
         (type (record (field "a" bool) (field "b" s8) (field "c" u16) (field "d" f64)))
         (type (variant (case "a") (case "b" 0) (case "c" string)))
         (type (list char)) (type (tuple u64 s64 f32)) (type (flags "x" "y" "z"))
         (type (enum "p" "q")) (type (option s32)) (type (result)) (type (result u8))
         (type (result (error 3))) (type (result u32 (error s16)))
         (type (stream u8)) (type (stream)) (type (future 1)) (type (future))
         (type u8) (type (list 16)) (type (list u8 4))
         (type (func)) (type (func (param "a" 0) (param "b" u8) (result 1)))))",
    R"((component
         (import "r" (type $r (sub resource)))
         (type $own (own $r)) (type $borrow (borrow $r))
         (import "t" (type (eq $own)))
         (type (instance
           (alias outer 1 $r (type $or))
           (export "q" (type (sub resource)))
           (type (func (param "s" (borrow 1))))
           (export "run" (func (type 2)))))
         (type (component
           (import "in" (func)) (import "i" (instance (export "x" (func))))
           (core type (func (param i32)))
           (export "out" (func))))
         (alias outer 0 $r (type))))",
    R"((component
         (core type (func (param i32 i64 f32 f64 v128 funcref externref) (result i32)))
         (core type $m (module
           (type (func (param i32)))
           (alias outer 1 0 (type))
           (import "a" "f" (func (type 0)))
           (import "a" "t" (table 1 2 funcref))
           (import "a" "m" (memory 1))
           (import "a" "g" (global (mut i32)))
           (export "h" (global f64))
           (export "n" (memory 1 9))
           (export "u" (table 3 externref))))
         (import "m" (core module (type $m)))))",
    R"((component
         (type $r (resource (rep i32)))
         (core module $m
           (memory (export "m") 1)
           (func (export "f") (param i32 i32))
           (func (export "p") (param i32))
           (func (export "r") (param i32 i32 i32 i32) (result i32) i32.const 0)
           (func (export "s") (result i32) i32.const 0))
         (core instance $i (instantiate $m))
         (core instance $args (export "x" (func $i "f")) (export "y" (memory $i "m")))
         (alias core export $i "m" (core memory $mem))
         (func $lift (param "x" string)
           (canon lift (core func $i "f") string-encoding=utf16 (memory $mem)
             (realloc (core func $i "r"))))
         (func (result string)
           (canon lift (core func $i "s") string-encoding=latin1+utf16 (memory $mem)
             (post-return (core func $i "p"))))
         (core func (canon lower (func $lift) string-encoding=utf8 (memory $mem)))
         (core func (canon resource.new $r)) (core func (canon resource.drop $r))
         (core func (canon resource.rep $r))
         (type $d (resource (rep i32) (dtor (core func $i "p"))))))",
};

Component decode(std::span<const uint8_t> bytes) {
  return decode_component(SharedBytes::copy_of(bytes)).value();
}

// A component without its custom sections, and those of its nested components.
Bytes without_custom_sections(std::span<const uint8_t> component) {
  ByteReader reader(component);
  auto preamble = reader.bytes(8).value();
  Bytes kept(preamble.begin(), preamble.end());
  while (!reader.at_end()) {
    auto id = reader.u8().value();
    auto content = reader.bytes(reader.leb_u32().value()).value();
    if (id == 0) continue;
    Bytes body(content.begin(), content.end());
    if (id == 4) body = without_custom_sections(body);
    append(kept, concat({{id}, leb(body.size()), body}));
  }
  return kept;
}

TEST(EncodeComponent, WritesTheBytesThatWereDecoded) {
  for (auto text : kTexts) {
    auto original = wasm::wat2wasm(text);
    ASSERT_TRUE(original.has_value()) << text << original.error().to_string();
    auto encoded = encode_component(decode(*original));
    EXPECT_EQ(without_custom_sections(encoded), without_custom_sections(*original)) << text;
  }
}

// What the text format of the engine does not know.
TEST(EncodeComponent, WritesEveryCanonicalDefinition) {
  const Bytes canons[] = {
      {0x00, 0x00, 0x01, 0x08, 0x01, 0x03, 0x02, 0x04, 0x03, 0x05, 0x04, 0x06, 0x07, 0x05, 0x08,
       0x06, 0x09},
      {0x01, 0x00, 0x05, 0x02, 0x03, 0x01, 0x06},
      {0x02, 0x01},
      {0x03, 0x01},
      {0x04, 0x01},
      {0x05},
      {0x06, 0x01},
      {0x09, 0x00, 0x73, 0x01, 0x03, 0x00},
      {0x09, 0x01, 0x00, 0x00},
      {0x0a, 0x7f, 0x01},
      {0x0b, 0x7e, 0x00},
      {0x0c, 0x01},
      {0x0d},
      {0x0e, 0x03},
      {0x0f, 0x03, 0x01, 0x06},
      {0x10, 0x03, 0x00},
      {0x11, 0x03, 0x01},
      {0x12, 0x03, 0x00},
      {0x13, 0x03},
      {0x14, 0x03},
      {0x15, 0x03},
      {0x16, 0x03, 0x01, 0x03, 0x00},
      {0x17, 0x03, 0x00},
      {0x18, 0x03, 0x00},
      {0x19, 0x03, 0x01},
      {0x1a, 0x03},
      {0x1b, 0x03},
      {0x1c, 0x02, 0x01, 0x03, 0x00},
      {0x1d, 0x01, 0x02},
      {0x1e},
      {0x1f},
      {0x20, 0x01, 0x02},
      {0x21, 0x00, 0x02},
      {0x22},
      {0x23},
      {0x24},
      {0x25},
      {0x26},
      {0x27, 0x01, 0x02},
      {0x28},
      {0x29, 0x01},
      {0x2a, 0x00},
      {0x2b, 0x01},
      {0x2c, 0x00},
      {0x2d, 0x01},
      {0x2e, 0x04},
      {0x2f, 0x04},
      {0x40, 0x01},
      {0x41, 0x01, 0x02},
      {0x42},
  };
  for (auto canon : canons) {
    if (canon[0] == 0x00) canon.push_back(0x08);  // a lift ends with its type
    auto bytes = ComponentBuilder().section(8, {canon}).bytes();
    auto decoded = decode_component(SharedBytes::copy_of(bytes));
    ASSERT_TRUE(decoded.has_value()) << int{canon[0]} << " " << decoded.error().to_string();
    EXPECT_EQ(encode_component(*decoded), bytes) << int{canon[0]};
  }
}

TEST(EncodeComponent, WritesCoreTypesOfGarbageCollection) {
  auto bytes =
      ComponentBuilder()
          .section(3,
                   {{0x4e, 0x02, 0x5f, 0x02, 0x78, 0x00, 0x7f, 0x01, 0x5e, 0x77, 0x01},
                    {0x00, 0x50, 0x00, 0x5f, 0x01, 0x63, 0x00, 0x00},
                    {0x4f, 0x01, 0x02, 0x65, 0x5f, 0x01, 0x64, 0x62, 0x01, 0x00},
                    {0x4e, 0x00},
                    {0x5d, 0x07},
                    {0x50, 0x02, 0x01, 0x50, 0x00, 0x60, 0x01, 0x65, 0x6b, 0x00, 0x01, 0x4e, 0x00},
                    {0x50, 0x03, 0x00, 0x00, 0x00, 0x02, 0x0f, 0x01, 0x02, 0x00,
                     0x03, 0x00, 0x04, 0x00, 0x05, 0x03, 0x00, 0x03, 0x6a, 0x03}})
          .bytes();
  auto decoded = decode_component(SharedBytes::copy_of(bytes));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().to_string();
  EXPECT_EQ(encode_component(*decoded), bytes);
}

TEST(EncodeComponent, WritesNamesWithAttributesAndErrorContexts) {
  auto import = [](Bytes attributes) {
    return ComponentBuilder()
        .section(7, {{0x40, 0x01, 0x01, 'e', 0x64, 0x01, 0x00}, {0x63, 0x79, 0x73}})
        .section(10, {concat({{0x02}, name("a:b/c@1.0.0"), attributes, {0x01, 0x00}})})
        .bytes();
  };
  for (const auto& attributes : {concat({{0x01, 0x01}, name("+x")}),
                                 concat({{0x02, 0x00}, name("d:e/f"), {0x02}, name("id")})}) {
    auto bytes = import(attributes);
    EXPECT_EQ(encode_component(decode(bytes)), bytes);
  }
}

TEST(EncodeComponent, SharesSectionsAmongNeighbours) {
  Bytes unit = {0x6e, 0x01, 0x01, 'a'};
  auto apart = ComponentBuilder().section(7, {unit}).section(7, {unit, unit}).bytes();
  auto together = ComponentBuilder().section(7, {unit, unit, unit}).bytes();
  EXPECT_EQ(encode_component(decode(apart)), together);
}

TEST(EncodeComponent, KeepsNames) {
  auto named = [](Bytes body) {
    return ComponentBuilder().raw(0, concat({name("component-name"), body})).bytes();
  };
  Bytes functions = {0x01, 0x08, 0x01, 0x02, 0x00, 0x01, 'f', 0x05, 0x01, 'g'};
  Bytes core = {0x01, 0x06, 0x00, 0x00, 0x01, 0x00, 0x01, 'h'};
  auto bytes = named(concat({{0x00, 0x03, 0x02, 'm', 'e'}, functions, core}));
  EXPECT_EQ(encode_component(decode(bytes)), bytes);
}

TEST(EncodeComponent, WritesWhatALongerEncodingMeant) {
  // The index 0 in two bytes, the relic form 1 of a name, a rec group of one.
  auto bytes = ComponentBuilder()
                   .section(3, {{0x4e, 0x01, 0x60, 0x00, 0x00}})
                   .section(10, {{0x01, 0x01, 'f', 0x01, 0x80, 0x00}})
                   .bytes();
  auto expected = ComponentBuilder()
                      .section(3, {{0x60, 0x00, 0x00}})
                      .section(10, {{0x00, 0x01, 'f', 0x01, 0x00}})
                      .bytes();
  EXPECT_EQ(encode_component(decode(bytes)), expected);
}

}  // namespace
}  // namespace spindle::component
