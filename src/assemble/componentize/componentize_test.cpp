#include "assemble/componentize/componentize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "wasm/module.h"
#include "wit/load.h"

namespace spindle::assemble {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Made {
  Result<std::vector<uint8_t>> bytes = std::vector<uint8_t>();
  std::vector<std::string> imports;
  std::vector<std::string> exports;
};

// The world `w` of the WIT text, and the module's text.
Made make(const std::string& wit, std::string_view wat) {
  auto resolve = wit::load_texts({{"test.wit", wit}}).value();
  auto world = resolve.find_world("t:t/w").value();
  auto module = wasm::wat2wasm(wat).value();
  Made made;
  made.bytes = encode_module({module, {}, resolve, world});
  if (!made.bytes) return made;
  auto component = component::decode_component(component::SharedBytes::borrow(*made.bytes)).value();
  auto valid = component::validate(component);
  EXPECT_TRUE(valid.has_value()) << valid.error().to_string();
  for (const auto& definition : component.definitions) {
    if (const auto* import = std::get_if<component::ImportDef>(&definition.kind)) {
      made.imports.emplace_back(import->name.name);
    } else if (const auto* item = std::get_if<component::ExportDef>(&definition.kind)) {
      made.exports.emplace_back(item->name.name);
    }
  }
  return made;
}

Made expect_made(const std::string& wit, std::string_view wat) {
  auto made = make(wit, wat);
  EXPECT_TRUE(made.bytes.has_value()) << made.bytes.error().to_string();
  return made;
}

TEST(EncodeModule, LiftsFunctionsOfTheWorld) {
  auto made = expect_made("package t:t; world w { export add: func(a: u32, b: u32) -> u32; }", R"(
    (module (func (export "add") (param i32 i32) (result i32)
      (i32.add (local.get 0) (local.get 1)))))");
  EXPECT_THAT(made.imports, IsEmpty());
  EXPECT_THAT(made.exports, ElementsAre("add"));
}

TEST(EncodeModule, ImportsOnlyWhatTheModuleUses) {
  auto made = expect_made(R"(
    package t:t;
    interface a { type n = u32;  one: func() -> n;  two: func(); }
    interface b { use a.{n};  three: func(x: n); }
    interface c { four: func(); }
    world w { import a; import b; import c; import five: func(); export run: func(); })",
                          R"((module
    (import "t:t/b" "three" (func (param i32)))
    (import "$root" "five" (func))
    (func (export "run"))))");
  EXPECT_THAT(made.imports, ElementsAre("t:t/a", "t:t/b", "five"));
}

TEST(EncodeModule, LowersThroughTheShimWhatNeedsMemory) {
  auto made = expect_made(R"(
    package t:t;
    interface names {
      record pair { left: string, right: list<u8> }
      variant problem { other(string), nothing }
      swap: func(p: pair) -> result<pair, problem>;
      type nine = tuple<u64,u64,u64,u64,u64,u64,u64,u64,u64>;
      many: func(a: nine, b: nine);
    }
    world w { import names; export greet: func(name: string) -> string; export names; })",
                          R"((module
    (import "t:t/names" "swap" (func (param i32 i32 i32 i32 i32)))
    (import "t:t/names" "many" (func (param i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "_initialize"))
    (func (export "greet") (param i32 i32) (result i32) unreachable)
    (func (export "cabi_post_greet") (param i32))
    (func (export "t:t/names#swap") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "t:t/names#many") (param i32))))");
  EXPECT_THAT(made.imports, ElementsAre("t:t/names"));
  EXPECT_THAT(made.exports, ElementsAre("greet", "t:t/names"));
}

TEST(EncodeModule, DefinesTheResourcesThatItExports) {
  auto made = expect_made(R"(
    package t:t;
    interface base { resource thing { constructor(); } }
    interface shop {
      use base.{thing};
      resource cart {
        constructor(first: own<thing>);
        add: func(more: borrow<thing>) -> u32;
        join: static func(a: cart, b: borrow<cart>) -> cart;
      }
      all: func() -> list<cart>;
    }
    interface till { use shop.{cart};  pay: func(c: cart) -> u64; }
    world w { export shop; export till; })",
                          R"((module
    (import "[export]t:t/shop" "[resource-new]cart" (func (param i32) (result i32)))
    (import "[export]t:t/shop" "[resource-rep]cart" (func (param i32) (result i32)))
    (import "[export]t:t/shop" "[resource-drop]cart" (func (param i32)))
    (import "t:t/base" "[resource-drop]thing" (func (param i32)))
    (import "t:t/base" "[constructor]thing" (func (result i32)))
    (memory (export "memory") 1)
    (func (export "t:t/shop#[constructor]cart") (param i32) (result i32) unreachable)
    (func (export "t:t/shop#[method]cart.add") (param i32 i32) (result i32) unreachable)
    (func (export "t:t/shop#[static]cart.join") (param i32 i32) (result i32) unreachable)
    (func (export "t:t/shop#all") (result i32) unreachable)
    (func (export "cabi_post_t:t/shop#all") (param i32))
    (func (export "t:t/shop#[dtor]cart") (param i32))
    (func (export "t:t/till#pay") (param i32) (result i64) unreachable)))");
  EXPECT_THAT(made.imports, ElementsAre("t:t/base"));
  EXPECT_THAT(made.exports, ElementsAre("t:t/shop", "t:t/till"));
}

TEST(EncodeModule, SaysWhatDoesNotFit) {
  const std::string wit = R"(
    package t:t;
    interface a { one: func() -> string; resource r; }
    world w { import a; export run: func(); })";
  struct Case {
    std::string_view wat;
    std::string_view error;
  };
  const Case cases[] = {
      {R"((module))", "exports `run`, but the module does not"},
      {R"((module (import "x" "y" (func)) (func (export "run"))))", "neither the world nor"},
      {R"((module (import "t:t/a" "y" (func)) (func (export "run"))))", "no such item"},
      {R"((module (import "t:t/a" "m" (memory 1)) (func (export "run"))))", "no such item"},
      {R"((module (import "t:t/a" "one" (memory 1)) (func (export "run"))))", "not a function"},
      {R"((module (import "$root" "f" (func)) (func (export "run"))))",
       "the world does not import"},
      {R"((module (import "$root" "[context-get-0]" (func)) (func (export "run"))))",
       "`[context-get-0]`"},
      {R"((module (import "t:t/a" "[async-lower]one" (func)) (func (export "run"))))",
       "asynchronous built-ins"},
      {R"((module (import "[export]t:t/a" "[resource-new]r" (func)) (func (export "run"))))",
       "exports no such resource"},
      {R"((module (import "cm32p2|t:t/a" "one" (func)) (func (export "run"))))", "`cm32p2`"},
      {R"((module (import "t:t/a" "one" (func (param i32))) (func (export "run"))))",
       "export its memory"},
      {R"((module (import "t:t/a" "one" (func (param i32))) (func (export "run"))
           (memory (export "memory") 1)))",
       "`cabi_realloc`"},
      {R"((module (func (export "[async-lift]run"))))", "asynchronous function"},
  };
  for (const auto& [wat, error] : cases) {
    auto made = make(wit, wat);
    ASSERT_FALSE(made.bytes.has_value()) << wat;
    EXPECT_THAT(made.bytes.error().to_string(), HasSubstr(std::string(error))) << wat;
  }
}

}  // namespace
}  // namespace spindle::assemble
