#include "host/variables/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/outbound_http/canned_server.h"
#include "host/variables/variables.h"

namespace spindle::host {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using Failure = SpinVariables::Failure;

struct World {
  explicit World(std::string prefix = "shop") {
    app::LockedApp app;
    app.variables.push_back({.name = "password", .default_value = "fallback"});
    app.variables.push_back({.name = "user"});
    app::LockedComponent component;
    component.id = "cart";
    component.variables = {{"both", "{{ user }}:{{ password }}"}, {"password", "{{ password }}"}};
    app.components.push_back(std::move(component));
    app::VariableProviders providers;
    providers.push_back(
        std::make_unique<app::StaticProvider>(app::StaticProvider::Values{{"user", "me"}}));
    providers.push_back(std::make_unique<VaultProvider>(app::VaultVariables{
        .url = "http://vault.example:8200/", .token = "t0", .mount = "kv", .prefix = prefix}));
    resolver = app::Resolver::create(app, std::move(providers)).value();
  }

  template <typename T>
  T wait(io::Eventual<T> eventual) {
    return loop.block_on(io::Eventual<T>::wait(std::move(eventual))).value();
  }
  std::expected<std::string, Failure> get(std::string_view name) {
    SpinVariables face(variables, services);
    return wait(face.get(name));
  }
  std::string provider_error() {
    const auto got = get("password");
    const auto* error = got ? nullptr : std::get_if<Failure::Provider>(&got.error().value);
    return error == nullptr ? "" : error->value;
  }

  io::EventLoop loop;
  testing::CannedServer server{loop};
  wasi::Services services = server.services();
  app::Resolver resolver = app::Resolver::create({}, {}).value();
  ComponentVariables variables{&resolver, "cart"};
};

TEST(Vault, GivesTheValuesOfSecrets) {
  World world;
  world.server.answers = {{.body = R"({"data":{"data":{"value":"secret","other":1}}})"},
                          {.body = R"({"data":{"data":{"value":"new"}}})"}};
  EXPECT_EQ(world.get("both").value(), "me:secret");
  EXPECT_EQ(world.get("password").value(), "new");
  ASSERT_EQ(world.server.seen.size(), 2u);
  EXPECT_EQ(world.server.seen[0].origin, "http://vault.example:8200");
  EXPECT_EQ(world.server.seen[0].line, "GET /v1/kv/data/shop/password");
  EXPECT_THAT(world.server.seen[0].headers, Contains(Pair("x-vault-token", "t0")));
}

TEST(Vault, PathsMayHaveNoPrefix) {
  World world("");
  world.server.answers = {{.body = R"({"data":{"data":{"value":"secret"}}})"}};
  EXPECT_EQ(world.get("password").value(), "secret");
  EXPECT_EQ(world.server.seen.at(0).line, "GET /v1/kv/data/password");
}

TEST(Vault, LeavesWhatItDoesNotHaveToTheNext) {
  World world;
  world.server.answers = {{.status = 404, .body = R"({"errors":[]})"}};
  EXPECT_EQ(world.get("password").value(), "fallback");
}

TEST(Vault, OtherAnswersEndTheResolution) {
  World world;
  world.server.answers = {{.status = 403, .body = "secret words"},
                          {.body = "not JSON"},
                          {.body = R"({"data":{"data":{"value":7}}})"},
                          {.body = R"({"data":{"data":{}}})"}};
  EXPECT_EQ(world.provider_error(), "Vault answered with status 403");
  for (int n = 0; n < 3; ++n) {
    EXPECT_EQ(world.provider_error(), "Vault sent no `data.data.value`");
  }
}

TEST(Vault, NamesThatAreNoneAreNotAskedFor) {
  World world;
  EXPECT_EQ(world.get("absent").error().value.index(), Failure{Failure::Undefined{}}.value.index());
  EXPECT_EQ(world.get("no name").error().value.index(),
            Failure{Failure::InvalidName{}}.value.index());
  EXPECT_TRUE(world.server.seen.empty());
}

TEST(Vault, CallersThatCannotWaitAreToldSo) {
  World world;
  const auto resolved = world.resolver.resolve_template("{{ password }}");
  ASSERT_FALSE(resolved.has_value());
  EXPECT_THAT(resolved.error().message, HasSubstr("cannot answer at once"));
}

}  // namespace
}  // namespace spindle::host
