#include "assemble/componentize/componentize.h"

#include <fmt/format.h>
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

// The world `w` of the WIT text, and the module's text; not validated.
Result<std::vector<uint8_t>> encode(const std::string& wit, std::string_view wat) {
  auto resolve = wit::load_texts({{"test.wit", wit}}).value();
  auto world = resolve.find_world("t:t/w").value();
  auto module = wasm::wat2wasm(wat).value();
  return encode_module({module, {}, resolve, world});
}

Made make(const std::string& wit, std::string_view wat) {
  Made made;
  made.bytes = encode(wit, wat);
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

// Whatever refuses it: making it, or looking at what was made.
Result<std::vector<uint8_t>> make_any(const std::string& wit, std::string_view wat) {
  auto bytes = TRY(encode(wit, wat));
  auto component = TRY(component::decode_component(component::SharedBytes::borrow(bytes)));
  TRY(component::validate(component));
  return bytes;
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

TEST(EncodeModule, TakesAnImportThatComesTwice) {
  auto made = expect_made(
      "package t:t; world w { import f: func(); import g: func(); export run: func(); }",
      R"((module
    (import "$root" "f" (func)) (import "$root" "g" (func)) (import "$root" "f" (func))
    (import "$root" "f" (func)) (func (export "run") (call 0) (call 2) (call 3))))");
  EXPECT_THAT(made.imports, ElementsAre("f", "g"));
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
      {R"((module (import "$root" "[made-up]" (func)) (func (export "run"))))", "not known"},
      {R"((module (import "[export]t:t/a" "[resource-new]r" (func)) (func (export "run"))))",
       "exports no such resource"},
      {R"((module (import "cm32p2|t:t/a" "one" (func)) (func (export "run"))))", "`cm32p2`"},
      {R"((module (import "t:t/a" "one" (func (param i32))) (func (export "run"))))",
       "export its memory"},
      {R"((module (import "t:t/a" "one" (func (param i32))) (func (export "run"))
           (memory (export "memory") 1)))",
       "`cabi_realloc`"},
  };
  for (const auto& [wat, error] : cases) {
    auto made = make(wit, wat);
    ASSERT_FALSE(made.bytes.has_value()) << wat;
    EXPECT_THAT(made.bytes.error().to_string(), HasSubstr(std::string(error))) << wat;
  }
}

constexpr const char* kAsyncWit = R"(
  package t:t;
  interface pipes {
    record part { name: string, size: u32 }
    variant problem { lost(part), other }
    resource pipe { read: async func(n: u32) -> list<part>; }
    send: async func(to: string, parts: stream<part>, done: future<stream<u8>>) -> u32;
    later: func(when: future) -> future<result<part, problem>>;
  }
  interface serve {
    use pipes.{part, pipe};
    resource cup;
    record tray { cups: list<own<cup>>, from: own<pipe> }
    run: async func(trays: stream<tray>, name: string) -> result<tray, string>;
    count: async func(a: u32) -> u32;
  }
  world w {
    import pipes;
    import tick: async func() -> u32;
    export serve;
    export go: async func(numbers: stream<u64>);
  })";

TEST(EncodeModule, MakesComponentsOfCoroutines) {
  auto made = expect_made(kAsyncWit, R"((module
    (import "t:t/pipes" "[async-lower]send" (func (param i32 i32 i32 i32 i32) (result i32)))
    (import "t:t/pipes" "[async-lower][method]pipe.read" (func (param i32 i32 i32) (result i32)))
    (import "t:t/pipes" "later" (func (param i32) (result i32)))
    (import "$root" "[async-lower]tick" (func (param i32) (result i32)))
    (import "t:t/pipes" "[stream-new-0]send" (func (result i64)))
    (import "t:t/pipes" "[async-lower][stream-write-0]send" (func (param i32 i32 i32) (result i32)))
    (import "t:t/pipes" "[stream-read-0]send" (func (param i32 i32 i32) (result i32)))
    (import "t:t/pipes" "[stream-read-1]send" (func (param i32 i32 i32) (result i32)))
    (import "t:t/pipes" "[future-write-2]send" (func (param i32 i32) (result i32)))
    (import "t:t/pipes" "[async-lower][stream-cancel-read-1]send" (func (param i32) (result i32)))
    (import "t:t/pipes" "[stream-drop-readable-1]send" (func (param i32)))
    (import "t:t/pipes" "[future-new-0]later" (func (result i64)))
    (import "t:t/pipes" "[future-drop-writable-0]later" (func (param i32)))
    (import "t:t/pipes" "[future-read-0]later" (func (param i32 i32) (result i32)))
    (import "t:t/pipes" "[async-lower][future-read-1]later" (func (param i32 i32) (result i32)))
    (import "[export]t:t/serve" "[stream-new-0]run" (func (result i64)))
    (import "[export]t:t/serve" "[stream-read-0]run" (func (param i32 i32 i32) (result i32)))
    (import "[export]t:t/serve" "[resource-new]cup" (func (param i32) (result i32)))
    (import "[export]t:t/serve" "[task-return]run" (func (param i32 i32 i32 i32)))
    (import "[export]t:t/serve" "[task-return]count" (func (param i32)))
    (import "[export]$root" "[task-return]go" (func))
    (import "[export]$root" "[stream-read-0]go" (func (param i32 i32 i32) (result i32)))
    (import "[export]$root" "[task-cancel]" (func))
    (import "$root" "[waitable-set-new]" (func (result i32)))
    (import "$root" "[waitable-set-wait]" (func (param i32 i32) (result i32)))
    (import "$root" "[cancellable][waitable-set-poll]" (func (param i32 i32) (result i32)))
    (import "$root" "[waitable-join]" (func (param i32 i32)))
    (import "$root" "[subtask-drop]" (func (param i32)))
    (import "$root" "[async-lower][subtask-cancel]" (func (param i32) (result i32)))
    (import "$root" "[context-get-0]" (func (result i32)))
    (import "$root" "[context-set-0]" (func (param i32)))
    (import "$root" "[backpressure-inc]" (func))
    (import "$root" "[thread-yield]" (func (result i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "[async-lift]t:t/serve#run") (param i32 i32 i32) (result i32) unreachable)
    (func (export "[callback][async-lift]t:t/serve#run") (param i32 i32 i32) (result i32)
      unreachable)
    (func (export "t:t/serve#count") (param i32) (result i32) unreachable)
    (func (export "[async-lift-stackful]go") (param i32))))");
  EXPECT_THAT(made.imports, ElementsAre("t:t/pipes", "tick"));
  EXPECT_THAT(made.exports, ElementsAre("t:t/serve", "go"));
}

TEST(EncodeModule, SaysWhichAsynchronousNamesDoNotFit) {
  struct Case {
    std::string_view module;
    std::string_view name;
    std::string_view error;
  };
  const Case cases[] = {
      {"t:t/pipes", "[stream-new-3]send", "no such stream"},
      {"t:t/pipes", "[stream-new-1]later", "no such stream"},
      {"t:t/pipes", "[future-new-0]send", "no such future"},
      {"t:t/pipes", "[future-new-99999999999]later", "a number and `]`"},
      {"t:t/pipes", "[future-new-]later", "a number and `]`"},
      {"t:t/pipes", "[stream-new-0", "a number and `]`"},
      {"t:t/pipes", "[stream-new-0]missing", "no such function"},
      {"t:t/none", "[stream-new-0]send", "no such function"},
      {"t:t/pipes", "[task-return]send", "exports no such function"},
      {"[export]t:t/pipes", "[task-return]send", "exports no such function"},
      {"[export]$root", "[task-return]tick", "exports no such function"},
      {"t:t/pipes", "[async-lower][stream-new-0]send", "no such form"},
      {"$root", "[cancellable][waitable-join]", "no such form"},
      {"$root", "[context-get-0]f", "no such built-in"},
      {"$root", "[context-get-7]", "context slot 7"},
      {"$root", "[thread-new-indirect-v0]", "threads of components are not supported"},
      {"$root", "[error-context-drop]", "error-context"},
  };
  for (const auto& [module, name, error] : cases) {
    auto made = make_any(kAsyncWit, fmt::format(R"((module
      (import "{}" "{}" (func (result i32)))
      (func (export "t:t/serve#run") (param i32 i32 i32) (result i32) unreachable)
      (func (export "t:t/serve#count") (param i32) (result i32) unreachable)
      (func (export "go") (param i32))
      (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)))",
                                                module, name));
    ASSERT_FALSE(made.has_value()) << name;
    EXPECT_THAT(made.error().to_string(), HasSubstr(std::string(error))) << name;
  }
  auto no_callback =
      make_any("package t:t; world w { export go: async func(); }",
               R"((module (func (export "[async-lift]go") (result i32) unreachable)))");
  ASSERT_FALSE(no_callback.has_value());
  EXPECT_THAT(no_callback.error().to_string(), HasSubstr("`[callback][async-lift]go`"));
}

// Types that share their parts: a walk through all of them would not end.
TEST(EncodeModule, CountsStreamsOfSharedTypesOnce) {
  std::string wit = "package t:t; interface i { type t0 = tuple<stream<u8>, u8>;\n";
  for (int i = 1; i < 80; ++i) wit += fmt::format("type t{0} = tuple<t{1}, t{1}>;\n", i, i - 1);
  wit += "f: func(v: t79); } world w { import i; export run: func(); }";
  auto made = make_any(wit, R"((module
    (import "t:t/i" "[stream-new-123456]f" (func (result i64)))
    (func (export "run"))))");
  EXPECT_TRUE(made.has_value()) << made.error().to_string();
}

}  // namespace
}  // namespace spindle::assemble
