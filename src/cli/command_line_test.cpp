#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spindle::cli {
namespace {

using std::chrono::milliseconds;

UpOptions up_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "up");
  auto parsed = parse_command_line(arguments);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().to_string();
    return {};
  }
  if (auto* text = std::get_if<ShowText>(&parsed.value())) {
    ADD_FAILURE() << text->text;
    return {};
  }
  return std::get<UpOptions>(parsed.value());
}

ShowText text_of(const std::vector<std::string>& arguments) {
  return std::get<ShowText>(parse_command_line(arguments).value());
}

TEST(CommandLine, TakesTheApplicationInEachSpelling) {
  EXPECT_EQ(up_of({"app"}).source, "app");
  EXPECT_EQ(up_of({"-f", "a/spin.toml"}).source, "a/spin.toml");
  EXPECT_EQ(up_of({"--from", "x.wasm"}).source, "x.wasm");
  EXPECT_EQ(up_of({}).source, std::nullopt);
  EXPECT_EQ(text_of({"up", "a", "-f", "b"}).exit_code, 2);
}

TEST(CommandLine, CollectsRepeatedFlagsInOrder) {
  auto options =
      up_of({"--variable", "a=1", "--variable", "b=@f", "--env", "K=V", "--key-value", "k=v",
             "--sqlite", "SELECT 1", "--sqlite", "@f:l", "--follow", "x", "--follow", "y"});
  EXPECT_THAT(options.variables, testing::ElementsAre("a=1", "b=@f"));
  EXPECT_THAT(options.environment, testing::ElementsAre("K=V"));
  EXPECT_THAT(options.key_values, testing::ElementsAre("k=v"));
  EXPECT_THAT(options.sql, testing::ElementsAre("SELECT 1", "@f:l"));
  EXPECT_THAT(options.follow, testing::ElementsAre("x", "y"));
}

TEST(CommandLine, TellsAnEmptyDirectoryFromNone) {
  EXPECT_EQ(up_of({}).state_directory, std::nullopt);
  EXPECT_EQ(up_of({"--state-dir", ""}).state_directory, "");
  EXPECT_EQ(up_of({"-L", "logs"}).log_directory, "logs");
}

TEST(CommandLine, ReadsLimits) {
  auto options = up_of({"--cpu-time", "250ms", "--response-time", "2", "--max-instance-memory",
                        "1048576", "--threads", "2"});
  EXPECT_EQ(options.cpu_time, milliseconds(250));
  EXPECT_EQ(options.response_time, milliseconds(2000));
  EXPECT_EQ(options.instance_memory_bytes, 1048576u);
  EXPECT_EQ(options.threads, 2u);
}

TEST(CommandLine, ReadsHowInstancesAreUsed) {
  EXPECT_TRUE(up_of({}).reuse.is_empty());
  auto options = up_of({"--instances", "serial", "--max-instance-reuse-count", "64..128",
                        "--max-instance-concurrent-reuse-count", "4", "--idle-instance-timeout",
                        "500ms..2s", "--request-timeout", "30s"});
  EXPECT_EQ(options.reuse.mode, app::InstanceMode::Serial);
  EXPECT_EQ(options.reuse.max_uses, (app::CountRange{64, 127}));
  EXPECT_EQ(options.reuse.max_concurrent, (app::CountRange{4, 4}));
  EXPECT_EQ(options.reuse.idle, (app::DurationRange{milliseconds(500), milliseconds(1999)}));
  EXPECT_EQ(options.request_timeout,
            (app::DurationRange{milliseconds(30'000), milliseconds(30'000)}));
  for (const auto& [flag, value] : std::vector<std::pair<std::string, std::string>>{
           {"--instances", "pooled"},
           {"--max-instance-reuse-count", "0"},
           {"--max-instance-concurrent-reuse-count", "9..3"},
           {"--idle-instance-timeout", "soon"},
           {"--request-timeout", "1..x"}}) {
    EXPECT_EQ(text_of({"up", flag, value}).exit_code, 2) << flag;
  }
}

TEST(CommandLine, RefusesWhatIsNotBuiltWithAdvice) {
  for (const char* flag : {"--from-registry", "--insecure"}) {
    auto parsed = parse_command_line({"up", flag});
    ASSERT_FALSE(parsed.has_value()) << flag;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::NotSupported);
    EXPECT_THAT(parsed.error().message(), testing::StartsWith(std::string(flag) + " is not"));
  }
}

BuildOptions build_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "build");
  auto parsed = parse_command_line(arguments);
  return std::get<BuildOptions>(parsed.value());
}

TEST(CommandLine, GivesUpWhatFollowsTheFlagUp) {
  auto options = build_of({"-c", "a", "-c", "b", "--profile", "p", "-f", "app"});
  EXPECT_THAT(options.component_ids, testing::ElementsAre("a", "b"));
  EXPECT_EQ(options.profile, "p");
  EXPECT_EQ(options.source, "app");
  EXPECT_EQ(options.up, nullptr);
  options = build_of({"-c", "a", "-u", "--quiet", "-c", "b"});
  EXPECT_THAT(options.component_ids, testing::ElementsAre("a"));
  ASSERT_NE(options.up, nullptr);
  EXPECT_TRUE(options.up->quiet);
  EXPECT_THAT(options.up->component_ids, testing::ElementsAre("b"));
  options = build_of({"--up", "-cx", "--profile=p", "--", "-c", "y"});
  EXPECT_THAT(options.component_ids, testing::ElementsAre("x"));
  EXPECT_EQ(options.profile, "p");
  EXPECT_THAT(options.up->component_ids, testing::ElementsAre("y"));
  EXPECT_EQ(text_of({"build", "--quiet"}).exit_code, 2);
  EXPECT_EQ(text_of({"build", "--up", "--quiet", "-f", "x"}).exit_code, 2);
}

TEST(CommandLine, UsageErrorsExitWithTwo) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"up", "--no-such-flag"},
                                             {"no-such-command"},
                                             {"up", "--format", "xml"},
                                             {"up", "--cpu-time", "soon"},
                                             {"up", "--quiet", "--follow", "a"},
                                             {}}) {
    auto shown = text_of(arguments);
    EXPECT_EQ(shown.exit_code, 2);
    EXPECT_FALSE(shown.text.empty());
  }
}

TEST(CommandLine, HelpAndVersionExitWithZero) {
  EXPECT_THAT(text_of({"--version"}).text, testing::StartsWith("spindle "));
  auto help = text_of({"up", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text, testing::HasSubstr("--key-value"));
  EXPECT_THAT(help.text, testing::Not(testing::HasSubstr("--cache ")));
}

TEST(Duration, UnitsAndNonsense) {
  EXPECT_EQ(app::parse_duration("3").value(), milliseconds(3000));
  EXPECT_EQ(app::parse_duration("15ms").value(), milliseconds(15));
  EXPECT_EQ(app::parse_duration("2500us").value(), milliseconds(2));
  for (const char* bad : {"", "x", "1h", "-1s", "99999999999999999999"}) {
    EXPECT_FALSE(app::parse_duration(bad).has_value()) << bad;
  }
}

template <typename Options>
Options component_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "component");
  auto parsed = parse_command_line(arguments);
  if (!parsed || !std::holds_alternative<ComponentOptions>(parsed.value())) {
    ADD_FAILURE() << testing::PrintToString(arguments);
    return {};
  }
  return std::get<Options>(std::get<ComponentOptions>(parsed.value()));
}

TEST(CommandLine, TellsTheCommandsOfComponentApart) {
  EXPECT_EQ(component_of<ComponentWitOptions>({"wit", "a.wasm"}).input, "a.wasm");
  EXPECT_EQ(component_of<ComponentPrintOptions>({"print", "-", "-o", "x"}).output, "x");
  EXPECT_EQ(component_of<ComponentPrintOptions>({"print", "-"}).output, std::nullopt);
  EXPECT_THAT(component_of<ComponentValidateOptions>({"validate", "a", "b"}).inputs,
              testing::ElementsAre("a", "b"));
  auto made = component_of<ComponentNewOptions>(
      {"new", "a", "--wit", "wit", "--world", "w", "--adapt", "b", "--adapt", "c=d"});
  EXPECT_EQ(made.wit, "wit");
  EXPECT_EQ(made.world, "w");
  EXPECT_THAT(made.adapters, testing::ElementsAre("b", "c=d"));
  EXPECT_EQ(text_of({"component"}).exit_code, 2);
  EXPECT_EQ(text_of({"component", "wit"}).exit_code, 2);
  EXPECT_EQ(text_of({"component", "wit", "--help"}).exit_code, 0);
}

TEST(CommandLine, SwitchesFeaturesInOrder) {
  auto features_of = [](const std::string& list) {
    return component_of<ComponentValidateOptions>({"validate", "--features", list, "a"}).features;
  };
  EXPECT_FALSE(features_of("-map").map_types);
  EXPECT_TRUE(features_of("-map").gc);
  EXPECT_FALSE(features_of("-all").gc);
  EXPECT_TRUE(features_of("-all,gc,threads").gc);
  EXPECT_FALSE(features_of("-all,gc,threads").map_types);
  EXPECT_TRUE(features_of("-all").root_restrictions);
  EXPECT_FALSE(parse_command_line({"component", "validate", "--features", "x", "a"}).has_value());
}

}  // namespace
}  // namespace spindle::cli
