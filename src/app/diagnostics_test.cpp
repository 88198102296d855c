// What the author of a manifest reads when something is wrong: the whole text, for each kind of
// error.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "app/manifest.h"

namespace spindle::app {
namespace {

std::string diagnose(const std::string& text) {
  auto manifest = parse_manifest(std::make_shared<SourceText>("spin.toml", text));
  if (!manifest) return manifest.error().message();
  auto normalized = normalize_manifest(*manifest, "");
  return normalized ? "no error" : normalized.error().message();
}

struct Case {
  const char* manifest;
  const char* expected;
};

void check(const Case& one) {
  SCOPED_TRACE(one.manifest);
  // Raw strings begin with a line break, for the eye; line numbers count from the next line.
  EXPECT_EQ(diagnose(one.manifest + 1), one.expected + 1);
}

TEST(Diagnostics, PointAtUnknownKeys) {
  check({R"(
spin_manifest_version = 2
[application]
name = "shop"
[trigger]
[component.cart]
sorce = "cart.wasm"
)",
         R"(
unknown key `sorce` in component `cart`
 --> spin.toml:6:1
  |
6 | sorce = "cart.wasm"
  | ^^^^^
  = help: did you mean `source`?)"});
  check({R"(
spin_manifest_version = 2
aplication = { name = "shop" }
application.name = "shop"
[trigger]
)",
         R"(
unknown key `aplication` in the manifest
 --> spin.toml:2:1
  |
2 | aplication = { name = "shop" }
  | ^^^^^^^^^^
  = help: did you mean `application`?)"});
}

TEST(Diagnostics, PointAtWrongTypes) {
  check({R"(
spin_manifest_version = 2
[application]
name = "shop"
version = 3
[trigger]
)",
         R"(
`version` in `[application]` must be a string, not an integer
 --> spin.toml:4:11
  |
4 | version = 3
  |           ^)"});
}

TEST(Diagnostics, ExplainVersions) {
  check({R"(
spin_manifest_version = "2"
)",
         R"(
invalid manifest version: "2"
 --> spin.toml:1:25
  |
1 | spin_manifest_version = "2"
  |                         ^^^
  = help: write the number 2, without quotes)"});
  check({R"(
name = "shop"
)",
         R"(
missing field `spin_manifest_version`
 --> spin.toml:1:1
  |
1 | name = "shop"
  | ^^^^
  = help: write `spin_manifest_version = 2` as the first line)"});
}

TEST(Diagnostics, ExplainIdentifiers) {
  check({R"(
spin_manifest_version = 2
application.name = "shop"
[trigger]
[component.shopping_cart]
source = "cart.wasm"
)",
         R"(
invalid component id "shopping_cart": words must be separated with '-', not '_'
 --> spin.toml:4:12
  |
4 | [component.shopping_cart]
  |            ^^^^^^^^^^^^^)"});
}

TEST(Diagnostics, ExplainVariables) {
  check({R"(
spin_manifest_version = 2
application.name = "shop"
[variables]
token = { required = true, default = "x" }
[trigger]
)",
         R"(
variable `token` must be `required` OR have a `default`
 --> spin.toml:4:1
  |
4 | token = { required = true, default = "x" }
  | ^^^^^)"});
  check({R"(
spin_manifest_version = 2
application.name = "shop"
[variables]
token = { required = true }
[trigger]
[component.cart]
source = "cart.wasm"
variables = { key = "{{ tokn }}" }
)",
         R"(
variable `key` of component `cart` uses the unknown application variable `tokn`
 --> spin.toml:6:12
  |
6 | [component.cart]
  |            ^^^^
  = help: did you mean `token`?)"});
}

TEST(Diagnostics, ExplainHosts) {
  check({R"(
spin_manifest_version = 2
application.name = "shop"
[trigger]
[component.cart]
source = "cart.wasm"
allowed_outbound_hosts = ["example.com"]
)",
         R"(
component `cart`: invalid allowed host "example.com": the scheme is missing, for example "https://example.com"
 --> spin.toml:4:12
  |
4 | [component.cart]
  |            ^^^^)"});
}

TEST(Diagnostics, LocateSyntaxErrors) {
  std::string text = diagnose("spin_manifest_version = 2\n[application\nname = 1\n");
  EXPECT_NE(text.find("invalid TOML"), std::string::npos) << text;
  EXPECT_NE(text.find(" --> spin.toml:2:"), std::string::npos) << text;
}

TEST(Diagnostics, CutLongLinesAndControlCharacters) {
  SourceText source("x", std::string(5000, 'a') + " \x01 " + std::string(5000, 'b'));
  std::string text = source.excerpt({1, 5002});
  EXPECT_LT(text.size(), 600U);
  EXPECT_EQ(text.find('\x01'), std::string::npos);
  EXPECT_EQ(source.excerpt({900, 7}).find("bbb"), std::string::npos);
}

}  // namespace
}  // namespace spindle::app
