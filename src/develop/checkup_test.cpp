#include "develop/checkup.h"

#include <gmock/gmock.h>

#include "base/testing.h"

namespace spindle::develop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kHead = R"(spin_manifest_version = 2
[application]
name = "case"
[[trigger.http]]
route = "/"
component = "c"
[component.c]
source = "c.wasm"
)";

std::vector<std::string> texts(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const auto& finding : findings) lines.push_back(finding.text + " | " + finding.help);
  return lines;
}

std::vector<std::string> check(const TempDirectory& folder, const std::string& build) {
  folder.write("spin.toml", kHead + build);
  const auto manifest = read_build_manifest(folder.path(), "").value();
  return texts(check_component(manifest, manifest.components.at(0)));
}

TEST(Checkup, FindsTheProgramsThatACommandCalls) {
  const struct {
    std::string command;
    std::vector<std::string> programs;
  } kCases[] = {
      {"cargo build --release", {"cargo"}},
      {"npm install && npm run build; ./pack.sh a", {"npm", "./pack.sh"}},
      {"GOOS=wasip1 GOARCH=wasm go build -ldflags='-s -w' -o main.wasm .", {"go"}},
      {"cd a && if test -f b; then make; else exec cmake . ; fi", {"make", "cmake"}},
      {"(clang x.c | cat) & wait_for", {"clang", "cat", "wait_for"}},
      {"\"$SPINDLE\" component new a", {}},
      {"$CC x.c", {}},
      {"echo 'make; cargo'", {}},
      {"", {}},
  };
  for (const auto& [command, programs] : kCases)
    EXPECT_EQ(programs_of(command), programs) << command;
}

TEST(Checkup, SaysWhatIsMissingForABuildAndHowToGetIt) {
  const TempDirectory folder;
  EXPECT_THAT(check(folder, "build = { command = \"./no-such-tool && sh -c true\" }\n"),
              ElementsAre("`./no-such-tool`, which its build command calls, is not installed | "
                          "install it, or put its folder into PATH",
                          "its file `c.wasm` is not built | spindle build -c c"));
  EXPECT_THAT(check(folder, "build = { command = \"tinygo build\" }\n")[0],
              HasSubstr("https://tinygo.org"));
  EXPECT_THAT(check(folder, "build = { command = \"true\", workdir = \"none\" }\n"),
              ElementsAre("its working directory `none` does not exist | make it, or correct "
                          "`workdir` in [component.c.build]"));
  EXPECT_THAT(check(folder, ""),
              ElementsAre("its file `c.wasm` does not exist | correct `source`, or give the "
                          "component a build command"));
}

TEST(Checkup, NoticesAFileThatIsOlderThanItsSources) {
  const TempDirectory folder;
  const auto build = "build = { command = \"true\", watch = [\"src/**/*.c\"] }\n";
  folder.make_directory("src/in");
  folder.write("src/in/a.c", "");
  folder.write("src/in/a.txt", "");
  folder.write("c.wasm", "");
  using std::filesystem::last_write_time;
  const auto now = last_write_time(folder.path("c.wasm"));
  last_write_time(folder.path("src/in/a.c"), now - std::chrono::seconds(5));
  last_write_time(folder.path("src/in/a.txt"), now + std::chrono::seconds(5));
  EXPECT_THAT(check(folder, build), IsEmpty());
  last_write_time(folder.path("src/in/a.c"), now + std::chrono::seconds(5));
  EXPECT_THAT(check(folder, build),
              ElementsAre("`src/in/a.c` is newer than what was built of it | spindle build -c c"));
  EXPECT_THAT(check(folder, "build = { command = \"true\", watch = [\"*.go\"] }\n"),
              ElementsAre("no file fits what its build watches | correct `watch` in "
                          "[component.c.build]"));
}

TEST(Checkup, PointsAtMistakesOfTheManifest) {
  const TempDirectory folder;
  folder.write("spin.toml", std::string(kHead) + "sauce = 1\n");
  const auto findings = check_manifest(folder.path("spin.toml"));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind, Finding::Kind::Problem);
  EXPECT_THAT(findings[0].text, HasSubstr("unknown key `sauce`"));
  folder.write("old.toml",
               "spin_manifest_version = \"1\"\nname = \"a\"\nversion = \"1.0.0\"\n"
               "trigger = { type = \"http\", base = \"/\" }\n");
  EXPECT_EQ(check_manifest(folder.path("old.toml")).back().kind, Finding::Kind::Note);
}

}  // namespace
}  // namespace spindle::develop
