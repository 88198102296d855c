#include "assemble/wit_encode/world_type.h"

#include <gtest/gtest.h>

#include "assemble/wit_decode/decode.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "wit/load.h"
#include "wit/print.h"

namespace spindle::assemble {
namespace {

std::string print_world(const wit::Resolve& resolve, wit::WorldId id) {
  std::string text;
  for (const auto* items : {&resolve.world(id).imports, &resolve.world(id).exports}) {
    for (const auto& item : *items) text += item.name + "\n";
  }
  for (const auto& type : resolve.types()) {
    if (type.name.empty()) continue;
    text += type.name + " = ";
    wit::for_each_type(type.kind,
                       [&](wit::Type part) { text += wit::print_type(resolve, part) + " "; });
    text += "\n";
  }
  return text;
}

// Each package has a world `w`.
constexpr const char* kWorlds[] = {
    "package t:t; world w { }",
    "package t:t; world w { import run: func(a: string) -> u8; export go: func(); }",
    R"(package t:t@1.2.3;
       interface a { resource r { constructor(n: u8); get: func() -> list<r>; } enum e { x, y } }
       interface b { use a.{r, e}; flags f { p, q } take: func(r: borrow<r>, e: e) -> option<f>; }
       world w { import a; export b; })",
    R"(package t:t;
       interface shapes {
         record point { x: f32, y: f64 }
         variant shape { dot(point), line(tuple<point, point>), nothing }
         type path = list<shape>;
         draw: func(p: path) -> result<path, string>;
       }
       world w { import shapes; export shapes; })",
};

TEST(EncodeWorldType, DescribesTheWorldThatWasGiven) {
  for (const auto* text : kWorlds) {
    auto resolve = wit::load_texts({{"test.wit", text}}).value();
    auto world = resolve.package(resolve.roots().at(0)).worlds.at(0);
    auto bytes = encode_world_type(resolve, world);
    ASSERT_TRUE(bytes.has_value()) << text << bytes.error().to_string();
    auto component = component::decode_component(component::SharedBytes::borrow(*bytes)).value();
    auto valid = component::validate(component);
    ASSERT_TRUE(valid.has_value()) << text << valid.error().to_string();
    const std::span<const uint8_t> section(*bytes);
    auto decoded = decode_component_types({&section, 1});
    ASSERT_TRUE(decoded.has_value()) << text << decoded.error().to_string();
    EXPECT_EQ(print_world(decoded->resolve, decoded->world), print_world(resolve, world)) << text;
  }
}

TEST(EncodeWorldType, SaysHowStringsAreEncoded) {
  auto resolve = wit::load_texts({{"test.wit", kWorlds[0]}}).value();
  auto world = resolve.package(resolve.roots().at(0)).worlds.at(0);
  auto bytes = encode_world_type(resolve, world, component::StringEncoding::Utf16).value();
  const std::span<const uint8_t> section(bytes);
  EXPECT_EQ(decode_component_types({&section, 1}).value().encoding,
            component::StringEncoding::Utf16);
}

}  // namespace
}  // namespace spindle::assemble
