#include "component/validate/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/binary/component_builder.h"
#include "component/binary/decode.h"
#include "component/validate/names.h"

namespace spindle::component {
namespace {

using testing::HasSubstr;

// Empty when `bytes` are a valid component, else the whole message.
std::string check(const Bytes& bytes, const ValidationFeatures& features = {}) {
  auto component = decode_component(SharedBytes::borrow(bytes));
  if (!component) return "decoding: " + component.error().to_string();
  auto valid = validate(*component, features);
  return valid ? "" : valid.error().to_string();
}

Bytes import(std::string_view text, const Bytes& desc) {
  return concat({{0x00}, name(text), desc});
}
Bytes exported(std::string_view text, const Bytes& item) {
  return concat({{0x00}, name(text), item, {0x00}});
}
const Bytes kFreshResource = {0x03, 0x01};

TEST(Validate, AcceptsALiftedFunction) {
  EXPECT_EQ(check(lifting_component()), "");
}

TEST(Validate, NamesTheDefinitionAndItsOffset) {
  auto bytes = ComponentBuilder().section(8, {{0x01, 0x00, 0x05, 0x00}}).bytes();
  auto message = check(bytes);
  EXPECT_THAT(message, HasSubstr("canon lower"));
  EXPECT_THAT(message, HasSubstr("function index 5 is out of bounds"));
  EXPECT_THAT(message, HasSubstr("at offset 0xb"));
}

TEST(Validate, ChecksTypes) {
  struct Case {
    Bytes type;
    std::string_view error;
  };
  const Case cases[] = {
      {{0x72, 0x00}, "without any parts"},
      {{0x6e, 0x00}, "without any parts"},
      {{0x70, 0x00}, "type index 0 is out of bounds"},
      {{0x69, 0x00}, "type index 0 is out of bounds"},
      {{0x66, 0x01, 0x74}, "`stream<char>`"},
      {{0x63, 0x75, 0x7f}, "invalid map key type"},
      {{0x67, 0x7f, 0x00}, "without any parts"},
      {{0x67, 0x7f, 0x80, 0x80, 0x80, 0x80, 0x01}, "maximum byte size"},
      {concat({{0x6d, 0x02}, name("a-b"), name("A-b")}), "conflicts"},
      {concat({{0x6d, 0x01}, name("aB")}), "not in kebab case"},
      {{0x3f, 0x7e, 0x01, 0x00}, "out of bounds"},
      {{0x3f, 0x7d, 0x00}, "represented by i32"},
  };
  for (const auto& [type, error] : cases) {
    EXPECT_THAT(check(ComponentBuilder().section(7, {type}).bytes()),
                HasSubstr(std::string(error)));
  }
}

TEST(Validate, LimitsTheDepthAndSizeOfTypes) {
  auto chain = [](const auto& next, uint32_t length) {
    auto builder = ComponentBuilder();
    builder.section(7, {{0x6e, 0x01, 0x01, 'a'}});
    for (uint32_t i = 0; i < length; ++i) builder.section(7, {next(i)});
    return builder.bytes();
  };
  // Type indices are signed numbers where they stand for value types.
  auto index = [](uint32_t i) {
    return i < 64 ? Bytes{static_cast<uint8_t>(i)} : Bytes{static_cast<uint8_t>(i | 0x80), 0x00};
  };
  auto list = [&](uint32_t i) { return concat({{0x70}, index(i)}); };
  auto pair = [&](uint32_t i) { return concat({{0x6f, 0x02}, index(i), index(i)}); };
  EXPECT_EQ(check(chain(list, 60)), "");
  EXPECT_THAT(check(chain(list, 100)), HasSubstr("nesting is too deep"));
  EXPECT_THAT(check(chain(pair, 30)), HasSubstr("type size exceeds"));
}

TEST(Validate, ChecksCanonicalOptions) {
  auto lift = [](const Bytes& canon) {
    return ComponentBuilder()
        .raw(1, core_module())
        .section(2, {{0x00, 0x00, 0x00}})
        .section(6, {concat({{0x00, 0x02, 0x01, 0x00}, name("m")}),
                     concat({{0x00, 0x00, 0x01, 0x00}, name("f")}),
                     concat({{0x00, 0x00, 0x01, 0x00}, name("r")})})
        .section(7, {concat({{0x40, 0x01}, name("s"), {0x73, 0x01, 0x00}})})
        .section(8, {canon})
        .bytes();
  };
  EXPECT_EQ(check(lift({0x00, 0x00, 0x00, 0x02, 0x03, 0x00, 0x04, 0x01, 0x00})), "");
  EXPECT_THAT(check(lift({0x00, 0x00, 0x00, 0x00, 0x00})), HasSubstr("`memory` is required"));
  EXPECT_THAT(check(lift({0x00, 0x00, 0x00, 0x01, 0x03, 0x00, 0x00})),
              HasSubstr("`realloc` is required"));
  EXPECT_THAT(check(lift({0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x00})),
              HasSubstr("`realloc` requires `memory`"));
  EXPECT_THAT(check(lift({0x00, 0x00, 0x00, 0x02, 0x03, 0x00, 0x04, 0x00, 0x00})),
              HasSubstr("wrong type"));
  EXPECT_THAT(check(lift({0x00, 0x00, 0x01, 0x02, 0x03, 0x00, 0x04, 0x01, 0x00})),
              HasSubstr("lifting needs (i32 i32) -> ()"));
  EXPECT_THAT(check(lift({0x00, 0x00, 0x00, 0x03, 0x03, 0x00, 0x04, 0x01, 0x06, 0x00})),
              HasSubstr("async function type"));
  EXPECT_THAT(check(lift({0x00, 0x00, 0x00, 0x01, 0x07, 0x01, 0x00})),
              HasSubstr("`callback` requires `async`"));
}

TEST(Validate, KeepsResourceBuiltInsToTheOwner) {
  auto bytes = ComponentBuilder()
                   .section(10, {import("r", kFreshResource)})
                   .section(8, {{0x03, 0x00}, {0x02, 0x00}})
                   .bytes();
  EXPECT_THAT(check(bytes), HasSubstr("not a resource of this component"));
  EXPECT_EQ(
      check(ComponentBuilder().section(7, {{0x3f, 0x7f, 0x00}}).section(8, {{0x02, 0x00}}).bytes()),
      "");
}

TEST(Validate, RequiresNamesForExportedTypes) {
  Bytes record = concat({{0x72, 0x01}, name("a"), {0x79}});
  Bytes function = concat({{0x40, 0x01}, name("x"), {0x00, 0x01, 0x00}});
  auto anonymous =
      ComponentBuilder().section(7, {record, function}).section(10, {import("f", {0x01, 0x01})});
  EXPECT_THAT(check(anonymous.bytes()), HasSubstr("not valid to be used as import"));
  Bytes uses_import = concat({{0x40, 0x01}, name("x"), {0x01, 0x01, 0x00}});
  auto named = ComponentBuilder()
                   .section(7, {record})
                   .section(10, {import("r", {0x03, 0x00, 0x00})})
                   .section(7, {uses_import})
                   .section(10, {import("f", {0x01, 0x02})});
  EXPECT_EQ(check(named.bytes()), "");
}

TEST(Validate, SubstitutesResourcesOnInstantiation) {
  // A component that imports a resource and a function that takes it.
  auto inner =
      ComponentBuilder()
          .section(10, {import("r", kFreshResource)})
          .section(7, {{0x69, 0x00}, concat({{0x40, 0x01}, name("x"), {0x01, 0x01, 0x00}})})
          .section(10, {import("f", {0x01, 0x02})})
          .bytes();
  auto outer = [&](uint8_t resource) {
    return ComponentBuilder()
        .section(10, {import("r", kFreshResource), import("s", kFreshResource)})
        .section(7, {{0x69, 0x00}, concat({{0x40, 0x01}, name("x"), {0x02, 0x01, 0x00}})})
        .section(10, {import("f", {0x01, 0x03})})
        .raw(4, inner)
        .section(
            5, {concat({{0x00, 0x00, 0x02}, name("r"), {0x03, resource}, name("f"), {0x01, 0x00}})})
        .bytes();
  };
  EXPECT_EQ(check(outer(0)), "");
  EXPECT_THAT(check(outer(1)), HasSubstr("type mismatch for `f`"));
}

TEST(Validate, ChecksArgumentsOfInstantiations) {
  auto inner = ComponentBuilder()
                   .section(7, {{0x40, 0x00, 0x01, 0x00}})
                   .section(10, {import("f", {0x01, 0x00})})
                   .bytes();
  auto missing = ComponentBuilder().raw(4, inner).section(5, {{0x00, 0x00, 0x00}}).bytes();
  EXPECT_THAT(check(missing), HasSubstr("missing function named `f`"));
  auto wrong = ComponentBuilder()
                   .raw(4, inner)
                   .section(5, {concat({{0x00, 0x00, 0x01}, name("f"), {0x04, 0x00}})})
                   .bytes();
  EXPECT_THAT(check(wrong), HasSubstr("expected a function, found a component"));
}

TEST(Validate, ChecksImportsOfCoreModules) {
  // Imports "a" "m", a memory of two pages.
  Bytes module = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x02,
                  0x08, 0x01, 0x01, 'a',  0x01, 'm',  0x02, 0x00, 0x02};
  auto with = [&](const Bytes& args) {
    return ComponentBuilder()
        .raw(1, core_module())
        .raw(1, module)
        .section(2, {{0x00, 0x00, 0x00}, concat({{0x00, 0x01}, args})})
        .bytes();
  };
  EXPECT_THAT(check(with({0x00})), HasSubstr("missing core instantiation argument `a`"));
  EXPECT_THAT(check(with(concat({{0x01}, name("a"), {0x12, 0x00}}))),
              HasSubstr("limits do not match"));
  EXPECT_THAT(check(with(concat({{0x01}, name("a"), {0x12, 0x01}}))), HasSubstr("out of bounds"));
}

TEST(Validate, ClosesComponentsToOuterResources) {
  auto inner = ComponentBuilder().section(6, {{0x03, 0x02, 0x01, 0x00}}).bytes();
  auto outer = [&](const Bytes& type) {
    return ComponentBuilder().section(7, {type}).raw(4, inner).bytes();
  };
  EXPECT_EQ(check(outer({0x70, 0x7f})), "");
  EXPECT_THAT(check(outer({0x3f, 0x7f, 0x00})), HasSubstr("transitively refers to resources"));
}

TEST(Validate, RefusesRootComponents) {
  auto bytes = ComponentBuilder()
                   .raw(4, ComponentBuilder().bytes())
                   .section(11, {exported("c", {0x04, 0x00})})
                   .bytes();
  EXPECT_THAT(check(bytes), HasSubstr("not supported"));
  ValidationFeatures features;
  features.root_restrictions = false;
  EXPECT_EQ(check(bytes, features), "");
}

TEST(ParseExternName, TellsTheFormsApart) {
  EXPECT_EQ(parse_extern_name("a-B2")->kind, NameKind::Plain);
  EXPECT_EQ(parse_extern_name("[constructor]a")->kind, NameKind::Constructor);
  EXPECT_EQ(parse_extern_name("[method]a.b")->member, "b");
  EXPECT_EQ(parse_extern_name("wasi:http/types@0.2.0-rc.1+x")->version, "0.2.0-rc.1+x");
  for (const auto* bad : {"", "-a", "a-", "aB", "1a", "a--b", "[method]a", "[x]a", "a:b", ":b/c",
                          "a:/c", "a:b/", "a:b/c@", "[method]a.B-c."}) {
    EXPECT_FALSE(parse_extern_name(bad).has_value()) << bad;
  }
}

TEST(SemanticVersion, FollowsItsGrammar) {
  for (const auto* good : {"0.0.0", "1.2.3", "1.2.3-a.1", "1.2.3-0a", "1.2.3+001", "1.2.3-x+y"}) {
    EXPECT_TRUE(is_semantic_version(good)) << good;
  }
  for (const auto* bad : {"", "1", "1.2", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3.4"}) {
    EXPECT_FALSE(is_semantic_version(bad)) << bad;
  }
}

}  // namespace
}  // namespace spindle::component
