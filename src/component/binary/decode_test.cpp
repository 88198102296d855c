#include "component/binary/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "component/binary/component_builder.h"
#include "component/binary/limits.h"
#include "component/validate/validate.h"

namespace spindle::component {
namespace {

using testing::HasSubstr;

Result<Component> decode(const Bytes& bytes) {
  return decode_component(SharedBytes::copy_of(bytes));
}

void expect_error(const Bytes& bytes, std::string_view text) {
  auto decoded = decode(bytes);
  ASSERT_FALSE(decoded.has_value()) << text;
  EXPECT_THAT(decoded.error().message(), HasSubstr(std::string(text)));
}

TEST(DecodeComponent, ReadsDefinitionsInOrderWithTheirOffsets) {
  auto component = decode(lifting_component());
  ASSERT_TRUE(component.has_value()) << component.error().to_string();
  const auto& definitions = component->definitions;
  ASSERT_EQ(definitions.size(), 8U);
  EXPECT_EQ(std::get<CoreModuleDef>(definitions[0].kind).bytes.size(), core_module().size());
  EXPECT_EQ(definitions[0].offset, 10U);
  EXPECT_EQ(std::get<CoreExportAlias>(std::get<AliasDef>(definitions[2].kind).target).name, "m");
  const auto& canon = std::get<CanonDef>(definitions[6].kind);
  EXPECT_EQ(canon.op, CanonOp::Lift);
  EXPECT_EQ(canon.options.realloc, CoreFuncIndex(1));
  EXPECT_EQ(std::get<ExportDef>(definitions[7].kind).name.name, "run");
}

TEST(DecodeComponent, KeepsItsBytesAlive) {
  std::shared_ptr<const Component> nested;
  {
    auto inner = lifting_component();
    auto component = decode(ComponentBuilder().raw(4, inner).bytes());
    ASSERT_TRUE(component.has_value());
    nested = std::get<NestedComponentDef>(component->definitions[0].kind).component;
  }
  EXPECT_EQ(std::get<ExportDef>(nested->definitions[7].kind).name.name, "run");
}

TEST(DecodeComponent, RejectsWhatTheFormatDoesNotKnow) {
  struct Case {
    Bytes bytes;
    std::string_view error;
  };
  auto section = [](uint8_t id, Bytes definition) {
    return ComponentBuilder().section(id, {std::move(definition)}).bytes();
  };
  const Case cases[] = {
      {{0x00, 0x61, 0x73, 0x6e, 0x0d, 0x00, 0x01, 0x00}, "not a WebAssembly binary"},
      {{0x00, 0x61, 0x73, 0x6d, 0x0e, 0x00, 0x01, 0x00}, "unknown WebAssembly version"},
      {{0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00}, "found a core module"},
      {ComponentBuilder().raw(13, {}).bytes(), "expected a section"},
      {ComponentBuilder().raw(7, {0x00, 0x00}).bytes(), "bytes too many"},
      {ComponentBuilder().raw(7, {0x05}).bytes(), "expected 5 definitions"},
      {section(8, {0x08, 0x00}), "expected a canonical definition"},
      {section(8, {0x07}), "expected a canonical definition"},
      {section(8, {0x01, 0x00, 0x00, 0x02, 0x00, 0x01}), "more than once"},
      {section(8, {0x01, 0x01, 0x00, 0x00}), "0 after lift or lower"},
      {section(7, {0x3e, 0x7f, 0x00}), "expected a type definition"},
      {section(7, {0x6c, 0x00}), "expected a type definition"},
      {section(7, {0x40, 0x00, 0x01, 0x01}), "named results"},
      {section(7, {0x42, 0x01, 0x03, 0x00, 0x01, 'a', 0x01, 0x00}), "instance type declarator"},
      {section(6, {0x01, 0x02, 0x00, 0x00}), "cannot be aliased"},
      {section(10, {0x03, 0x01, 'a', 0x01, 0x00}), "the form of a name"},
      {section(10, {0x00, 0x01, 0xff, 0x01, 0x00}), "UTF-8"},
      {section(10, {0x02, 0x01, 'a', 0x02, 0x00, 0x01, 'b', 0x00, 0x01, 'b', 0x01, 0x00}),
       "only once"},
      {section(2, {0x02}), "expected a core instance"},
      {ComponentBuilder().raw(9, {0x00}).bytes(), "not supported"},
      {ComponentBuilder().raw(12, {0x00}).bytes(), "not supported"},
  };
  for (const auto& [bytes, error] : cases) expect_error(bytes, error);
}

TEST(DecodeComponent, IgnoresAMalformedNameSection) {
  auto bytes = ComponentBuilder().raw(0, concat({name("component-name"), {0x00, 0x7f}})).bytes();
  EXPECT_TRUE(decode(bytes).has_value());
}

TEST(DecodeComponent, ReadsTheNameSection) {
  auto body = concat({name("component-name"),
                      {0x00, 0x04},
                      name("abc"),
                      {0x01, 0x05, 0x01, 0x01},
                      {0x00},
                      name("f")});
  auto component = decode(ComponentBuilder().raw(0, body).bytes());
  ASSERT_TRUE(component.has_value());
  EXPECT_EQ(component->names.component, "abc");
  ASSERT_EQ(component->names.items.size(), 1U);
  EXPECT_EQ(component->names.items[0].name, "f");
}

TEST(DecodeComponent, LimitsNestingOfComponents) {
  auto bytes = ComponentBuilder().bytes();
  for (size_t i = 1; i < kMaxComponentDepth; ++i) bytes = ComponentBuilder().raw(4, bytes).bytes();
  EXPECT_TRUE(decode(bytes).has_value());
  expect_error(ComponentBuilder().raw(4, bytes).bytes(), "nest deeper");
}

TEST(DecodeComponent, LimitsNestingOfTypes) {
  auto nested = [](size_t depth) {
    Bytes type;
    for (size_t i = 0; i < depth; ++i) append(type, {0x42, 0x01, 0x01});
    type.push_back(0x7f);
    return ComponentBuilder().section(7, {type}).bytes();
  };
  EXPECT_TRUE(decode(nested(kMaxTypeDepth)).has_value());
  expect_error(nested(kMaxTypeDepth + 1), "nest deeper");
  expect_error(nested(100'000), "nest deeper");
}

TEST(DecodeComponent, LimitsNames) {
  auto import = concat({{0x00}, name(std::string(kMaxNameBytes + 1, 'a')), {0x01, 0x00}});
  expect_error(ComponentBuilder().section(10, {import}).bytes(), "at most");
}

TEST(DecodeComponent, RejectsTruncationAtEveryByteInsideASection) {
  auto whole = lifting_component();
  size_t accepted = 0;
  for (size_t length = 0; length < whole.size(); ++length) {
    auto decoded = decode(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)));
    accepted += decoded.has_value() ? 1 : 0;
  }
  // A cut between sections leaves a shorter component: after the preamble and five sections.
  EXPECT_EQ(accepted, 6U);
}

TEST(DecodeComponent, SurvivesRandomMutations) {
  auto seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  auto whole = ComponentBuilder().raw(4, lifting_component()).bytes();
  auto sections = lifting_component();
  sections.erase(sections.begin(), sections.begin() + 8);
  append(whole, sections);
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = whole;
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    }
    auto decoded = decode(bytes);
    if (decoded) (void)validate(*decoded);
  }
}

}  // namespace
}  // namespace spindle::component
