#include "assemble/compose/import_hoist.h"

#include <gmock/gmock.h>

#include "assemble/compose/assembly.h"
#include "assemble/compose/fixture.h"

namespace spindle::assemble {
namespace {

using ::testing::ElementsAre;
using testing::failure;
using ::testing::HasSubstr;
using testing::imports_of;
using testing::part;

// What instantiating the parts beside each other imports.
Result<ComposedComponent> beside(std::vector<Part> parts) {
  Assembly assembly;
  for (Part& one : parts) assembly.add(std::move(one));
  return assembly.finish();
}

Result<ComposedComponent> beside(std::string_view first, std::string_view second) {
  std::vector<Part> parts;
  parts.push_back(part("first", first));
  parts.push_back(part("second", second));
  return beside(std::move(parts));
}

// The names that the import exports, in order.
std::vector<std::string> items_of(const component::Component& component, std::string_view import) {
  const PartScope scope(component);
  std::vector<std::string> names;
  const auto* found = scope.find_import(import);
  const auto* type = found == nullptr ? nullptr : scope.instance_type(*found);
  EXPECT_TRUE(type != nullptr) << import;
  if (type == nullptr) return names;
  for (const auto& declarator : type->declarators) {
    const auto* exported = std::get_if<component::ExportDecl>(&declarator.kind);
    if (exported != nullptr) names.emplace_back(exported->name.name);
  }
  return names;
}

// Valid, also after a turn through its binary form.
void expect_sound(const component::Component& component) {
  const auto bytes = component::encode_component(component);
  auto decoded = component::decode_component(component::SharedBytes::borrow(bytes));
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  auto valid = component::validate(*decoded);
  EXPECT_TRUE(valid) << valid.error().to_string();
}

constexpr std::string_view kReader = R"((component
  (import "w:io/streams@0.2.0" (instance
    (export "stream" (type $s (sub resource)))
    (export "read" (func (param "s" (borrow $s)) (result u8)))
    (export "close" (func (param "s" (own $s))))))))";
constexpr std::string_view kWriter = R"((component
  (import "w:io/streams@0.2.6" (instance
    (type $bytes (list u8))
    (export "stream" (type $s (sub resource)))
    (export "error" (type $e (sub resource)))
    (export "close" (func (param "s" (own $s))))
    (export "write" (func (param "s" (borrow $s)) (param "b" $bytes)
      (result (result (error (own $e))))))))))";

TEST(ImportHoist, UnifiesImportsOfOneTrackUnderTheHighestVersion) {
  for (const bool reversed : {false, true}) {
    auto composed = reversed ? beside(kWriter, kReader) : beside(kReader, kWriter);
    ASSERT_EQ(failure(composed), "");
    EXPECT_THAT(imports_of(**composed), ElementsAre("w:io/streams@0.2.6"));
    EXPECT_THAT(items_of(**composed, "w:io/streams@0.2.6"),
                ::testing::UnorderedElementsAre("stream", "read", "close", "error", "write"));
    expect_sound(**composed);
  }
}

TEST(ImportHoist, KeepsOtherTracksApart) {
  struct Case {
    std::string_view first;
    std::string_view second;
    size_t imports;
  };
  const Case cases[] = {
      {"a:b/c@1.0.0", "a:b/c@1.9.0", 1},      {"a:b/c@1.0.0", "a:b/c@2.0.0", 2},
      {"a:b/c@0.2.0", "a:b/c@0.3.0", 2},      {"a:b/c@0.2.0", "a:b/d@0.2.0", 2},
      {"a:b/c@0.0.1", "a:b/c@0.0.2", 2},      {"a:b/c", "a:b/c", 1},
      {"a:b/c@0.3.0-rc.1", "a:b/c@0.3.0", 2}, {"a:b/c", "a:b/c@1.0.0", 2},
  };
  for (const auto& [first, second, imports] : cases) {
    auto importing = [](std::string_view name) {
      return fmt::format("(component (import \"{}\" (instance (export \"f\" (func)))))", name);
    };
    auto composed = beside(importing(first), importing(second));
    ASSERT_EQ(failure(composed), "") << first << " " << second;
    EXPECT_EQ(imports_of(**composed).size(), imports) << first << " " << second;
  }
}

// As `use` makes them: an interface that names a type of another.
constexpr std::string_view kTypes = R"(
  (import "w:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error)))";

TEST(ImportHoist, KeepsAResourceThatInterfacesShareOneType) {
  // The second part imports in another order and with more items, so that its streams, which the
  // first has without `error`, depend on an import that comes later there.
  constexpr std::string_view kFirst = R"((component
    (import "w:io/streams@0.2.0" (instance (export "flush" (func))))
    (import "w:io/error@0.2.1" (instance (export "error" (type $e (sub resource)))
      (export "text" (func (param "self" (borrow $e)) (result string)))))))";
  const std::string second = fmt::format(R"((component {}
    (import "w:io/streams@0.2.0" (instance
      (alias outer 1 $error (type $outer))
      (export "error" (type $e (eq $outer)))
      (export "last" (func (result (own $e))))))))",
                                         kTypes);
  auto composed = beside(kFirst, second);
  ASSERT_EQ(failure(composed), "");
  EXPECT_THAT(imports_of(**composed), ElementsAre("w:io/error@0.2.1", "w:io/streams@0.2.0"));
  EXPECT_THAT(items_of(**composed, "w:io/streams@0.2.0"), ElementsAre("flush", "error", "last"));
  expect_sound(**composed);
}

TEST(ImportHoist, CopiesEveryKindOfType) {
  constexpr std::string_view kMany = R"((component
    (type $color (enum "red" "green"))
    (import "color" (type $named (eq $color)))
    (import "thing" (type $thing (sub resource)))
    (import "paint" (func (param "c" $named) (param "t" (borrow $thing))))
    (import "a:b/many" (instance
      (alias outer 1 $named (type $outer))
      (export "color" (type $c (eq $outer)))
      (type $point (record (field "x" u8) (field "c" $c)))
      (export "point" (type $p (eq $point)))
      (type $shape (variant (case "none") (case "one" $p) (case "all" (list $p))))
      (export "shape" (type $s (eq $shape)))
      (type $bits (flags "r" "w"))
      (export "bits" (type $b (eq $bits)))
      (export "node" (type $n (sub resource)))
      (export "inner" (instance
        (export "h" (func (param "a" string) (result char)))))
      (export "code" (core module (import "" "m" (memory 1)) (export "f" (func (param i32)))))
      (export "f" (func (param "s" $s) (param "t" (tuple $b (option $c) (borrow $n)))
        (result (result (list (own $n)) (error $p))))))))  )";
  constexpr std::string_view kSubset = R"((component
    (import "a:b/many" (instance
      (type $color (enum "red" "green"))
      (export "color" (type $c (eq $color)))
      (export "g" (func (param "c" $c)))))))";
  auto composed = beside(kSubset, kMany);
  ASSERT_EQ(failure(composed), "");
  EXPECT_THAT(imports_of(**composed),
              ::testing::UnorderedElementsAre("color", "thing", "paint", "a:b/many"));
  expect_sound(**composed);
  auto reversed = beside(kMany, kSubset);
  ASSERT_EQ(failure(reversed), "");
  expect_sound(**reversed);
}

TEST(ImportHoist, DeclaresTypesAgainWhoseInterfaceIsSatisfiedInside) {
  // `b` uses a record of `a`, `a` comes from a plug: the host is asked for the type, not for `f`.
  constexpr std::string_view kRoot = R"((component
    (import "x:y/a" (instance $a
      (type $r (record (field "n" u32)))
      (export "r" (type $named (eq $r)))
      (export "f" (func (result $named)))))
    (alias export $a "r" (type $r))
    (import "x:y/b" (instance
      (alias outer 1 $r (type $outer))
      (export "r" (type $named (eq $outer)))
      (export "g" (func (param "r" $named)))))))";
  // The plug need not fit for the question that is asked here: which items are required of the
  // host.
  Assembly assembly;
  const PartIndex plug = assembly.add(part("plug", R"((component
    (import "x:y/a" (instance $a
      (type $r (record (field "n" u32)))
      (export "r" (type $named (eq $r)))
      (export "f" (func (result $named)))))
    (export "x:y/c" (instance $a))))"));
  Part root = part("root", kRoot);
  root.hoisted_name = [](std::string_view name) { return "root-" + std::string(name); };
  const PartIndex index = assembly.add(std::move(root));
  assembly.satisfy({index, "x:y/a"}, {plug, "x:y/c"});
  auto composed = assembly.finish();
  ASSERT_EQ(failure(composed), "");
  EXPECT_THAT(imports_of(**composed), ElementsAre("x:y/a", "root-x:y/a", "root-x:y/b"));
  EXPECT_THAT(items_of(**composed, "x:y/a"), ElementsAre("r", "f"));
  EXPECT_THAT(items_of(**composed, "root-x:y/a"), ElementsAre("r"));
  expect_sound(**composed);
}

TEST(ImportHoist, SeparatesPartsThatAskForOtherNames) {
  std::vector<Part> parts;
  parts.push_back(part("first", kReader));
  parts.push_back(part("second", kWriter));
  parts[1].hoisted_name = [](std::string_view name) { return "denied-" + std::string(name); };
  auto composed = beside(std::move(parts));
  ASSERT_EQ(failure(composed), "");
  EXPECT_THAT(imports_of(**composed),
              ElementsAre("w:io/streams@0.2.0", "denied-w:io/streams@0.2.6"));
}

TEST(ImportHoist, RefusesWhatCannotBeUnified) {
  struct Case {
    std::string_view first;
    std::string_view second;
    std::string_view error;
  };
  const Case cases[] = {
      {"(component (import \"a\" (func)))", "(component (import \"a\" (func (param \"x\" u8))))",
       "`a`"},
      {"(component (import \"a\" (func)))", "(component (import \"a\" (instance)))",
       "`a` is a instance for `second` and a function for another component"},
      {"(component (import \"a:b/c\" (instance (export \"f\" (func)))))",
       "(component (import \"a:b/c\" (instance (export \"f\" (func (result u8))))))", "`f`"},
  };
  for (const auto& [first, second, error] : cases) {
    EXPECT_THAT(failure(beside(first, second)), HasSubstr(std::string(error)));
  }
}

TEST(ImportHoist, RefusesImportsThatUseEachOtherInACircle) {
  auto uses = [](std::string_view one, std::string_view other, std::string_view type) {
    return fmt::format(R"((component
      (import "{0}" (instance $a (export "{2}" (type (sub resource)))))
      (alias export $a "{2}" (type $t))
      (import "{1}" (instance
        (alias outer 1 $t (type $outer))
        (export "its-{2}" (type (eq $outer)))))))",
                       one, other, type);
  };
  EXPECT_THAT(failure(beside(uses("a:b/c", "a:b/d", "t"), uses("a:b/d", "a:b/c", "u"))),
              HasSubstr("use each other in a circle"));
}

}  // namespace
}  // namespace spindle::assemble
