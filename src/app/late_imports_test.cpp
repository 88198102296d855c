#include "app/late_imports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "app/json.h"
#include "app/locked_app.h"
#include "app/manifest.h"

namespace spindle::app {
namespace {

using testing::HasSubstr;

constexpr std::string_view kInterface = "plugins:shapes/plugin@1.0.0";

Result<Manifest> parse(const std::string& tool) {
  return parse_manifest(std::make_shared<SourceText>("spin.toml", fmt::format(R"(
spin_manifest_version = 2
[application]
name = "a"
[[trigger.http]]
route = "/..."
component = "front"
[component.front]
source = "front.wasm"
{})",
                                                                              tool)));
}

std::string problem(const std::string& entry) {
  auto manifest =
      parse(fmt::format("[component.front.tool.spindle.late.\"{}\"]\n{}", kInterface, entry));
  return manifest ? "accepted" : manifest.error().message();
}

const std::string kWhole = fmt::format(R"([component.front.tool.spindle.late."{}"]
candidates = {{ circle = {{ component = "round" }}, square = {{ path = "square.wasm" }} }}
choose = {{ header = "x-plugin" }}
default = "circle"
with = ["plugins:shapes/types@1.0.0"]
[component.front.tool.other]
anything = 1
)",
                                       kInterface);

TEST(LateImports, AreReadFromTheTableOfTools) {
  auto manifest = parse(kWhole).value();
  const LateImport expected{.interfaces = {std::string(kInterface), "plugins:shapes/types@1.0.0"},
                            .candidates = {{"circle", "round", ""}, {"square", "", "square.wasm"}},
                            .header = "x-plugin",
                            .variable = "",
                            .default_candidate = "circle"};
  EXPECT_THAT(manifest.components[0].spindle.late_imports, testing::ElementsAre(expected));
}

TEST(LateImports, SurviveTheLockedForm) {
  auto manifest = parse(kWhole).value();
  auto locked = lock_manifest(manifest, {"/app", "/app/spin.toml", ""}).value();
  ASSERT_EQ(locked.components[0].spindle.late_imports.size(), 1U);
  EXPECT_EQ(locked.components[0].spindle.late_imports[0].candidates[1].path, "/app/square.wasm");
  const std::string text = to_json(to_json_value(locked));
  auto again = parse_locked_app(text).value();
  EXPECT_EQ(again.components[0].spindle.late_imports, locked.components[0].spindle.late_imports);
  EXPECT_TRUE(again.components[0].other_metadata.empty());
}

TEST(LateImports, AreRefusedWhereTheyMeanNothing) {
  const std::string candidates = "candidates = { a = { path = \"a.wasm\" } }\n";
  EXPECT_EQ(problem(candidates), "accepted");
  const std::pair<std::string, std::string_view> kTable[] = {
      {"default = \"a\"", "has no `candidates`"},
      {"candidates = { a = { } }", "needs either `component` or `path`"},
      {"candidates = { a = { path = \"x\", component = \"y\" } }", "needs either"},
      {"candidates = { a = 1 }", "must be a table, not"},
      {candidates + "default = \"b\"", "has no candidate `b`"},
      {candidates + "choose = { }", "needs either `header` or `variable`"},
      {candidates + "choose = { header = \"a\", variable = \"b\" }", "needs either"},
      {candidates + "choose = { cookie = \"a\" }", "unknown key `cookie`"},
      {candidates + "with = [\"types\"]", "\"types\" is not the name of an interface"},
      {candidates + "colour = 1", "unknown key `colour`"},
  };
  for (const auto& [entry, message] : kTable) EXPECT_THAT(problem(entry), HasSubstr(message));
  EXPECT_THAT(parse("[component.front.tool.spindle]\nearly = 1\n").error().message(),
              HasSubstr("unknown key `early`"));
}

}  // namespace
}  // namespace spindle::app
