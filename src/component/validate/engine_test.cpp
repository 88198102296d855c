// Our validation and the engine's agree on components and on mutations of them.

#include <random>

#include <gtest/gtest.h>

#include "component/fixture/engine_verdict.h"
#include "component/fixture/mutate_component.h"
#include "wasm/module.h"

namespace spindle::component {
namespace {

// Small components that between them use most of the format.
constexpr std::string_view kSeeds[] = {
    R"((component
      (type $t' (record (field "a" u8) (field "b" (list string)))) (export $t "t" (type $t'))
      (core module $m (memory (export "mem") 1) (func (export "f") (param i32 i32 i32))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
      (core instance $i (instantiate $m))
      (func $f (param "x" $t) (canon lift (core func $i "f") (memory (core memory $i "mem"))
        (realloc (core func $i "realloc"))))
      (export "f" (func $f))))",
    R"((component
      (import "a:b/c@1.0.0" (instance $i (export "r" (type $r (sub resource)))
        (export "[constructor]r" (func (result (own $r))))
        (export "[method]r.m" (func (param "self" (borrow $r)) (result string)))))
      (alias export $i "r" (type $r)) (import "f" (func $f (param "x" (own $r))))
      (core func $drop (canon resource.drop $r)) (core func $lower (canon lower (func $f)))
      (core module $m (import "" "d" (func (param i32))) (import "" "f" (func (param i32))))
      (core instance (instantiate $m (with "" (instance
        (export "d" (func $drop)) (export "f" (func $lower))))))))",
    R"((component
      (component $c (import "r" (type $r (sub resource))) (import "f" (func $f (result (own $r))))
        (export "g" (func $f)))
      (type $r (resource (rep i32))) (core func $new (canon resource.new $r))
      (core module $m (import "" "new" (func $new (param i32) (result i32)))
        (func (export "f") (result i32) (call $new (i32.const 1))))
      (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
      (func $f (result (own $r)) (canon lift (core func $i "f")))
      (instance $n (instantiate $c (with "r" (type $r)) (with "f" (func $f))))
      (export "r2" (type $r))))",
    R"((component
      (type $v (variant (case "a" u8) (case "b"))) (import "v" (type (eq $v)))
      (type $s (stream u8)) (core func (canon stream.new $s)) (core func (canon task.return))
      (core type $ft (func)) (core type (module (import "a" "b" (func))
        (export "m" (memory 1 2))))
      (type (component (import "i" (instance (export "f" (func async (param "x" u8))))))) ))",
};

TEST(Validation, AgreesWithTheEnginesOnMutations) {
  const auto engine = wasm::EngineComponents::create().value();
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  ComponentMutator mutator(seed);
  std::vector<Parts> seeds;
  for (auto text : kSeeds) {
    auto binary = wasm::wat2wasm(text);
    if (!binary) continue;
    auto why = disagreement(judge(*binary, engine));
    EXPECT_FALSE(why.has_value()) << *why;
    seeds.push_back(take_apart(*binary).value());
  }
  ASSERT_GE(seeds.size(), 3U);
  for (int i = 0; i < 1'500; ++i) {
    auto parts = seeds[mutator.below(seeds.size())];
    mutator.mutate(parts, seeds[mutator.below(seeds.size())]);
    auto binary = put_together(parts);
    auto why = disagreement(judge(binary, engine));
    if (!why) continue;
    std::string hex;
    for (auto byte : binary) hex += fmt::format("{:02x}", byte);
    ADD_FAILURE() << *why << "\n" << hex;
    return;
  }
}

// An accepted component is the same component when it is taken apart and put together.
TEST(ComponentMutator, KeepsWhatItTakesApart) {
  auto binary = lifting_component();
  auto parts = take_apart(binary).value();
  auto again = put_together(parts);
  EXPECT_TRUE(take_apart(again).value().size() == parts.size());
  auto component = decode_component(SharedBytes::borrow(again));
  ASSERT_TRUE(component.has_value());
  EXPECT_TRUE(validate(*component).has_value());
}

}  // namespace
}  // namespace spindle::component
