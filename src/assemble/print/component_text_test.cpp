#include "assemble/print/component_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/binary/decode.h"
#include "component/binary/encode.h"
#include "wasm/module.h"

namespace spindle::assemble {
namespace {

using testing::HasSubstr;

Result<component::Component> component_of(std::string_view text) {
  auto bytes = TRY(wasm::wat2wasm(text));
  return component::decode_component(component::SharedBytes::own(std::move(bytes)));
}

std::string text_of(std::string_view text) {
  auto component = component_of(text);
  if (component) return component_text(*component);
  ADD_FAILURE() << component.error().to_string() << "\n" << text;
  return "";
}

// Each is printed, translated back and decoded, and must have the same definitions.
constexpr std::string_view kCorpus[] = {
    "(component)",
    R"((component $named (import "f" (func $f)) (export $g "g" (func $f)) (export "h" (func $g))))",
    R"((component
      (type bool) (type (list s8)) (type (list u16 7)) (type (map string 1)) (type (tuple char f32))
      (type (record (field "a" u32) (field "b" 4))) (type (variant (case "x") (case "y" 5)))
      (type (enum "p" "q")) (type (flags "r" "w")) (type (option error-context))
      (type (result)) (type (result u8)) (type (result (error 3))) (type (result u8 (error s64)))
      (type (stream)) (type (stream u8)) (type (future)) (type (future f64))
      (type (resource (rep i32))) (type (own 18)) (type (borrow 18))
      (type (func)) (type (func async (param "a" 20) (param "b" u32) (result 19)))))",
    R"((component
      (type $t (instance
        (export "r" (type (sub resource)))
        (type (component
          (import "x" (type (sub resource))) (import "f" (func (param "a" (own 0))))
          (export "i" (instance (export "u" (type (eq 0))) (alias outer 2 0 (type))))))
        (export "c" (component (type 1)))))
      (import "a:b/c@1.2.3" (instance $i (type $t)))
      (alias export $i "r" (type $r))
      (type $h (own $r))
      (import "again" (type $again (eq $r)))
      (import "take" (func (param "h" (own $again))))))",
    R"((component
      (import "m" (core module $m (export "f" (func (param i32 i64) (result f32)))
        (export "mem" (memory 1 2)) (export "t" (table 1 funcref)) (export "g" (global (mut i32)))
        (export "e" (tag (param i32)))))
      (core instance $env (instantiate $m))
      (alias core export $env "mem" (core memory $mem))
      (alias core export $env "t" (core table $t))
      (alias core export $env "g" (core global $g))
      (alias core export $env "f" (core func $f))
      (core instance $all (export "mem" (memory $mem)) (export "t" (table $t))
        (export "g" (global $g)) (export "f" (func $f)))
      (core instance (instantiate $m (with "env" (instance $all)) (with "" (instance $env))))
      (core type $sig (func (param i32)))
      (core type (module (alias outer 1 $sig (type)) (import "a" "b" (func (type 0)))
        (export "memory64" (memory i64 1)) (export "shared" (memory 1 2 shared))))))",
    R"((component
      (component $inner
        (import "f" (func $f)) (import "t" (type (sub resource))) (import "i" (instance))
        (export "f" (func $f)))
      (import "f" (func $f)) (import "r" (type $r (sub resource))) (import "i" (instance $i))
      (instance $made (instantiate $inner (with "f" (func $f)) (with "t" (type $r))
        (with "i" (instance $i))))
      (instance $bundle (export "f" (func $made "f")) (export "r" (type $r)))
      (instance (export "nested" (instance $bundle)) (export "c" (component $inner)))
      (export "b" (instance $bundle) (instance))))",
    R"((component
      (import "x" (implements "a:b/c") (instance))
      (import "y" (external-id "some id") (func $y))
      (export "z" (func $y) (func))))",
};

TEST(ComponentText, TranslatesBackToTheSameDefinitions) {
  for (auto text : kCorpus) {
    auto component = component_of(text);
    ASSERT_TRUE(component.has_value()) << component.error().to_string() << text;
    auto printed = component_text(*component);
    auto again = component_of(printed);
    ASSERT_TRUE(again.has_value()) << again.error().to_string() << "\n" << printed;
    // Names are kept too, but not those of types' own scopes.
    component->names = {};
    again->names = {};
    EXPECT_EQ(component::encode_component(*again), component::encode_component(*component))
        << printed;
  }
}

// Everything that a canonical definition can say, over one core module.
TEST(ComponentText, PrintsCanonicalDefinitions) {
  constexpr std::string_view kCanons[] = {
      "(core func (;3;) (canon lower (func $f) string-encoding=utf16 (memory $mem) (realloc $re)))",
      "(core func (;3;) (canon resource.new $own))",
      "(core func (;3;) (canon resource.drop $own))",
      "(core func (;3;) (canon resource.rep $own))",
      "(core func (;3;) (canon task.cancel))",
      "(core func (;3;) (canon subtask.cancel async))",
      "(core func (;3;) (canon task.return (result u8)))",
      "(core func (;3;) (canon context.get i32 0))",
      "(core func (;3;) (canon thread.yield))",
      "(core func (;3;) (canon stream.new $s))",
      "(core func (;3;) (canon stream.read $s async (memory $mem)))",
      "(core func (;3;) (canon stream.cancel-write $s async))",
      "(core func (;3;) (canon stream.drop-readable $s))",
      "(core func (;3;) (canon error-context.debug-message (memory $mem) (realloc $re)))",
      "(core func (;3;) (canon waitable-set.wait (memory $mem)))",
      "(core func (;3;) (canon waitable.join))",
      "(core func (;3;) (canon backpressure.inc))",
      "(core func (;3;) (canon thread.index))",
      "(core func (;3;) (canon thread.new-indirect $start (core table $tab)))",
      "(func $lifted (;1;) (type 4) (canon lift (core func $go) async (memory $mem) (callback "
      "$cb)))",
      "(func $lifted (;1;) (type 5) (canon lift (core func $go) (post-return $cb)))",
      "(type (;6;) (resource (rep i32) (dtor (core func $cb))))",
  };
  for (auto canon : kCanons) {
    auto text = fmt::format(R"((component
      (core module $m)
      (core instance $i (instantiate $m))
      (alias core export $i "mem" (core memory $mem))
      (alias core export $i "t" (core table $tab))
      (alias core export $i "re" (core func $re))
      (alias core export $i "go" (core func $go))
      (alias core export $i "cb" (core func $cb))
      (type $own (resource (rep i32)))
      (type $s (stream u8))
      (type $sig (func))
      (import "f" (func $f (type $sig)))
      (core type $start (func (param i32)))
      (type (func async))
      (type (func async (result u8)))
      (type (func (result u8)))
      {}))",
                            canon);
    auto printed = text_of(text);
    EXPECT_THAT(printed, HasSubstr(fmt::format("  {}\n", canon)));
    auto again = component_of(printed);
    EXPECT_TRUE(again.has_value()) << printed;
  }
}

TEST(ComponentText, SaysWhatACoreModuleImportsAndExports) {
  EXPECT_EQ(text_of(R"((component
    (core module $m (import "env" "f" (func (param i32) (result i64)))
      (memory (export "mem") 1) (global (export "g\n") i32 (i32.const 0)))
    (core instance (instantiate $m))))"),
            R"((component
  (core module $m (;0;)
    ;; 65 bytes, left out
    ;; (import "env" "f" (func (param i32) (result i64)))
    ;; (export "mem" (memory 1))
    ;; (export "g\0a" (global i32))
  )
  (core instance (;0;) (instantiate $m))
)
)");
}

TEST(ComponentText, KeepsOnlyNamesThatCanStandInText) {
  auto printed = text_of(R"((component
    (import "a" (func $"with space")) (import "b" (func $fine))
    (export "x" (func 0)) (export "y" (func 1))))");
  EXPECT_THAT(printed, HasSubstr("(import \"a\" (func (;0;) (type 0)))"));
  EXPECT_THAT(printed, HasSubstr("(export (;3;) \"y\" (func $fine))"));
}

TEST(ComponentText, StaysSmallWhereNestingIsDeep) {
  std::string text;
  for (int i = 0; i < 90; ++i) text += "(component ";
  for (int i = 0; i < 90; ++i) text += ")";
  auto component = component_of(text);
  ASSERT_TRUE(component.has_value()) << component.error().to_string();
  EXPECT_LT(component_text(*component).size(), 90 * 2 * 80u);
}

}  // namespace
}  // namespace spindle::assemble
