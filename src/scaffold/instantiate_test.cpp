#include "scaffold/instantiate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "scaffold/template_store.h"

namespace spindle::scaffold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kManifest = R"(manifest_version = "1"
id = "t"
description = "d"
tags = ["a"]
trigger_type = "http"
[add_component]
skip_files = ["spin.toml"]
[add_component.snippets]
component = "c.txt"
variables = "v.txt"
[add_component.conditions.has]
condition = { manifest_entry_exists = "application.x" }
skip_snippets = ["variables"]
[outputs.assets]
action = "create_dir"
path = "{{ word }}-files"
[parameters]
word = { type = "string", prompt = "Word", default = "w", pattern = "^[a-z]+$" }
one = { type = "string", prompt = "One", default = "x", allowed_values = ["x", "y"] }
)";

class Answers final : public Questions {
 public:
  Result<std::string> ask(const TemplateParameter& parameter) override {
    asked.push_back(parameter.name);
    return std::string("y");
  }
  std::vector<std::string> asked;
};

class Instance : public testing::Test {
 protected:
  Instance() {
    for (const auto* name :
         {"t/metadata/snippets", "t/metadata/partials", "t/content/src", "app"}) {
      directory_.make_directory(name);
    }
    directory_.write("t/metadata/spin-template.toml", kManifest);
    directory_.write("t/metadata/snippets/c.txt", "[component.{{ project-name }}]\n");
    directory_.write("t/metadata/snippets/v.txt", "{{ word }} = { default = \"1\" }\n");
    directory_.write("t/metadata/partials/p", "part {{ word }}");
    directory_.write("t/content/spin.toml", "name = \"{{ project-name | kebab_case }}\"\n");
    request_.name = "my app";
    request_.output = directory_.path("out");
    request_.accept_defaults = true;
  }

  Result<InstancePlan> plan() {
    auto definition = TRY(read_template(directory_.path("t")));
    return plan_instance(definition, request_, answers_);
  }
  std::string planned(std::string_view name) {
    auto made = plan();
    if (!made) return made.error().to_string();
    for (const auto& file : made.value().files) {
      if (file.path == request_.output / name) return file.content;
    }
    return "(no such file)";
  }
  // Of an application with this text.
  std::string added_to(std::string_view text) {
    directory_.write("app/spin.toml", text);
    request_.manifest = directory_.path("app/spin.toml");
    request_.output = "c";
    auto made = plan();
    return made ? made.value().manifest->content : made.error().to_string();
  }

  TempDirectory directory_;
  InstanceRequest request_;
  Answers answers_;
};

TEST_F(Instance, RendersFilesAndTheirNames) {
  directory_.write("t/content/Cargo.toml.tmpl", "{% include 'p' %}");
  directory_.write("t/content/{{project-name !! snake_case}}.c", "{{ one }}");
  directory_.write("t/content/not.liquid", "{% oops %} {{ ");
  directory_.write("t/content/binary", "\xff{{ word }}");
  EXPECT_EQ(planned("spin.toml"), "name = \"my-app\"\n");
  EXPECT_EQ(planned("Cargo.toml"), "part w");
  EXPECT_EQ(planned("my_app.c"), "x");
  EXPECT_EQ(planned("not.liquid"), "{% oops %} {{ ");
  EXPECT_EQ(planned("binary"), "\xff{{ word }}");
}

TEST_F(Instance, IsWrittenWithItsDirectories) {
  directory_.write("t/content/.gitignore", "x");
  directory_.write("t/content/run.sh", "x");
  std::filesystem::permissions(directory_.path("t/content/run.sh"),
                               std::filesystem::perms::owner_all);
  ASSERT_TRUE(write_instance(plan().value()));
  EXPECT_TRUE(directory_.has("out/w-files"));
  EXPECT_TRUE(directory_.has("out/.gitignore"));
  EXPECT_EQ(access(directory_.path("out/run.sh").c_str(), X_OK), 0);
  request_.no_vcs = true;
  EXPECT_EQ(planned(".gitignore"), "(no such file)");
}

TEST_F(Instance, AsksForWhatWasNotGiven) {
  request_.accept_defaults = false;
  request_.values = {{"word", "given"}};
  ASSERT_TRUE(plan());
  EXPECT_THAT(answers_.asked, ElementsAre("one"));
}

TEST_F(Instance, ChecksGivenValues) {
  request_.values = {{"word", "Given"}};
  EXPECT_THAT(planned("x"), HasSubstr("matches ^[a-z]+$"));
  request_.values = {{"one", "z"}};
  EXPECT_THAT(planned("x"), HasSubstr("x, y"));
  request_.values = {{"two", "z"}};
  EXPECT_THAT(planned("x"), HasSubstr("no parameter `two`"));
}

TEST_F(Instance, StaysBelowItsDirectory) {
  directory_.link("/etc/passwd", "t/content/link");
  EXPECT_EQ(planned("link"), "(no such file)");
  directory_.write("t/content/{{ 'a' !! replace: 'a', '..' }}", "out");
  EXPECT_THAT(planned("x"), HasSubstr("outside of"));
}

TEST_F(Instance, OfAnUnknownValueIsRefused) {
  directory_.write("t/content/src/a", "{{ nothing }}");
  EXPECT_THAT(planned("src/a"), HasSubstr("`src/a`: the template uses `nothing`"));
}

TEST_F(Instance, ExtendsAManifest) {
  constexpr std::string_view kHead = "spin_manifest_version = 2\n";
  request_.name = "c";
  EXPECT_EQ(added_to("spin_manifest_version = 2"),
            "spin_manifest_version = 2\n\n[component.c]\n\n[variables]\nw = { default = \"1\" }\n");
  EXPECT_EQ(
      added_to("spin_manifest_version = 2\n[variables]\na = { default = \"2\" }\n"),
      "spin_manifest_version = 2\n[variables]\nw = { default = \"1\" }\na = { default = \"2\" }\n\n"
      "[component.c]\n");
  EXPECT_THAT(added_to(std::string(kHead) + "application.x = 1\n"), Not(HasSubstr("variables")));
  EXPECT_THAT(added_to(std::string(kHead) + "component.c.source = 1\n"),
              HasSubstr("left as it was"));
  EXPECT_THAT(added_to("spin_version = \"1\"\n"), HasSubstr("version 1"));
  EXPECT_THAT(added_to("= 2"), HasSubstr("spin.toml"));
}

TEST(CheckName, WantsWordsThatBeginWithALetter) {
  for (const auto* name : {"a", "hello", "my-shop 2x", "a_b", "A9"}) {
    EXPECT_EQ(check_name(name).has_value(), std::string_view(name) != "my-shop 2x") << name;
  }
  for (const auto* name : {"", "1a", "-a", "a-", "a--b1-2", "\xc3\xa9", "../x"}) {
    EXPECT_FALSE(check_name(name)) << name;
  }
  EXPECT_EQ(default_output("my shop/.."), "my_shop___");
}

TEST(Template, IsReadStrictly) {
  TempDirectory directory;
  directory.make_directory("metadata");
  auto problem = [&](std::string_view text) {
    directory.write("metadata/spin-template.toml", text);
    auto read = read_template(directory.path());
    return read ? std::string("none") : read.error().to_string();
  };
  constexpr std::string_view kGood = "manifest_version = \"1\"\nid = \"a\"\n";
  const std::string good(kGood);
  EXPECT_EQ(problem(good), "none");
  EXPECT_THAT(problem("manifest_version = \"2\"\nid = \"a\"\n"), HasSubstr("\"2\""));
  EXPECT_THAT(problem("manifest_version = \"1\"\n"), HasSubstr("`id`"));
  EXPECT_THAT(problem(good + "sauce = 1\n"), HasSubstr("sauce"));
  EXPECT_THAT(problem(good + "custom_filters = []\n"), HasSubstr("custom_filters"));
  EXPECT_THAT(problem(good + "parameters.x = { type = \"int\", prompt = \"\" }\n"),
              HasSubstr("int"));
  EXPECT_THAT(problem(good + "parameters.x = 1\n"), HasSubstr("table"));
  EXPECT_THAT(problem(good + "outputs.x = { action = \"run\", path = \"\" }\n"), HasSubstr("run"));
  EXPECT_THAT(problem(good + "[add_component.conditions.x]\ncondition = { moon = 1 }\n"),
              HasSubstr("manifest_entry_exists"));
  directory.write("metadata/spin-template.toml", good + "[new_application]\nsupported = false\n");
  EXPECT_FALSE(read_template(directory.path()).value().new_application);
  EXPECT_FALSE(read_template(directory.path()).value().add_component);
}

TEST(Template, PatternsTakeBoundedTime) {
  TemplateParameter parameter{
      .name = "p", .prompt = "", .default_value = {}, .pattern = "^(a+)+$", .allowed_values = {}};
  EXPECT_FALSE(check_value(parameter, std::string(100'000, 'a') + "b"));
  parameter.pattern = "(";
  EXPECT_THAT(check_value(parameter, "x").error().message(), HasSubstr("not valid"));
}

TEST(TemplateStore, InstallsCopies) {
  TempDirectory directory;
  directory.make_directory("from/templates/a/metadata");
  directory.make_directory("from/templates/a/content");
  directory.write("from/templates/a/metadata/spin-template.toml",
                  "manifest_version = \"1\"\nid = \"../a\"\n");
  directory.write("from/templates/a/content/x", "x");
  directory.link("/etc/passwd", "from/templates/a/content/link");
  const TemplateStore store({.installed = directory.path("data"), .built_in = std::nullopt});
  const TemplateSource source{.kind = TemplateSource::Kind::Git, .location = "a \"quoted\" place"};
  ASSERT_TRUE(store.install(directory.path("from"), source, TemplateStore::Existing::Keep));
  auto listing = store.list().value();
  ASSERT_EQ(listing.templates.size(), 1u);
  EXPECT_EQ(listing.templates[0].source, source);
  const auto root = listing.templates[0].definition.root;
  EXPECT_EQ(root.parent_path(), directory.path("data"));
  EXPECT_TRUE(std::filesystem::exists(root / "content" / "x"));
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(root / "content" / "link")));
  ASSERT_TRUE(store.uninstall("../a"));
  EXPECT_FALSE(store.find("../a"));
}

}  // namespace
}  // namespace spindle::scaffold
