#include "develop/watch_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "develop/file_watcher.h"

namespace spindle::develop {
namespace {

using testing::ElementsAre;

constexpr std::string_view kManifest = R"(spin_manifest_version = 2
[application]
name = "x"
[[trigger.http]]
route = "/"
component = "a"
[component.a]
source = "out/a.wasm"
files = ["public/*.css", { source = "data", destination = "/d" }]
build = { command = "x", watch = ["src/**/*.c", "./Makefile"] }
[component.b]
source = "b.wasm"
build = { command = "x", workdir = "b", watch = ["*.c"] }
)";

class Watched : public testing::Test {
 protected:
  Watched() {
    for (const auto* name : {"src/deep", "out", "public", "data", "b", ".git"}) {
      directory_.make_directory(name);
    }
    directory_.write("spin.toml", kManifest);
    directory_.write("src/deep/a.c", "1");
    directory_.write("b/b.c", "1");
  }
  WatchSet set() {
    return WatchSet::create(read_build_manifest(directory_.path(), "").value()).value();
  }
  TempDirectory directory_;
};

TEST_F(Watched, SourcesChangeByContent) {
  auto watched = set();
  const auto before = watched.look();
  EXPECT_THAT(changed_sources(before, watched.look()), ElementsAre());
  struct Case {
    const char* file;
    std::vector<std::string> changed;
  };
  const Case cases[] = {{"src/deep/a.c", {"a"}}, {"src/new.c", {"a"}}, {"Makefile", {"a"}},
                        {"b/b.c", {"b"}},        {"b/note.txt", {}},   {"src/deep/a.h", {}}};
  for (const auto& [file, changed] : cases) {
    const auto look = watched.look();
    directory_.write(file, "other content");
    EXPECT_EQ(changed_sources(look, watched.look()), changed) << file;
    const auto again = watched.look();
    directory_.write(file, "other content");
    EXPECT_THAT(changed_sources(again, watched.look()), ElementsAre()) << file;
  }
  const auto look = watched.look();
  std::filesystem::remove(directory_.path("src/new.c"));
  EXPECT_THAT(changed_sources(look, watched.look()), ElementsAre("a"));
}

TEST_F(Watched, AFileThatIsWrittenAgainAtOnceHasChanged) {
  auto watched = set();
  const auto before = watched.look();
  const auto file = directory_.path("src/deep/a.c");
  const auto time = std::filesystem::last_write_time(file);
  directory_.write("src/deep/a.c", "2");
  std::filesystem::last_write_time(file, time);
  EXPECT_THAT(changed_sources(before, watched.look()), ElementsAre("a"));
}

TEST_F(Watched, WhatIsServedHasFilesAndComponents) {
  auto watched = set();
  for (const auto* file : {"out/a.wasm", "b.wasm", "public/x.css", "data/any", "spin.toml"}) {
    const auto before = watched.look();
    directory_.write(file, std::string(kManifest) + "# changed");
    EXPECT_NE(before.served, watched.look().served) << file;
  }
  const auto before = watched.look();
  directory_.write("public/x.txt", "not mounted");
  directory_.write("src/deep/a.c", "a source");
  EXPECT_EQ(before.served, watched.look().served);
}

TEST_F(Watched, DirectoriesAreThoseOfItsFiles) {
  auto has = [&](const WatchLook& look, std::string_view name) {
    return look.directories.contains(directory_.path(name));
  };
  directory_.link("/", "src/link");
  const auto look = set().look();
  for (const auto* name : {"src", "src/deep", "out", "public", "data", "b"}) {
    EXPECT_TRUE(has(look, name)) << name;
  }
  EXPECT_TRUE(look.directories.contains(directory_.path()));
  EXPECT_LT(look.directories.size(), 12u);
}

TEST(FileWatcher, TellsOfChangesInItsDirectories) {
  TempDirectory directory;
  directory.make_directory("a");
  io::EventLoop loop;
  auto watcher = FileWatcher::create(loop).value();
  ASSERT_TRUE(watcher->watch({directory.path("a"), directory.path("none")}));
  directory.write("a/file", "x");
  loop.block_on(watcher->changed());
  // One that was made anew is watched again.
  std::filesystem::remove_all(directory.path("a"));
  directory.make_directory("a");
  ASSERT_TRUE(watcher->watch({directory.path("a")}));
  watcher->drain();
  directory.write("a/file", "x");
  loop.block_on(watcher->changed());
}

}  // namespace
}  // namespace spindle::develop
