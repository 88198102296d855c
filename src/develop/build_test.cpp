#include "develop/build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"

namespace spindle::develop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Silent final : public BuildReport {
 public:
  void starting(const BuildJob& job, const std::string& command) override {
    (void)job;
    started.push_back(command);
  }
  void line(const BuildJob& job, OutputStream stream, std::string_view text) override {
    lines.push_back(job.component + (stream == OutputStream::Output ? ":" : "!") +
                    std::string(text));
  }
  void built(const BuildJob& job) override { finished.push_back(job.component); }

  std::vector<std::string> started;
  std::vector<std::string> lines;
  std::vector<std::string> finished;
};

BuildComponent component(std::string id, std::vector<std::string> dependencies = {}) {
  BuildComponent made;
  made.source = id + ".wasm";
  made.commands = {"make " + id};
  made.id = std::move(id);
  made.dependency_sources = std::move(dependencies);
  return made;
}

std::vector<std::string> order(const std::vector<BuildJob>& jobs) {
  std::vector<std::string> ids;
  for (const auto& job : jobs) {
    std::string text = job.component;
    for (auto index : job.after) text += "<" + jobs[index].component;
    ids.push_back(text);
  }
  return ids;
}

TEST(BuildPlan, PutsDependenciesFirst) {
  BuildManifest manifest;
  manifest.path = "/app/spin.toml";
  manifest.components = {component("a", {"./c.wasm"}), component("b"), component("c", {"d.wasm"}),
                         component("d")};
  EXPECT_THAT(order(plan_build(manifest, {}).value()), ElementsAre("d", "c<d", "a<c", "b"));
  const std::vector<std::string> some = {"a", "d"};
  EXPECT_THAT(order(plan_build(manifest, some).value()), ElementsAre("a", "d"));
}

TEST(BuildPlan, EndsInACircle) {
  BuildManifest manifest;
  manifest.path = "/app/spin.toml";
  manifest.components = {component("a", {"b.wasm"}), component("b", {"a.wasm"})};
  EXPECT_THAT(order(plan_build(manifest, {}).value()), ElementsAre("b", "a<b"));
}

TEST(BuildPlan, RefusesUnknownComponents) {
  BuildManifest manifest;
  const std::vector<std::string> ids = {"x"};
  EXPECT_THAT(plan_build(manifest, ids).error().message(), HasSubstr("`x`"));
}

TEST(Builder, BeginsNothingAfterAFailure) {
  TempDirectory directory;
  Silent report;
  std::vector<BuildJob> jobs = {{"a", {"exit 1"}, directory.path(), {}},
                                {"b", {"true"}, directory.path(), {}}};
  auto failures = Builder(jobs, {.threads = 1}, report).run();
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_THAT(failures[0].to_string(), HasSubstr("component `a`"));
  EXPECT_THAT(report.started, ElementsAre("exit 1"));
  EXPECT_THAT(report.finished, ElementsAre());
}

TEST(Builder, CutsOutputIntoLines) {
  TempDirectory directory;
  Silent report;
  const auto text = "printf 'one\\n\\ntwo'; echo err >&2";
  std::vector<BuildJob> jobs = {{"a", {text}, directory.path(), {}}};
  auto failures = Builder(jobs, {.threads = 1, .output = Builder::Output::Lines}, report).run();
  EXPECT_TRUE(failures.empty());
  EXPECT_THAT(report.lines, testing::UnorderedElementsAre("a:one", "a:", "a:two", "a!err"));
}

TEST(Builder, PassesLongLinesOnInPieces) {
  TempDirectory directory;
  Silent report;
  std::vector<BuildJob> jobs = {
      {"a", {"head -c 1000000 /dev/zero | tr '\\0' x"}, directory.path(), {}}};
  auto failures = Builder(jobs, {.threads = 1, .output = Builder::Output::Lines}, report).run();
  EXPECT_TRUE(failures.empty());
  size_t total = 0;
  for (const auto& line : report.lines) {
    EXPECT_LT(line.size(), 2 * kMaxLineBytes);
    total += line.size() - 2;
  }
  EXPECT_EQ(total, 1'000'000u);
}

// Stops the builder as soon as its command says that it runs.
class Stopper final : public BuildReport {
 public:
  void starting(const BuildJob&, const std::string&) override {}
  void line(const BuildJob&, OutputStream, std::string_view) override { builder->stop(); }
  void built(const BuildJob&) override { ADD_FAILURE(); }
  Builder* builder = nullptr;
};

TEST(Builder, StopsACommandWithWhatItStarted) {
  TempDirectory directory;
  Stopper report;
  std::vector<BuildJob> jobs = {{"a", {"echo go; sleep 600; true"}, directory.path(), {}}};
  Builder builder(
      jobs, {.threads = 1, .output = Builder::Output::Lines, .group = Command::Group::Own}, report);
  report.builder = &builder;
  auto failures = builder.run();
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_THAT(failures[0].to_string(), HasSubstr("143"));
}

TEST(Command, NamesADirectoryThatIsNotThere) {
  Command command({.arguments = shell_command("true"), .directory = "/no/where", .on_line = {}});
  EXPECT_THAT(command.run().error().message(), HasSubstr("/no/where"));
}

TEST(Command, DoesNotBeginOnceStopped) {
  TempDirectory directory;
  Command command({.arguments = shell_command("touch begun"),
                   .directory = directory.path(),
                   .group = Command::Group::Own,
                   .on_line = {}});
  command.stop();
  EXPECT_EQ(command.run().error().kind(), ErrorKind::Canceled);
  EXPECT_FALSE(directory.has("begun"));
}

// --- The manifest ---

constexpr std::string_view kHead = "spin_manifest_version = 2\n[application]\nname = \"x\"\n";
constexpr std::string_view kBroken = R"(
[[trigger.http]]
route = "/"
component = "a"
[component.a]
source = "a.wasm"
sauce = 1
build = { command = "one", workdir = "w", watch = ["*.c"] }
[component.a.profile.debug]
build = { command = ["two", "three"] }
[component.b]
source = { url = "u" }
)";

TEST(BuildManifest, IsReadThoughItWouldNotRun) {
  TempDirectory directory;
  directory.write("spin.toml", std::string(kHead) + std::string(kBroken));
  auto manifest = read_build_manifest(directory.path(), "").value();
  ASSERT_TRUE(manifest.problem.has_value());
  EXPECT_THAT(manifest.problem->message(), HasSubstr("sauce"));
  const auto* a = manifest.find("a");
  ASSERT_NE(a, nullptr);
  EXPECT_THAT(a->commands, ElementsAre("one"));
  EXPECT_THAT(a->watch, ElementsAre("*.c"));
  EXPECT_EQ(manifest.working_directory(*a).filename(), "w");
  EXPECT_EQ(manifest.find("b")->source, std::nullopt);
  auto debug = read_build_manifest(directory.path(), "debug").value();
  EXPECT_THAT(debug.find("a")->commands, ElementsAre("two", "three"));
  EXPECT_THAT(read_build_manifest(directory.path(), "x").error().message(), HasSubstr("\"x\""));
}

TEST(BuildManifest, ReadsTheOldVersionThoughItWouldNotRun) {
  TempDirectory directory;
  directory.write("spin.toml",
                  "spin_manifest_version = \"1\"\nname = 1\n[[component]]\nid = \"a\"\n"
                  "build = { command = \"one\" }\n");
  auto manifest = read_build_manifest(directory.path(), "").value();
  EXPECT_THAT(manifest.find("a")->commands, ElementsAre("one"));
}

TEST(BuildManifest, MustBeToml) {
  TempDirectory directory;
  directory.write("spin.toml", "spin_manifest_version = \n");
  EXPECT_FALSE(read_build_manifest(directory.path(), ""));
}

}  // namespace
}  // namespace spindle::develop
