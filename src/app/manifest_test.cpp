#include "app/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/json.h"
#include "app/toml.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kHead = "spin_manifest_version = 2\napplication = { name = \"shop\" }\n";

Result<Manifest> load(const std::string& text, std::string_view profile = "") {
  auto manifest = TRY(parse_manifest(std::make_shared<SourceText>("spin.toml", text)));
  TRY(normalize_manifest(manifest, profile));
  return manifest;
}

Result<Manifest> load_v2(std::string_view rest, std::string_view profile = "") {
  return load(fmt::format("{}{}", kHead, rest), profile);
}

std::string outcome(std::string_view rest) {
  auto manifest = load_v2(rest);
  return manifest ? "ok" : manifest.error().message();
}

std::string component(std::string_view fields) {
  return fmt::format("[trigger]\n[component.a]\nsource = \"a.wasm\"\n{}\n", fields);
}

TEST(Manifest, KeepsTheOrderOfDeclaration) {
  auto manifest = load_v2(R"(
[component.zebra]
source = "z.wasm"
[component.apple]
source = "a.wasm"
[[trigger.redis]]
component = "zebra"
[[trigger.http]]
component = "apple"
route = "/b"
[[trigger.http]]
component = "apple"
route = "/a"
[component.zebra.environment]
Z = "1"
A = "2"
)");
  ASSERT_TRUE(manifest) << manifest.error().to_string();
  EXPECT_EQ(manifest->components[0].id, "zebra");
  EXPECT_EQ(manifest->components[1].id, "apple");
  EXPECT_THAT(manifest->components[0].environment,
              ElementsAre(std::pair("Z", "1"), std::pair("A", "2")));
  ASSERT_EQ(manifest->triggers.size(), 3U);
  EXPECT_EQ(manifest->triggers[0].id, "zebra-redis-trigger");
  EXPECT_EQ(manifest->triggers[1].id, "apple-http-trigger");
  EXPECT_EQ(manifest->triggers[2].id, "http-trigger1");
  EXPECT_EQ(*manifest->triggers[2].config.find("route")->as_string(), "/a");
}

TEST(Manifest, AcceptsEveryFormOfAField) {
  const char* kGood[] = {
      "source = { url = \"https://x/y.wasm\", digest = \"sha256:00\" }",
      "source = { package = \"ns:pkg\", version = \"1.2.3\" }",
      "source = { registry = \"r.io\", package = \"ns:pkg\", version = \"1.2.3-rc.1\" }",
      "source = \"a\"\nbuild = { command = \"make\" }",
      "source = \"a\"\nbuild = { command = [\"a\", \"b\"], workdir = \"x\", watch = [\"*.c\"] }",
      "source = \"a\"\nfiles = [\"*\", { source = \"a\", destination = \"/b\" }]",
      "source = \"a\"\nkey_value_stores = [\"default\", \"my-store\", \"my_store\"]",
      "source = \"a\"\ntargets = [\"spin-up:3.3\", { url = \"u\" }, { path = \"p\" }]",
      "source = \"a\"\ntool = { x = { y = 1 } }",
      "source = \"a\"\ndependencies = { \"a:b/c@1.0.0\" = \"^1.0\", plain = { path = \"x\" } }",
      "source = \"a\"\nvariables = { a_b = \"text}} only\" }",
      "source = \"a\"\nallowed_outbound_hosts = [\"https://*.example.com\", \"{{ no_default }}\"]",
  };
  for (const char* fields : kGood)
    EXPECT_EQ(outcome(fmt::format("[variables]\nno_default = {{ required = true }}\n[trigger]\n"
                                  "[component.a]\n{}\n",
                                  fields)),
              "ok")
        << fields;
}

TEST(Manifest, RefusesWhatBreaksARule) {
  struct {
    std::string text;
    const char* message;
  } cases[] = {
      {"", "missing field `trigger`"},
      {"trigger = 1", "must be a table"},
      {"[trigger.http]\nroute = \"/\"", "write [[trigger.http]]"},
      {"[trigger]\n[component.a]\n", "missing field `source`"},
      {"[trigger]\n[component.A-bC]\nsource = \"x\"", "all lower case or all upper case"},
      {"[trigger]\n[component.a]\nsource = {}", "must have `url` and `digest`"},
      {"[trigger]\n[component.a]\nsource = { url = \"u\", digest = \"md5:0\" }", "sha256:"},
      {"[trigger]\n[component.a]\nsource = { package = \"p\", version = \"1.0.0\" }",
       "namespace:name"},
      {"[trigger]\n[component.a]\nsource = { package = \"n:p\", version = \"^1\" }",
       "exact version"},
      {"[trigger]\n[component.a]\nsource = { url = \"u\", digest = \"sha256:0\", x = 1 }",
       "unknown key `x`"},
      {component("build = {}"), "missing field `command`"},
      {component("build = { command = \"x\", workdir = \"/abs\" }"), "must be relative"},
      {component("key_value_stores = [\"a-b_c\"]"), "invalid label"},
      {component("sqlite_databases = [1]"), "must hold strings"},
      {component("variables = { A = \"x\" }"), "must be lower case"},
      {component("variables = { a = \"{{ x\" }"), "without a matching"},
      {component("allowed_http_hosts = [\"ftp://x\", \"http://a/b\"]"),
       "\"ftp://x\", \"http://a/b\""},
      {component("allowed_outbound_hosts = [\"insecure:allow-all\"]"), "*://*:*"},
      {component("files = [{ source = \"a\" }]"), "missing field `destination`"},
      {component("dependencies = { plain = \"1.0\" }"), "plain name"},
      {component("dependencies = { \"a:b\" = { path = \"x\", export = \"y\" } }"),
       "cannot name an export"},
      {component("dependencies = { \"a:b\" = \"1\", \"a:b/c\" = \"1\" }"), "overlap"},
      {component("dependencies = { \"a:b@1.0.0\" = \"1\", \"a:b@1.2.0\" = \"1\" }"), "overlap"},
      {component("dependencies = { \"a:b\" = { version = \"latest\" } }"), "version requirement"},
      {component("dependencies = { \"a:b\" = {} }"), "must have one of"},
      {component("dependencies_inherit_configuration = true\n"
                 "dependencies = { x = { path = \"p\", inherit_configuration = false } }"),
       "only one of them"},
      {component("dependencies = { x = { component = \"b\" } }"), "unknown component `b`"},
      {component("dependencies = { x = { component = \"b\" } }\n"
                 "[component.b]\nsource = \"b\"\nvariables = {}\nfiles = []"),
       "files, variables"},
      {component("profile.x = { files = [] }"), "unknown key `files`"},
      {component("profile.x = { build = { command = \"a\", workdir = \"b\" } }"), "only `command`"},
      {"[variables]\nx = {}\n[trigger]", "`required` OR have a `default`"},
      {"[variables]\nx = { default = 1 }\n[trigger]", "must be a string"},
      {"[variables]\na__b = { default = \"\" }\n[trigger]", "invalid variable name"},
      {"[[trigger.http]]\ncomponent = \"a_b\"", "not '_'"},
      {"[[trigger.http]]\ndependencies = { middleware = [{ version = \"1\" }] }",
       "missing field `package`"},
  };
  for (const auto& one : cases) EXPECT_THAT(outcome(one.text), HasSubstr(one.message)) << one.text;
}

TEST(Manifest, AllowsDisjointDependencies) {
  EXPECT_EQ(outcome(component("dependencies = { \"a:b/c\" = \"1\", \"a:b/d\" = \"1\" }")), "ok");
  EXPECT_EQ(outcome(component("dependencies = { \"a:b@1.0.0\" = \"1\", \"a:b@2.0.0\" = \"1\" }")),
            "ok");
  EXPECT_EQ(outcome(component("dependencies = { \"a:b@0.1.0\" = \"1\", \"a:b@0.2.0\" = \"1\" }")),
            "ok");
}

TEST(Manifest, NamesInlineComponents) {
  auto manifest = load_v2(R"(
[[trigger.http]]
route = "/1"
component = { source = "one.wasm" }
[[trigger.http]]
id = "two"
route = "/2"
component = { source = "two.wasm" }
[trigger.http.components]
extra = [{ source = "three.wasm" }, "two-component"]
[[trigger.http]]
id = "Not Kebab"
component = { source = "four.wasm" }
)");
  ASSERT_TRUE(manifest) << manifest.error().to_string();
  std::vector<std::string> ids;
  for (const Component& one : manifest->components) ids.push_back(one.id);
  EXPECT_THAT(ids, ElementsAre("http-trigger1-component", "inline-component1", "inline-component2",
                               "inline-component3"));
  EXPECT_EQ(std::get<std::string>(*manifest->triggers[1].component), "inline-component1");
}

TEST(Manifest, SkipsTriggerIdsThatAreTaken) {
  auto manifest = load_v2(R"(
[[trigger.http]]
id = "http-trigger1"
component = "a"
[[trigger.http]]
id = "a-http-trigger"
component = "a"
[[trigger.http]]
component = "a"
)");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->triggers[2].id, "http-trigger2");
}

TEST(Manifest, AppliesAProfile) {
  std::string text = component(R"(
environment = { A = "1", B = "2" }
dependencies = { x = { path = "x.wasm" } }
[component.a.profile.debug]
source = "debug.wasm"
environment = { B = "3", C = "4" }
dependencies = { x = { path = "y.wasm" } }
build.command = "make debug"
[component.b]
source = "b.wasm"
)");
  auto manifest = load_v2(text, "debug");
  ASSERT_TRUE(manifest) << manifest.error().to_string();
  const Component& a = manifest->components[0];
  EXPECT_EQ(std::get<PathSource>(a.source.form).path, "debug.wasm");
  EXPECT_THAT(a.environment,
              ElementsAre(std::pair("A", "1"), std::pair("B", "3"), std::pair("C", "4")));
  EXPECT_EQ(std::get<PathSource>(a.dependencies[0].form).path, "y.wasm");
  EXPECT_THAT(a.build->commands, ElementsAre("make debug"));
  EXPECT_EQ(std::get<PathSource>(manifest->components[1].source.form).path, "b.wasm");
  auto missing = load_v2(text, "debgu");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("did you mean `debug`"));
}

TEST(Manifest, PushesInheritanceDownAndReplacesReferences) {
  auto manifest = load_v2(component(R"(
dependencies_inherit_configuration = true
dependencies = { x = { component = "b" }, "n:p" = "1.0" }
[component.b]
source = "b.wasm"
)"));
  ASSERT_TRUE(manifest) << manifest.error().to_string();
  const auto& dependencies = manifest->components[0].dependencies;
  EXPECT_EQ(std::get<PathSource>(dependencies[0].form).path, "b.wasm");
  EXPECT_TRUE(dependencies[0].inherit && dependencies[0].inherit->all);
  EXPECT_FALSE(dependencies[1].inherit);
}

TEST(Manifest, ConvertsVersionOne) {
  auto manifest = load(R"(
spin_version = "1"
name = "old"
trigger = { type = "http", base = "/" }
[variables]
token = { required = true }
[[component]]
id = "My_Comp"
source = "c.wasm"
allowed_http_hosts = ["example.com:8080"]
config = { key = "{{ token }}" }
key_value_stores = ["any Label"]
[component.trigger]
route = "/..."
)");
  ASSERT_TRUE(manifest) << manifest.error().to_string();
  EXPECT_EQ(to_json(Value(manifest->trigger_settings)), R"({"http":{"base":"/"}})");
  const Component& component = manifest->components[0];
  EXPECT_EQ(component.id, "my-comp");
  EXPECT_THAT(component.allowed_outbound_hosts,
              ElementsAre("redis://*:*", "mysql://*:*", "postgres://*:*", "http://example.com:8080",
                          "https://example.com:8080"));
  EXPECT_THAT(component.variables, ElementsAre(std::pair("key", "{{ token }}")));
  EXPECT_EQ(manifest->triggers[0].id, "trigger-my-comp");
  EXPECT_EQ(*manifest->triggers[0].config.find("route")->as_string(), "/...");
}

TEST(Manifest, RefusesUnknownKeysInVersionOne) {
  auto manifest = load(
      "spin_manifest_version = \"1\"\nname = \"o\"\ntrigger = { type = \"http\" }\n"
      "[[component]]\nid = \"a\"\nsource = \"s\"\ntrigger = {}\nvariables = {}\n");
  ASSERT_FALSE(manifest);
  EXPECT_THAT(manifest.error().message(), HasSubstr("unknown key `variables`"));
}

TEST(Manifest, ConvertsOldHostsInVersionTwo) {
  auto manifest =
      load_v2(component("allowed_http_hosts = [\"self\"]\n"
                        "allowed_outbound_hosts = [\"redis://a\"]"));
  ASSERT_TRUE(manifest);
  EXPECT_THAT(manifest->components[0].allowed_outbound_hosts,
              ElementsAre("redis://a", "http://self"));
  EXPECT_EQ(manifest->warnings.size(), 1U);
}

TEST(Manifest, SurvivesTruncationAtEveryByte) {
  std::string text = fmt::format("{}{}", kHead, component(R"(
variables = { key = "{{ token }}" }
files = ["*", { source = "a", destination = "b" }]
allowed_outbound_hosts = ["https://*.example.com:8000..9000"]
dependencies = { "a:b/c@1.0.0" = { path = "x", inherit_configuration = ["files"] } }
[variables]
token = { required = true }
[[trigger.http]]
route = "/..."
component = "a"
)"));
  ASSERT_TRUE(load(text)) << load(text).error().to_string();
  for (size_t length = 0; length < text.size(); ++length) {
    auto manifest = load(text.substr(0, length));
    if (!manifest) EXPECT_FALSE(manifest.error().message().empty());
  }
}

TEST(Manifest, RefusesHugeAndDeepInput) {
  auto repeated = [](std::string_view part, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += part;
    return text;
  };
  std::string hostile[] = {
      repeated("# comment\n", kMaxTomlBytes / 10 + 1),
      "x = " + repeated("[", 100'000),
      "x = " + repeated("{ a = ", 100'000),
      repeated("a.", 100'000) + "b = 1",
      repeated("\"a\" . ", 100'000) + "b = 1",
      "[" + repeated("a.", 100'000) + "b]",
      "x = { " + repeated("a.", 100'000) + "b = 1 }",
      "x = \"\"\"\n" + repeated("a.", 1000),
      "\xff\xfe",
      std::string("a = \"\0\"", 8),
  };
  for (const std::string& text : hostile) EXPECT_FALSE(load(text)) << text.substr(0, 40);
}

TEST(Manifest, AllowsDotsInStringsAndComments) {
  std::string dots(500, '.');
  EXPECT_EQ(outcome(fmt::format("# {}\n[trigger]\n[component.a]\nsource = \"{}\"\n"
                                "description = '''{}'''\n",
                                dots, dots, dots)),
            "ok");
}

}  // namespace
}  // namespace spindle::app
