#include "app/instance_reuse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "app/json.h"
#include "app/locked_app.h"
#include "app/manifest.h"

namespace spindle::app {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

Result<Manifest> parse(const std::string& instances) {
  return parse_manifest(std::make_shared<SourceText>("spin.toml", fmt::format(R"(
spin_manifest_version = 2
[application]
name = "a"
[[trigger.http]]
route = "/..."
component = "front"
[component.front]
source = "front.wasm"
[component.front.tool.spindle.instances]
{})",
                                                                              instances)));
}

TEST(InstanceReuse, IsReadFromTheTableOfTools) {
  auto manifest = parse("mode = \"concurrent\"\nmax_uses = \"64..192\"\nidle = \"500ms\"").value();
  const InstanceReuse& reuse = manifest.components[0].spindle.instances;
  EXPECT_EQ(reuse.mode, InstanceMode::Concurrent);
  EXPECT_EQ(reuse.max_uses, (CountRange{64, 191}));
  EXPECT_EQ(reuse.max_concurrent, std::nullopt);
  EXPECT_EQ(reuse.idle, (DurationRange{milliseconds(500), milliseconds(500)}));
  EXPECT_TRUE(parse("").value().components[0].spindle.is_empty());
}

TEST(InstanceReuse, SurvivesTheLockedForm) {
  auto manifest = parse("max_uses = 7\nmax_concurrent = \"2..5\"\nidle = \"1ms..4ms\"").value();
  auto locked = lock_manifest(manifest, {"/app", "/app/spin.toml", ""}).value();
  auto again = parse_locked_app(to_json(to_json_value(locked))).value();
  EXPECT_EQ(again.components[0].spindle, locked.components[0].spindle);
  EXPECT_EQ(again.components[0].spindle.instances.max_concurrent, (CountRange{2, 4}));
}

TEST(InstanceReuse, IsRefusedWhereItMeansNothing) {
  const std::pair<std::string, std::string_view> kTable[] = {
      {"mode = \"pooled\"", "`mode` of `instances` of component `front` is \"pooled\""},
      {"mode = 3", "`mode`"},
      {"max_uses = 0", "`0` is not a count"},
      {"max_uses = -1", "`-1` is not a count"},
      {"max_uses = \"5..5\"", "`5..5` is an empty range"},
      {"max_uses = \"1..2..3\"", "`2..3` is not a count"},
      {"max_concurrent = 99999999999", "is not a count"},
      {"max_concurrent = true", "must be an integer or a string"},
      {"idle = \"soon\"", "`soon` is not a duration"},
      {"idle = \"1h\"", "unknown unit"},
      {"reuse = 1", "unknown key `reuse`"},
  };
  for (const auto& [entry, message] : kTable) {
    auto manifest = parse(entry);
    ASSERT_FALSE(manifest.has_value()) << entry;
    EXPECT_THAT(manifest.error().message(), HasSubstr(message));
  }
}

TEST(InstanceReuse, WhatIsOpenIsTakenFromElsewhere) {
  const InstanceReuse mine{.mode = InstanceMode::Serial, .max_uses = {}, .max_concurrent = {},
                           .idle = {}};
  const InstanceReuse other{.mode = InstanceMode::Fresh, .max_uses = CountRange{5, 5},
                            .max_concurrent = {}, .idle = {}};
  const InstanceReuse both = mine.or_else(other);
  EXPECT_EQ(both.mode, InstanceMode::Serial);
  EXPECT_EQ(both.max_uses, (CountRange{5, 5}));
  EXPECT_EQ(both.idle, std::nullopt);
}

}  // namespace
}  // namespace spindle::app
