#include "app/variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/runtime_config.h"

namespace spindle::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = VariableError::Kind;

class FailingProvider final : public VariableProvider {
 public:
  Result<Lookup> get(std::string_view) const override {
    return Error::unavailable("store is down");
  }
  bool may_provide(std::string_view) const override { return true; }
};

class SlowProvider final : public VariableProvider {
 public:
  Result<Lookup> get(std::string_view) const override { return Lookup(Pending{}); }
  bool may_provide(std::string_view) const override { return true; }
};

LockedApp shop() {
  LockedApp app;
  app.variables = {{"host", {}, "example.com", false}, {"token", {}, {}, true}};
  LockedComponent cart;
  cart.id = "cart";
  cart.variables = {
      {"url", "https://{{ host }}/{{host}}"}, {"secret", "{{ token }}"}, {"plain", "as is }}"}};
  app.components.push_back(cart);
  return app;
}

VariableProviders fixed(std::vector<StaticProvider::Values> all) {
  VariableProviders providers;
  for (auto& values : all) providers.push_back(std::make_unique<StaticProvider>(std::move(values)));
  return providers;
}

TEST(Template, ParsesAndExpands) {
  auto expand = [](std::string_view text) {
    auto parsed = Template::parse(text);
    return parsed
               ? parsed->expand([](std::string_view name) { return "<" + std::string(name) + ">"; })
               : "error";
  };
  EXPECT_EQ(expand(""), "");
  EXPECT_EQ(expand("a {{ b }} {{c}}d"), "a <b> <c>d");
  EXPECT_EQ(expand("}} lone"), "}} lone");
  EXPECT_EQ(expand("{ {x} }"), "{ {x} }");
  for (const char* bad :
       {"{{", "{{ a", "{{}}", "{{ A }}", "{{ a b }}", "{{ {{ a }} }}", "{{ a__b }}"})
    EXPECT_EQ(expand(bad), "error") << bad;
}

TEST(Variables, ResolveThroughProvidersInOrder) {
  auto resolver = Resolver::create(shop(), fixed({{{"token", "first"}}, {{"token", "second"}}}));
  ASSERT_TRUE(resolver);
  EXPECT_EQ(resolver->resolve("cart", "url"), "https://example.com/example.com");
  EXPECT_EQ(resolver->resolve("cart", "secret"), "first");
  EXPECT_EQ(resolver->resolve("cart", "plain"), "as is }}");
  EXPECT_EQ(resolver->resolve_template("redis://{{ host }}"), "redis://example.com");
  EXPECT_TRUE(resolver->check_required());
  EXPECT_THAT(resolver->variables_of("cart"), ElementsAre("plain", "secret", "url"));
  EXPECT_THAT(resolver->application_variables("cart", "url"), ElementsAre("host", "host"));
}

TEST(Variables, PreferAProviderToTheDefault) {
  auto resolver = Resolver::create(shop(), fixed({{{"host", "other.org"}}}));
  EXPECT_EQ(resolver->resolve("cart", "url"), "https://other.org/other.org");
}

TEST(Variables, TellWhyTheyFail) {
  auto resolver = Resolver::create(shop(), {});
  auto kind = [&](std::string_view component, std::string_view name) {
    return resolver->resolve(component, name).error().kind;
  };
  EXPECT_EQ(kind("cart", "NotAName"), Kind::InvalidName);
  EXPECT_EQ(kind("cart", ""), Kind::InvalidName);
  EXPECT_EQ(kind("cart", "missing"), Kind::Undefined);
  EXPECT_EQ(kind("cart", "host"), Kind::Undefined) << "application variables are hidden";
  EXPECT_EQ(kind("other", "url"), Kind::Undefined);
  EXPECT_EQ(kind("cart", "secret"), Kind::Provider);
  EXPECT_EQ(resolver->resolve_template("{{ nope }}").error().kind, Kind::Undefined);
  auto required = resolver->check_required();
  ASSERT_FALSE(required);
  EXPECT_THAT(required.error().message(),
              HasSubstr("no provider resolved required variable(s): token"));
}

TEST(Variables, StopAtAProviderThatFails) {
  VariableProviders providers;
  providers.push_back(std::make_unique<FailingProvider>());
  auto resolver = Resolver::create(shop(), std::move(providers));
  auto resolved = resolver->resolve("cart", "url");
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().kind, Kind::Provider);
  EXPECT_THAT(resolved.error().message, HasSubstr("store is down"));
}

TEST(Variables, LeaveWaitingToTheCaller) {
  VariableProviders providers;
  providers.push_back(std::make_unique<SlowProvider>());
  auto resolver = Resolver::create(shop(), std::move(providers));
  EXPECT_EQ(resolver->resolve("cart", "secret").error().kind, Kind::Other);
  auto fetched = [](std::string_view) -> Resolved { return "fetched"; };
  EXPECT_EQ(resolver->resolve_with("cart", "secret", fetched), "fetched");
}

TEST(Variables, RefuseTemplatesOverUnknownNames) {
  LockedApp app = shop();
  app.variables.clear();
  EXPECT_FALSE(Resolver::create(app, {}));
}

TEST(StaticProvider, ReadsTheCommandLine) {
  MapFiles files({{"v.txt", "from file\n"},
                  {"v.json", R"({"a": "json", "b": "json"})"},
                  {"v.toml", "b = \"toml\"\n"},
                  {"bad.json", R"({"a": 1})"},
                  {"list.json", "[]"},
                  {"v.yaml", ""}});
  std::vector<std::string> arguments{"a=x=y", "c=@v.txt", "@v.json", "@v.toml", "d=", "d=last"};
  auto provider = StaticProvider::from_arguments(arguments, files);
  ASSERT_TRUE(provider) << provider.error().to_string();
  EXPECT_THAT(provider->values(),
              ElementsAre(std::pair("a", "json"), std::pair("b", "toml"),
                          std::pair("c", "from file\n"), std::pair("d", "last")));
  for (const char* bad :
       {"", "novalue", "=x", "@bad.json", "@list.json", "@v.yaml", "@none.json", "a=@none"}) {
    std::vector<std::string> one{bad};
    EXPECT_FALSE(StaticProvider::from_arguments(one, files)) << bad;
  }
}

TEST(EnvironmentProvider, PrefersTheEnvironmentToTheFile) {
  MapEnvironment environment({{"SPIN_VARIABLE_TOKEN", "env"}, {"my_HOST", "mine"}});
  MapFiles files({{".env", "SPIN_VARIABLE_TOKEN=file\nSPIN_VARIABLE_OTHER=file\n"},
                  {"broken", "no equals sign"}});
  auto provider = EnvironmentProvider::create({"SPIN_VARIABLE", ".env"}, environment, files);
  ASSERT_TRUE(provider);
  EXPECT_EQ(std::get<std::string>(*provider->get("token")), "env");
  EXPECT_EQ(std::get<std::string>(*provider->get("other")), "file");
  EXPECT_TRUE(std::holds_alternative<Absent>(*provider->get("none")));
  auto prefixed = EnvironmentProvider::create({"my", "missing"}, environment, files);
  ASSERT_TRUE(prefixed);
  EXPECT_TRUE(prefixed->may_provide("host"));
  EXPECT_FALSE(EnvironmentProvider::create({"my", "broken"}, environment, files));
}

TEST(VariableProviders, ComeInTheRightOrder) {
  auto config = parse_runtime_config(SourceText("rc.toml", R"(
[[variables_provider]]
type = "static"
values = { token = "config", host = "config" }
[[config_provider_is_not_a_key]]
)"),
                                     "/etc");
  EXPECT_FALSE(config);
  config = parse_runtime_config(SourceText("rc.toml", R"(
[[config_provider]]
type = "static"
values = { token = "config", host = "config" }
)"),
                                "/etc");
  ASSERT_TRUE(config) << config.error().to_string();
  MapEnvironment environment({{"SPIN_VARIABLE_TOKEN", "env"}, {"SPIN_VARIABLE_HOST", "env"}});
  auto providers = make_variable_providers(StaticProvider({{"token", "line"}}), *config,
                                           environment, MapFiles());
  ASSERT_TRUE(providers);
  ASSERT_EQ(providers->size(), 3U);
  auto resolver = Resolver::create(shop(), providers.take_value());
  EXPECT_EQ(resolver->resolve("cart", "secret"), "line");
  EXPECT_EQ(resolver->resolve("cart", "url"), "https://config/config");
}

TEST(Dotenv, ReadsEveryForm) {
  auto values = parse_dotenv(
      "\xef\xbb\xbf# comment\n\nA=1\n export B = two words # note\r\nC='$x \\n'\n"
      "D=\"a\\n\\\"b\\\" $HOME\nline\" # c\nE=\nF=a#b\nA=again\nG.x=#c",
      ".env");
  ASSERT_TRUE(values) << values.error().to_string();
  EXPECT_THAT(*values,
              ElementsAre(std::pair("A", "1"), std::pair("B", "two words"),
                          std::pair("C", "$x \\n"), std::pair("D", "a\n\"b\" $HOME\nline"),
                          std::pair("E", ""), std::pair("F", "a#b"), std::pair("G.x", "")));
}

TEST(Dotenv, RefusesWhatItCannotReadWithoutShowingIt) {
  for (const char* bad : {"secret", "=secret", "A=\"secret", "A='secret", "A=\"x\"secret",
                          "A=\"\\q secret\"", "a b=secret"}) {
    auto values = parse_dotenv(bad, ".env");
    ASSERT_FALSE(values) << bad;
    EXPECT_THAT(values.error().message(), HasSubstr(".env:1: "));
    EXPECT_EQ(values.error().message().find("secret"), std::string::npos) << bad;
  }
}

TEST(RuntimeConfig, ReadsEveryKnownKey) {
  auto config = parse_runtime_config(SourceText("rc.toml", R"(
state_dir = ""
log_dir = "logs"
max_instance_memory = 1048576
[key_value_store.default]
type = "spin"
path = "kv.db"
[key_value_store.memory]
type = "spin"
[sqlite_database.default]
type = "spin"
path = "db.sqlite"
allow_attach_file = true
[llm_compute]
type = "remote_http"
url = "http://models"
auth_token = "secret"
api_type = "open_ai"
[outbound_http]
connection_pooling = true
[outbound_networking]
block_networks = ["private", "203.0.113.9/24", "2001:db8::/32"]
max_socket_connections = 3
)"),
                                     "/etc/spindle");
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->state_dir, "");
  EXPECT_EQ(config->log_dir, "logs");
  EXPECT_EQ(config->max_instance_memory, 1048576U);
  EXPECT_EQ(config->find_key_value_store("default")->path, "/etc/spindle/kv.db");
  EXPECT_EQ(config->find_key_value_store("memory")->path, "");
  EXPECT_EQ(config->find_key_value_store("none"), nullptr);
  EXPECT_EQ(config->find_sqlite_database("default")->path, "db.sqlite");
  EXPECT_TRUE(config->find_sqlite_database("default")->allow_attach_file);
  EXPECT_EQ(config->llm_compute->url, "http://models");
  EXPECT_EQ(config->llm_compute->auth_token, "secret");
  EXPECT_EQ(config->llm_compute->api, LlmComputeConfig::Api::OpenAi);
  EXPECT_TRUE(config->outbound.pools_http_connections);
  EXPECT_TRUE(config->outbound.blocks_private);
  EXPECT_EQ(config->outbound.blocked_networks,
            (std::vector{*Network::parse("203.0.113.0/24"), *Network::parse("2001:db8::/32")}));
}

TEST(RuntimeConfig, RefusesWhatItDoesNotKnow) {
  struct {
    const char* text;
    const char* message;
    ErrorKind kind;
  } cases[] = {
      {"statedir = \"x\"", "did you mean `state_dir`", ErrorKind::InvalidInput},
      {"max_instance_memory = -1", "positive", ErrorKind::InvalidInput},
      {"max_instance_memory = \"1\"", "an integer", ErrorKind::InvalidInput},
      {"[outbound_http]\npooling = true", "pooling", ErrorKind::InvalidInput},
      {"[outbound_networking]\nblock_networks = [\"publik\"]", "expected \"private\" or CIDR",
       ErrorKind::InvalidInput},
      {"[outbound_networking]\nblock_networks = [\"10.0.0.0/33\"]", "is not a network",
       ErrorKind::InvalidInput},
      {"[[variables_provider]]\ntype = \"vault\"", "missing field `url`", ErrorKind::InvalidInput},
      {"[[variables_provider]]\ntype = \"vault\"\nurl = \"u\"\ntoken = \"a\\nb\"\nmount = \"m\"",
       "printable ASCII", ErrorKind::InvalidInput},
      {"[[variables_provider]]\ntype = \"azure_key_vault\"", "not supported yet",
       ErrorKind::NotSupported},
      {"[[variables_provider]]\ntype = \"envv\"", "did you mean `env`", ErrorKind::InvalidInput},
      {"[[variables_provider]]\ntype = \"env\"\nx = 1", "unknown key `x`", ErrorKind::InvalidInput},
      {"[variables_provider]\ntype = \"env\"", "an array", ErrorKind::InvalidInput},
      {"key_value_store.a.type = \"redis\"", "missing field `url`", ErrorKind::InvalidInput},
      {"key_value_store.a = { type = \"redis\", url = \"x\", path = \"y\" }", "unknown key `path`",
       ErrorKind::InvalidInput},
      {"key_value_store.a.type = \"azure_cosmos\"", "not supported yet", ErrorKind::NotSupported},
      {"key_value_store.a.type = \"aws_dynamo\"", "not supported yet", ErrorKind::NotSupported},
      {"key_value_store.a = { type = \"spin\", url = \"x\" }", "unknown key `url`",
       ErrorKind::InvalidInput},
      {"key_value_store.a = {}", "missing field `type`", ErrorKind::InvalidInput},
      {"sqlite_database.a.type = \"libsql\"", "not supported yet", ErrorKind::NotSupported},
      {"llm_compute = 1", "a table", ErrorKind::InvalidInput},
      {"[llm_compute]\ntype = \"local\"", "unknown type", ErrorKind::InvalidInput},
      {"[llm_compute]\ntype = \"remote_http\"", "missing field `url`", ErrorKind::InvalidInput},
      {"[llm_compute]\ntype = \"remote_http\"\nurl = \"u\"\nauth_token = \"t\"\napi_type = \"x\"",
       "unknown api_type", ErrorKind::InvalidInput},
      {"[llm_compute]\ntype = \"spin\"\nurl = \"u\"", "unknown key `url`", ErrorKind::InvalidInput},
  };
  for (const auto& one : cases) {
    auto config = parse_runtime_config(SourceText("rc.toml", one.text), "");
    ASSERT_FALSE(config) << one.text;
    EXPECT_THAT(config.error().message(), HasSubstr(one.message)) << one.text;
    EXPECT_EQ(config.error().kind(), one.kind) << one.text;
  }
}

}  // namespace
}  // namespace spindle::app
