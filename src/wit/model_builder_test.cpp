#include "wit/model_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wit/limits.h"
#include "wit/print.h"

namespace spindle::wit {
namespace {

using testing::HasSubstr;

const PackageName kPackage{"a", "b", std::nullopt};

struct Fixture {
  ModelBuilder builder;
  PackageId package = builder.package(kPackage).value();
  InterfaceId types = builder.interface(package, "types").value();

  Type list_of(Type element) { return builder.add_anonymous(List{element}).value(); }
};

TEST(ModelBuilder, FindsWhatItMadeByName) {
  Fixture f;
  EXPECT_EQ(f.builder.package(kPackage).value(), f.package);
  EXPECT_EQ(f.builder.interface(f.package, "types").value(), f.types);
  EXPECT_NE(f.builder.interface(f.package, "other").value(), f.types);
  auto world = f.builder.world(f.package, "w").value();
  auto held = f.builder.inline_interface(world, WorldSide::Import, "x").value();
  EXPECT_EQ(f.builder.inline_interface(world, WorldSide::Import, "x").value(), held);
  EXPECT_NE(f.builder.inline_interface(world, WorldSide::Export, "x").value(), held);
}

// Each kind is added twice, built anew each time, and then once more with another meaning.
TEST(ModelBuilder, UnitesEqualTypesAndRefusesOthers) {
  using Make = TypeKind (*)(Fixture&);
  constexpr std::pair<Make, Make> kCases[] = {
      {[](Fixture& f) -> TypeKind { return Record{{{"x", f.list_of(Primitive::U8), {}}}}; },
       [](Fixture& f) -> TypeKind { return Record{{{"x", f.list_of(Primitive::S8), {}}}}; }},
      {[](Fixture&) -> TypeKind { return Record{{{"x", Primitive::U8, {}}}}; },
       [](Fixture&) -> TypeKind { return Record{{{"y", Primitive::U8, {}}}}; }},
      {[](Fixture&) -> TypeKind { return Variant{{{"x", Primitive::U8, {}}, {"y", {}, {}}}}; },
       [](Fixture&) -> TypeKind { return Variant{{{"x", {}, {}}, {"y", {}, {}}}}; }},
      {[](Fixture&) -> TypeKind { return Enum{{{"x", {}}}}; },
       [](Fixture&) -> TypeKind { return Enum{{{"x", {}}, {"y", {}}}}; }},
      {[](Fixture&) -> TypeKind { return Flags{{{"x", {}}}}; },
       [](Fixture&) -> TypeKind { return Flags{{{"y", {}}}}; }},
      {[](Fixture&) -> TypeKind { return FixedList{Primitive::U8, 4}; },
       [](Fixture&) -> TypeKind { return FixedList{Primitive::U8, 5}; }},
      {[](Fixture&) -> TypeKind { return ResultType{Primitive::U8, {}}; },
       [](Fixture&) -> TypeKind { return ResultType{{}, Primitive::U8}; }},
      {[](Fixture&) -> TypeKind { return Stream{}; },
       [](Fixture&) -> TypeKind { return Stream{Primitive::U8}; }},
      {[](Fixture&) -> TypeKind { return Resource{}; },
       [](Fixture&) -> TypeKind { return Alias{Primitive::U8, AliasOrigin::TypeItem}; }},
  };
  size_t number = 0;
  for (auto [same, other] : kCases) {
    SCOPED_TRACE(number++);
    Fixture f;
    auto first = f.builder.add_type(f.types, "t", same(f));
    ASSERT_TRUE(first.has_value());
    auto second = f.builder.add_type(f.types, "t", same(f));
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(first.value(), second.value());
    auto third = f.builder.add_type(f.types, "t", other(f));
    ASSERT_FALSE(third.has_value());
    EXPECT_EQ(third.error().message(), "type `t` has two different definitions");
  }
}

TEST(ModelBuilder, ComparesHandlesByTheirResource) {
  Fixture f;
  auto resource = f.builder.add_type(f.types, "r", Resource{}).value();
  auto other = f.builder.add_type(f.types, "s", Resource{}).value();
  auto alias = f.builder.add_type(f.types, "a", Alias{resource, AliasOrigin::TypeItem}).value();
  auto function = [&](Ownership ownership, TypeId of) {
    Function made;
    made.name = "f";
    made.params.push_back({"x", f.builder.add_anonymous(Handle{ownership, of}).value()});
    return f.builder.add_function(f.types, made).has_value();
  };
  EXPECT_TRUE(function(Ownership::Own, resource));
  EXPECT_TRUE(function(Ownership::Own, alias));
  EXPECT_FALSE(function(Ownership::Borrow, resource));
  EXPECT_FALSE(function(Ownership::Own, other));
}

TEST(ModelBuilder, GivesEachNameOneItem) {
  Fixture f;
  Function function;
  function.name = "x";
  ASSERT_TRUE(f.builder.add_function(f.types, function).has_value());
  EXPECT_FALSE(f.builder.add_type(f.types, "x", Resource{}).has_value());
  auto world = f.builder.world(f.package, "w").value();
  ASSERT_TRUE(f.builder.add_interface(world, WorldSide::Import, "x", f.types).has_value());
  EXPECT_FALSE(f.builder.add_function(world, WorldSide::Import, function).has_value());
  EXPECT_FALSE(f.builder.inline_interface(world, WorldSide::Import, "x").has_value());
  EXPECT_TRUE(f.builder.add_function(world, WorldSide::Export, function).has_value());
  EXPECT_FALSE(f.builder.interface(f.package, "w").has_value());
  EXPECT_FALSE(f.builder.world(f.package, "types").has_value());
}

TEST(ModelBuilder, LimitsNamesAndCounts) {
  Fixture f;
  std::string name(kMaxNameLength + 1, 'a');
  EXPECT_FALSE(f.builder.interface(f.package, name).has_value());
  EXPECT_FALSE(f.builder.add_type(f.types, name, Resource{}).has_value());
  EXPECT_FALSE(f.builder.add_type(f.types, "e", Enum{{{name, {}}}}).has_value());
  Function function;
  for (size_t i = 0; i < kMaxItems; ++i) {
    function.name = "f" + std::to_string(i);
    ASSERT_TRUE(f.builder.add_function(f.types, function).has_value());
  }
  function.name = "one-more";
  EXPECT_FALSE(f.builder.add_function(f.types, function).has_value());
}

TEST(ModelBuilder, PutsPackagesAfterThoseTheyUse) {
  Fixture f;
  auto later = f.builder.package({"c", "d", std::nullopt}).value();
  auto base = f.builder.interface(later, "base").value();
  auto resource = f.builder.add_type(base, "r", Resource{}).value();
  ASSERT_TRUE(f.builder.add_type(f.types, "r", Alias{resource, AliasOrigin::Use}).has_value());
  auto resolve = std::move(f.builder).finish({f.package});
  ASSERT_TRUE(resolve.has_value());
  EXPECT_EQ(resolve->packages().front().name.to_string(), "c:d");
  EXPECT_EQ(resolve->package(resolve->roots().front()).name, kPackage);
  EXPECT_EQ(print_with_dependencies(*resolve, resolve->roots().front()), R"(package a:b;

interface types {
  use c:d/base.{r};
}

package c:d {
  interface base {
    resource r;
  }
}
)");
}

TEST(ModelBuilder, RefusesCircles) {
  Fixture f;
  auto other = f.builder.interface(f.package, "other").value();
  auto mine = f.builder.add_type(f.types, "r", Resource{}).value();
  auto theirs = f.builder.add_type(other, "s", Resource{}).value();
  ASSERT_TRUE(f.builder.add_type(other, "r", Alias{mine, AliasOrigin::Use}).has_value());
  ASSERT_TRUE(f.builder.add_type(f.types, "s", Alias{theirs, AliasOrigin::Use}).has_value());
  auto resolve = std::move(f.builder).finish({f.package});
  ASSERT_FALSE(resolve.has_value());
  EXPECT_THAT(resolve.error().message(), HasSubstr("circle"));
}

TEST(ModelBuilder, RefusesChainsThatReadersCouldNotFollow) {
  Fixture f;
  Type type = Primitive::U8;
  size_t nested = 0;
  while (true) {
    auto made = f.builder.add_anonymous(List{type});
    if (!made) break;
    type = made.value();
    ASSERT_LE(++nested, kMaxNesting);
  }
  EXPECT_EQ(nested, kMaxNesting);

  auto target = f.builder.add_type(f.types, "r", Resource{}).value();
  for (size_t i = 0; i <= kMaxUseDepth; ++i) {
    auto next = f.builder.interface(f.package, "i" + std::to_string(i)).value();
    target = f.builder.add_type(next, "r", Alias{target, AliasOrigin::Use}).value();
  }
  auto resolve = std::move(f.builder).finish({f.package});
  ASSERT_FALSE(resolve.has_value());
  EXPECT_EQ(resolve.error().kind(), ErrorKind::LimitExceeded);
}

}  // namespace
}  // namespace spindle::wit
