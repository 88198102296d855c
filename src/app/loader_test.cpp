#include "app/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "app/files.h"
#include "app/glob.h"
#include "app/json.h"
#include "base/testing.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// Shown paths have no links in them.
class Directory {
 public:
  void write(const std::string& path, std::string_view text = "x") const {
    fs::create_directories((root_ / path).parent_path());
    directory_.write(path, text);
  }
  // Every file below, as sorted relative paths.
  std::vector<std::string> list(const std::string& below) const {
    std::vector<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / below)) {
      if (entry.is_regular_file())
        all.push_back(entry.path().lexically_relative(root_ / below).generic_string());
    }
    std::ranges::sort(all);
    return all;
  }
  const fs::path& path() const { return root_; }

 private:
  TempDirectory directory_;
  fs::path root_ = fs::canonical(directory_.path());
};

TEST(Glob, MatchesPaths) {
  struct {
    const char* pattern;
    const char* path;
    bool separate;
    bool across;
  } cases[] = {
      {"a.txt", "a.txt", true, true},    {"*.txt", "a.txt", true, true},
      {"*.txt", "d/a.txt", false, true}, {"*", ".hidden", true, true},
      {"?", "ab", false, false},         {"?", "/", false, true},
      {"**/*.txt", "a.txt", true, true}, {"**/*.txt", "a/b/c.txt", true, true},
      {"a/**/b", "a/b", true, true},     {"a/**/b", "a/x/y/b", true, true},
      {"a/**/b", "a/xb", false, false},  {"a/**", "a/b/c", true, true},
      {"**", "a/b", true, true},         {"a/**", "b/c", false, false},
      {"[a-c]x", "bx", true, true},      {"[!a-c]x", "bx", false, false},
      {"[!a-c]x", "dx", true, true},     {"[]]", "]", true, true},
      {"[*]", "*", true, true},          {"[*]", "a", false, false},
      {"a[-]b", "a-b", true, true},      {"", "", true, true},
      {"", "a", false, false},           {"*a*b*c*", "xxaxxbxxcxx", true, true},
  };
  for (const auto& one : cases) {
    auto glob = Glob::parse(one.pattern);
    ASSERT_TRUE(glob) << one.pattern;
    EXPECT_EQ(glob->matches(one.path), one.separate) << one.pattern << " " << one.path;
    EXPECT_EQ(glob->matches(one.path, Glob::Slash::MatchedByWildcards), one.across)
        << one.pattern << " " << one.path;
  }
  for (const char* bad : {"a**", "**b", "***", "[a", "[", "[!", "[]"})
    EXPECT_FALSE(Glob::parse(bad)) << bad;
}

TEST(Glob, IsNotSlowOnHostilePatterns) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  auto glob = Glob::parse(pattern + "b");
  ASSERT_TRUE(glob);
  EXPECT_FALSE(glob->matches(std::string(2000, 'a')));
  EXPECT_FALSE(Glob::parse(std::string(100'000, '?')));
}

std::string copy(const Directory& directory, std::vector<FileMount> mounts,
                 const std::vector<std::string>& exclude = {}) {
  fs::remove_all(directory.path() / "out");
  auto outcome = copy_files(mounts, exclude, directory.path() / "app", directory.path() / "out");
  if (!outcome) return "error: " + outcome.error().to_string();
  return fmt::format("{}", fmt::join(directory.list("out"), " "));
}

TEST(Files, AreCopiedToTheirPlaces) {
  Directory directory;
  for (const char* file : {"app/a.txt", "app/b.md", "app/d/c.txt", "app/d/e/f.txt", "app/d/.h"})
    directory.write(file);
  EXPECT_EQ(copy(directory, {{"a.txt", {}, {}}}), "a.txt");
  EXPECT_EQ(copy(directory, {{"*.txt", {}, {}}}), "a.txt");
  EXPECT_EQ(copy(directory, {{"**/*.txt", {}, {}}}), "a.txt d/c.txt d/e/f.txt");
  EXPECT_EQ(copy(directory, {{"d", {}, {}}}), "d/.h d/c.txt d/e/f.txt");
  EXPECT_EQ(copy(directory, {{"d/*", {}, {}}}), "d/.h d/c.txt");
  EXPECT_EQ(copy(directory, {{"./d/**/*", {}, {}}}, {"*.txt"}), "d/.h");
  EXPECT_EQ(copy(directory, {{"d", "/", {}}}), ".h c.txt e/f.txt");
  EXPECT_EQ(copy(directory, {{"d", "/x/y", {}}}, {"d/e/*"}), "x/y/.h x/y/c.txt");
  EXPECT_EQ(copy(directory, {{"a.txt", "/x/renamed", {}}}, {"a.txt"}), "x/renamed");
  EXPECT_EQ(copy(directory, {{"nothing/*.txt", {}, {}}}), "");
}

TEST(Files, KeepTheTimesOfTheirOriginals) {
  Directory directory;
  directory.write("app/a.txt");
  const auto changed = fs::file_time_type::clock::now() - std::chrono::hours(24);
  fs::last_write_time(directory.path() / "app/a.txt", changed);
  EXPECT_EQ(copy(directory, {{"a.txt", {}, {}}}), "a.txt");
  EXPECT_EQ(fs::last_write_time(directory.path() / "out/a.txt"),
            fs::last_write_time(directory.path() / "app/a.txt"));
}

TEST(Files, NeverComeFromOutside) {
  Directory directory;
  directory.write("secret/key");
  directory.write("app/good");
  fs::create_directory_symlink(directory.path() / "secret", directory.path() / "app/link");
  fs::create_symlink(directory.path() / "secret/key", directory.path() / "app/key");
  fs::create_symlink("good", directory.path() / "app/alias");
  fs::create_directory_symlink(".", directory.path() / "app/loop");
  struct {
    FileMount mount;
    const char* expected;
  } cases[] = {
      {{"../secret/key", {}, {}}, "outside the application directory"},
      {{"../secret/*", {}, {}}, "outside the application directory"},
      {{"../secret", "/", {}}, "outside the application directory"},
      {{"link/key", {}, {}}, "outside the application directory"},
      {{"link/*", {}, {}}, "outside the application directory"},
      {{"link", {}, {}}, "outside the application directory"},
      {{"key", {}, {}}, "outside the application directory"},
      {{"k*", {}, {}}, "outside the application directory"},
      {{"*/../../secret/key", {}, {}}, ""},
      {{(directory.path() / "secret/*").string(), {}, {}}, "must be relative"},
      {{(directory.path() / "secret").string(), "/", {}}, "outside the application directory"},
      {{"good", "../escaped", {}}, "outside the file system of the guest"},
      {{"good", "/a/../../b", {}}, "outside the file system of the guest"},
      {{"good", "/", {}}, "not a valid file name"},
      {{"good", "a/", {}}, "not a valid file name"},
      {{"good", ".", {}}, "not a valid file name"},
      {{".", {}, {}}, "must not end in"},
      {{"a/..", {}, {}}, "must not end in"},
      {{"missing", {}, {}}, "does not exist"},
      {{"missing", "/x", {}}, "does not exist"},
      {{"a*", {}, {}}, "alias"},
      {{"loop/g*", {}, {}}, "loop/good"},
  };
  for (const auto& one : cases) {
    EXPECT_THAT(copy(directory, {one.mount}), HasSubstr(one.expected)) << one.mount.source;
    EXPECT_FALSE(fs::exists(directory.path() / "escaped"));
  }
}

TEST(Files, WarnAboutEverything) {
  Directory directory;
  directory.write("app/a");
  for (auto [pattern, warnings] : {std::pair("*", 1U), {"**/*", 1U}, {"./*", 0U}, {"./**/*", 0U}}) {
    std::vector<FileMount> mounts{{pattern, {}, {}}};
    auto outcome = copy_files(mounts, {}, directory.path() / "app", directory.path() / "out");
    ASSERT_TRUE(outcome) << outcome.error().to_string();
    EXPECT_EQ(outcome->warnings.size(), warnings) << pattern;
    EXPECT_EQ(outcome->files, 1U);
  }
}

TEST(Files, AreMountedDirectly) {
  Directory directory;
  directory.write("app/d/a");
  std::vector<FileMount> mounts{{"d", {}, {}}, {"d", "/x", {}}};
  auto files = direct_mounts(mounts, {}, directory.path() / "app");
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)[0].path, "d");
  EXPECT_EQ((*files)[1].path, "/x");
  EXPECT_EQ((*files)[0].content.path(), (directory.path() / "app/d").string());
  std::vector<std::string> exclude{"*"};
  EXPECT_FALSE(direct_mounts(mounts, exclude, directory.path() / "app"));
  std::vector<FileMount> file{{"d/a", {}, {}}};
  EXPECT_FALSE(direct_mounts(file, {}, directory.path() / "app"));
}

constexpr std::string_view kManifest = R"(
spin_manifest_version = 2
application = { name = "shop", trigger = { redis = { address = "redis://{{ host }}" } } }
[variables]
token = { required = true, secret = true, description = "key" }
host = { default = "h" }
[[trigger.http]]
route = "/..."
component = "cart"
[[trigger.http]]
route = "/plain"
component = "cart"
dependencies.middleware = [{ path = "auth.wasm", inherit_configuration = true }]
[component.cart]
source = "cart.wasm"
description = "carts"
environment = { B = "1", A = "2" }
variables = { url = "{{ host }}" }
allowed_outbound_hosts = ["http://*.spin.internal"]
key_value_stores = ["default"]
sqlite_databases = ["db"]
ai_models = ["m"]
files = ["*.txt"]
build = { command = "make", watch = ["*.c"] }
dependencies = { "a:b/c@1.0.0" = { path = "dep.wasm", inherit_configuration = ["files"] } }
)";

TEST(Loader, LocksAnApplication) {
  Directory directory;
  directory.write("spin.toml", kManifest);
  for (const char* file : {"cart.wasm", "auth.wasm", "dep.wasm", "note.txt"}) directory.write(file);
  LoadOptions options;
  options.working_directory = directory.path() / "work";
  options.environment = {{"A", "override"}, {"C", "3"}};
  auto app = load_app(directory.path(), options);
  ASSERT_TRUE(app) << app.error().to_string();
  ASSERT_EQ(app->components.size(), 2U);
  const LockedComponent& cart = app->components[0];
  const LockedComponent& clone = app->components[1];
  EXPECT_EQ(clone.id, "cart-for-http-trigger1");
  EXPECT_EQ(app->triggers[1].component, clone.id);
  EXPECT_TRUE(cart.trigger_dependencies.empty());
  EXPECT_EQ(clone.trigger_dependencies[0].first, "middleware");
  EXPECT_THAT(cart.environment,
              ElementsAre(std::pair("A", "override"), std::pair("B", "1"), std::pair("C", "3")));
  EXPECT_EQ(cart.source.path(), (directory.path() / "cart.wasm").string());
  ASSERT_EQ(cart.files.size(), 1U);
  EXPECT_EQ(cart.files[0].path, "/");
  EXPECT_TRUE(fs::exists(*cart.files[0].content.path() + "/note.txt"));
  EXPECT_EQ(clone.files, cart.files);

  std::string_view both[] = {"local_service_chaining", "middleware"};
  EXPECT_TRUE(check_requirements(*app, both));
  EXPECT_FALSE(check_requirements(*app, std::span(both).first(1)));
  EXPECT_FALSE(check_requirements(*app, {}));

  std::string json = to_json(to_json_value(*app), JsonStyle::Pretty);
  EXPECT_THAT(json, HasSubstr("\"spin_lock_version\": 1"));
  EXPECT_THAT(json, HasSubstr("\"databases\""));
  EXPECT_THAT(json, HasSubstr("\"inherit\": \"All\""));
  auto back = parse_locked_app(json);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(to_json(to_json_value(*back), JsonStyle::Pretty).size() > 100, true);
  EXPECT_EQ(back->components[0].dependencies, cart.dependencies);
  EXPECT_EQ(back->components[1].host_requirements, clone.host_requirements);
  EXPECT_EQ(back->variables[1].secret, true);
}

TEST(Loader, ExplainsMissingSources) {
  Directory directory;
  directory.write("spin.toml", kManifest);
  auto app = load_app(directory.path() / "spin.toml", {});
  ASSERT_FALSE(app);
  EXPECT_EQ(app.error().kind(), ErrorKind::NotFound);
  EXPECT_THAT(app.error().message(), HasSubstr("\"cart.wasm\", does not exist"));
  EXPECT_THAT(app.error().message(), HasSubstr("spin.toml:15:10"));
  EXPECT_THAT(app.error().message(), HasSubstr("build it first with its command: "));
  directory.write("cart.wasm");
  app = load_app(directory.path(), {});
  ASSERT_FALSE(app);
  EXPECT_THAT(app.error().message(), HasSubstr("\"dep.wasm\", does not exist"));
}

TEST(Loader, RefusesRemoteSources) {
  for (const char* source : {"{ url = \"https://x/a.wasm\", digest = \"sha256:00\" }",
                             "{ package = \"a:b\", version = \"1.0.0\" }"}) {
    Directory directory;
    directory.write("spin.toml",
                    fmt::format("spin_manifest_version = 2\napplication.name = \"a\"\n[trigger]\n"
                                "[component.a]\nsource = {}\n",
                                source));
    auto app = load_app(directory.path(), {});
    ASSERT_FALSE(app);
    EXPECT_EQ(app.error().kind(), ErrorKind::NotSupported);
    EXPECT_THAT(app.error().message(), HasSubstr("not supported yet"));
  }
}

TEST(Loader, NeedsNoSourceWhereTheHostServesFiles) {
  constexpr std::string_view kFiles = "executor = { type = \"static-files\" }";
  const auto load = [](std::string_view first, std::string_view second, std::string_view source) {
    Directory directory;
    directory.write("spin.toml",
                    fmt::format("spin_manifest_version = 2\napplication.name = \"a\"\n"
                                "[[trigger.http]]\nroute = \"/a\"\ncomponent = \"a\"\n{}\n"
                                "[[trigger.http]]\nroute = \"/b\"\ncomponent = \"a\"\n{}\n"
                                "[component.a]\nsource = {}\n",
                                first, second, source));
    auto app = load_app(directory.path(), {});
    return app ? app->components[0].source.source.value_or("none") : app.error().message();
  };
  constexpr std::string_view kUrl = "{ url = \"https://x/a.wasm\", digest = \"sha256:00\" }";
  EXPECT_EQ(load(kFiles, kFiles, kUrl), "https://x/a.wasm");
  EXPECT_THAT(load(kFiles, kFiles, "\"a.wasm\""), HasSubstr("/a.wasm"));
  EXPECT_THAT(load(kFiles, "", kUrl), HasSubstr("not supported yet"));
  EXPECT_THAT(load("", kFiles, "\"a.wasm\""), HasSubstr("does not exist"));
  EXPECT_THAT(load(kFiles, "executor = { type = \"wagi\" }", kUrl), HasSubstr("not supported yet"));
}

TEST(Loader, RunsABareComponent) {
  Directory directory;
  directory.write("hello.wasm");
  auto app = load_app(directory.path() / "hello.wasm", {});
  ASSERT_TRUE(app);
  EXPECT_EQ(app->name, "hello");
  EXPECT_EQ(app->triggers[0].type, "http");
  EXPECT_EQ(to_json(app->triggers[0].config), R"({"route":"/...","component":"hello"})");
}

TEST(Loader, ExplainsMissingManifests) {
  Directory directory;
  auto none = load_app(directory.path(), {});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message(), HasSubstr("no spin.toml"));
  EXPECT_EQ(load_app(directory.path() / "no" / "x.toml", {}).error().kind(), ErrorKind::NotFound);
}

TEST(Loader, KeepsOnlySomeComponents) {
  auto app = [] {
    LockedApp result;
    for (const char* id : {"a", "b", "c"}) {
      LockedComponent component;
      component.id = id;
      result.components.push_back(component);
      result.triggers.push_back({id, "http", id, {}});
    }
    result.components[0].allowed_outbound_hosts = {"http://b.spin.internal"};
    return result;
  };
  auto keep = [&](std::vector<std::string> ids) {
    LockedApp one = app();
    auto kept = keep_components(one, ids);
    return kept ? fmt::format("{} {}", one.components.size(), one.triggers.size())
                : kept.error().message();
  };
  EXPECT_EQ(keep({}), "3 3");
  EXPECT_EQ(keep({"b"}), "1 1");
  EXPECT_EQ(keep({"a", "b"}), "2 2");
  EXPECT_THAT(keep({"a"}), HasSubstr("leaves out"));
  EXPECT_THAT(keep({"x"}), HasSubstr("no component \"x\""));
}

TEST(LockedApp, RefusesWhatItDoesNotUnderstand) {
  for (const char* bad :
       {"", "[]", "{}", R"({"spin_lock_version": 2})",
        R"({"spin_lock_version": 1, "must_understand": ["telepathy"]})",
        R"({"spin_lock_version": 0, "components": [{}]})",
        R"({"spin_lock_version": 0, "components": [{"id": "a", "source": {"inline": "!"}}]})",
        R"({"spin_lock_version": 0, "triggers": [{"id": "a"}]})"})
    EXPECT_FALSE(parse_locked_app(bad)) << bad;
  EXPECT_FALSE(parse_locked_app(std::string(100'000, '[')));
}

TEST(Json, KeepsOrderAndEscapes) {
  const char* text = R"({"b":1,"a":[true,null,-2.5,"\"\n\u0001é"],"c":{}})";
  auto value = parse_json(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(to_json(*parse_json(to_json(*value))), to_json(*value));
  EXPECT_THAT(to_json(*value), HasSubstr(R"({"b":1,"a":[true,null,)"));
  for (const char* bad : {"", "{", "1 2", "{\"a\":1,}", "nul", "\"\xff\""})
    EXPECT_FALSE(parse_json(bad)) << bad;
}

}  // namespace
}  // namespace spindle::app
