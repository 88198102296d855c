#include "assemble/compose/compose.h"

#include <gmock/gmock.h>

#include "assemble/compose/fixture.h"

namespace spindle::assemble {
namespace {

using testing::adder;
using testing::constant;
using ::testing::ElementsAre;
using testing::exports_of;
using testing::failure;
using ::testing::HasSubstr;
using testing::imports_of;
using testing::part;
using testing::run;

constexpr std::string_view kStock = "shop:stock/catalog@1.2.0";
constexpr std::string_view kShop = "shop:front/prices@1.0.0";

std::vector<Plug> plugs(Plug one) {
  std::vector<Plug> all;
  all.push_back(std::move(one));
  return all;
}

TEST(Compose, CallsTheExportOfADependency) {
  auto composed = compose(part("shop", adder(kStock, kShop, 2)),
                          plugs({part("stock", constant(kStock, 40)), std::string(kStock), {}}));
  ASSERT_EQ(failure(composed), "");
  EXPECT_THAT(imports_of(**composed), ElementsAre());
  EXPECT_THAT(exports_of(**composed), ElementsAre(std::string(kShop)));
  EXPECT_EQ(run(**composed, kShop, "get"), 42U);
}

TEST(Compose, ReturnsARootWithoutPlugsAsItIs) {
  Part root = part("shop", adder(kStock, kShop, 2));
  const component::Component* component = root.component.get();
  EXPECT_EQ(compose(std::move(root), {}).value().get(), component);
}

TEST(Compose, ChoosesImportsByTheNameOfTheDependency) {
  struct Case {
    std::string_view dependency;
    std::string_view exported;
    std::string_view error;
  };
  const Case cases[] = {
      {"shop:stock/catalog@1.2.0", kStock, ""},
      {"shop:stock/catalog", kStock, ""},
      {"shop:stock@1.2.0", kStock, ""},
      {"shop:stock", kStock, ""},
      {"", kStock, ""},
      // Another version of the same track stands in.
      {"shop:stock", "shop:stock/catalog@1.3.1", ""},
      {"", "shop:stock/catalog@1.0.0", ""},
      {"shop:stock", "shop:stock/catalog@2.0.0", "does not export `shop:stock/catalog@1.2.0`"},
      {"shop:stock@1.2.1", kStock, "matches no import of `shop`: the imports are `shop:stock/"},
      {"shop:stock/other", kStock, "matches no import"},
      {"shop:other", kStock, "matches no import"},
      {"catalog", kStock, "matches no import"},
      {"Not A Name", kStock, "names no import"},
      {"shop:stock/", kStock, "names no import"},
      {"shop:stock@x", kStock, "names no import"},
      {"", "shop:other/catalog@1.2.0", "exports nothing that `shop` imports"},
  };
  for (const auto& [dependency, exported, error] : cases) {
    auto composed =
        compose(part("shop", adder(kStock, kShop, 1)),
                plugs({part("stock", constant(exported, 6)), std::string(dependency), {}}));
    EXPECT_THAT(failure(composed), HasSubstr(std::string(error))) << dependency;
    if (error.empty() && composed) {
      EXPECT_EQ(run(**composed, kShop, "get"), 7U) << dependency;
    }
  }
}

TEST(Compose, UsesTheExportThatIsNamed) {
  auto compose_with = [](std::string export_name) {
    return compose(part("shop", adder(kStock, kShop, 1)),
                   plugs({part("stock", constant("a:b/c", 1)), "shop:stock", export_name}));
  };
  auto composed = compose_with("a:b/c");
  ASSERT_EQ(failure(composed), "");
  EXPECT_EQ(run(**composed, kShop, "get"), 2U);
  EXPECT_THAT(failure(compose_with("a:b/d")),
              HasSubstr("dependency `shop:stock` (`stock`) does not export `a:b/d`, which `shop` "
                        "imports as `shop:stock/catalog@1.2.0`: it exports `a:b/c`"));
}

TEST(Compose, RefusesTwoDependenciesForOneImport) {
  std::vector<Plug> both;
  both.push_back({part("one", constant(kStock, 1)), "shop:stock", {}});
  both.push_back({part("two", constant(kStock, 2)), "shop:stock/catalog", {}});
  EXPECT_THAT(failure(compose(part("shop", adder(kStock, kShop, 1)), std::move(both))),
              HasSubstr("import `shop:stock/catalog@1.2.0` is satisfied by dependency `shop:stock` "
                        "(`one`) and by dependency `shop:stock/catalog` (`two`)"));
}

TEST(Compose, NamesTheItemThatDoesNotFit) {
  constexpr std::string_view kOther = R"((component
    (core module $m (func (export "get") (result i32) (i32.const 1)))
    (core instance $i (instantiate $m))
    (func $get (result s32) (canon lift (core func $i "get")))
    (instance $c (export "get" (func $get)))
    (export "shop:stock/catalog@1.2.0" (instance $c))))";
  const std::string message = failure(
      compose(part("shop", adder(kStock, kShop, 1)), plugs({part("stock", kOther), "", {}})));
  EXPECT_THAT(message, HasSubstr("composing `stock`, `shop`"));
  EXPECT_THAT(message, HasSubstr("`shop:stock/catalog@1.2.0`"));
  EXPECT_THAT(message, HasSubstr("`get`"));
}

TEST(Compose, AcceptsAnExportThatHasMoreThanTheImportButNotLess) {
  constexpr std::string_view kMore = R"((component
    (core module $m (func (export "get") (result i32) (i32.const 5)) (func (export "put")))
    (core instance $i (instantiate $m))
    (func $get (result u32) (canon lift (core func $i "get")))
    (func $put (canon lift (core func $i "put")))
    (instance $c (export "put" (func $put)) (export "get" (func $get)))
    (export "shop:stock/catalog@1.2.0" (instance $c))))";
  constexpr std::string_view kLess = R"((component
    (core module $m (func (export "put")))
    (core instance $i (instantiate $m))
    (func $put (canon lift (core func $i "put")))
    (instance $c (export "put" (func $put)))
    (export "shop:stock/catalog@1.2.0" (instance $c))))";
  auto more = compose(part("shop", adder(kStock, kShop, 1)), plugs({part("stock", kMore), "", {}}));
  ASSERT_EQ(failure(more), "");
  EXPECT_EQ(run(**more, kShop, "get"), 6U);
  EXPECT_THAT(failure(compose(part("shop", adder(kStock, kShop, 1)),
                              plugs({part("stock", kLess), "", {}}))),
              HasSubstr("missing expected export `get`"));
}

// An interface that has only types is nobody's to provide; one with functions is.
TEST(Compose, LeavesTypesOfAPackageToTheHost) {
  constexpr std::string_view kRoot = R"((component
    (import "p:q/types" (instance $types
      (type $r (record (field "n" u32)))
      (export "r" (type (eq $r)))))
    (alias export $types "r" (type $r))
    (import "p:q/work" (instance $work
      (alias outer 1 $r (type $outer))
      (export "r" (type $named (eq $outer)))
      (export "make" (func (result $named)))))
    (core func $make (canon lower (func $work "make")))
    (core module $m
      (import "" "make" (func $make (result i32)))
      (func (export "run") (result i32) (call $make)))
    (core instance $i (instantiate $m (with "" (instance (export "make" (func $make))))))
    (func (export "run") (result u32) (canon lift (core func $i "run")))))";
  constexpr std::string_view kPlug = R"((component
    (import "p:q/types" (instance $types
      (type $r (record (field "n" u32)))
      (export "r" (type (eq $r)))))
    (alias export $types "r" (type $r))
    (core module $m (func (export "make") (result i32) (i32.const 11)))
    (core instance $i (instantiate $m))
    (func $make (result $r) (canon lift (core func $i "make")))
    (instance $c (export "r" (type $r)) (export "make" (func $make)))
    (export "p:q/work" (instance $c))))";
  auto composed = compose(part("root", kRoot), plugs({part("plug", kPlug), "p:q", {}}));
  ASSERT_EQ(failure(composed), "");
  EXPECT_THAT(imports_of(**composed), ElementsAre("p:q/types"));
  EXPECT_EQ(run(**composed, "", "run"), 11U);
  EXPECT_THAT(failure(compose(part("root", kRoot), plugs({part("plug", kPlug), "p:q/types", {}}))),
              HasSubstr("does not export `p:q/types`"));
}

TEST(Compose, WiresPlainFunctionsAndCoreModules) {
  constexpr std::string_view kRoot = R"((component
    (import "get" (func $get (result u32)))
    (import "code" (core module $code
      (import "" "get" (func (result i32)))
      (export "twice" (func (result i32)))))
    (core func $get (canon lower (func $get)))
    (core instance $i (instantiate $code (with "" (instance (export "get" (func $get))))))
    (func (export "twice") (result u32) (canon lift (core func $i "twice")))))";
  constexpr std::string_view kPlug = R"((component
    (core module $m (func (export "get") (result i32) (i32.const 21)))
    (core instance $i (instantiate $m))
    (func (export "get") (result u32) (canon lift (core func $i "get")))
    (core module $code
      (import "" "get" (func $get (result i32)))
      (func (export "twice") (result i32) (i32.add (call $get) (call $get))))
    (export "code" (core module $code))))";
  auto whole = compose(part("root", kRoot), plugs({part("plug", kPlug), "", {}}));
  ASSERT_EQ(failure(whole), "");
  EXPECT_EQ(run(**whole, "", "twice"), 42U);

  auto partial = compose(part("root", kRoot), plugs({part("plug", kPlug), "get", {}}));
  ASSERT_EQ(failure(partial), "");
  EXPECT_THAT(imports_of(**partial), ElementsAre("code"));
}

TEST(Compose, InstantiatesOnePlugOnceForAllItsImports) {
  // A counter: each import counts the same instance.
  constexpr std::string_view kPlug = R"((component
    (core module $m (global $n (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
    (core instance $i (instantiate $m))
    (func $next (result u32) (canon lift (core func $i "next")))
    (instance $c (export "next" (func $next)))
    (export "p:q/a" (instance $c))
    (export "p:q/b" (instance $c))))";
  constexpr std::string_view kRoot = R"((component
    (import "p:q/a" (instance $a (export "next" (func (result u32)))))
    (import "p:q/b" (instance $b (export "next" (func (result u32)))))
    (core func $a (canon lower (func $a "next")))
    (core func $b (canon lower (func $b "next")))
    (core module $m
      (import "" "a" (func $a (result i32)))
      (import "" "b" (func $b (result i32)))
      (func (export "both") (result i32)
        (i32.add (i32.mul (call $a) (i32.const 10)) (call $b))))
    (core instance $i (instantiate $m (with "" (instance
      (export "a" (func $a)) (export "b" (func $b))))))
    (func (export "both") (result u32) (canon lift (core func $i "both")))))";
  auto composed = compose(part("root", kRoot), plugs({part("plug", kPlug), "p:q", {}}));
  ASSERT_EQ(failure(composed), "");
  EXPECT_EQ(run(**composed, "", "both"), 12U);
}

TEST(Chain, PutsWrappersInFrontOfEachOther) {
  std::vector<Part> wrappers;
  wrappers.push_back(part("outer", adder(kStock, kStock, 100)));
  wrappers.push_back(
      part("inner", adder("shop:stock/catalog@1.2.5", "shop:stock/catalog@1.2.5", 20)));
  auto composed =
      chain(kStock, part("stock", constant("shop:stock/catalog@1.3.0", 3)), std::move(wrappers));
  ASSERT_EQ(failure(composed), "");
  EXPECT_THAT(exports_of(**composed), ElementsAre(std::string(kStock)));
  EXPECT_EQ(run(**composed, kStock, "get"), 123U);
}

TEST(Chain, HasAtMostAHundredParts) {
  const Part wrapper = part("wrapper", adder(kStock, kStock, 1));
  EXPECT_THAT(failure(chain(kStock, part("stock", constant(kStock, 1)), {100, wrapper})),
              HasSubstr("a composition of 101 components, at most 100 are allowed"));
}

TEST(Chain, SaysWhoDoesNotFit) {
  auto chained = [](std::string_view innermost, std::string_view wrapper) {
    std::vector<Part> wrappers;
    wrappers.push_back(part("wrapper", wrapper));
    return failure(chain(kStock, part("primary", innermost), std::move(wrappers)));
  };
  EXPECT_THAT(
      chained(constant("a:b/c", 1), adder(kStock, kStock, 1)),
      HasSubstr("`primary` does not export `shop:stock/catalog@1.2.0`: it exports `a:b/c`"));
  EXPECT_THAT(chained(constant(kStock, 1), constant(kStock, 1)),
              HasSubstr("`wrapper` does not import `shop:stock/catalog@1.2.0`"));
  EXPECT_THAT(chained(constant(kStock, 1), adder(kStock, "a:b/c", 1)),
              HasSubstr("`wrapper` does not export"));
}

}  // namespace
}  // namespace spindle::assemble
