#include "host/registry.h"

#include <gtest/gtest.h>

#include <set>

#include "bindings/fermyon/spin/http.h"
#include "bindings/fermyon/spin/redis.h"
#include "bindings/fermyon/spin_2/mqtt.h"
#include "bindings/spin/postgres_4/postgres.h"
#include "io/event_loop.h"

namespace spindle::host {
namespace {

struct Fixture {
  // What implements an interface for the instance.
  template <typename Host>
  Host& implementation(const component::HostInterface& interface) {
    for (const auto& binding : state.bindings()) {
      if (binding.interface == &interface) return *static_cast<Host*>(binding.implementation);
    }
    verify_failed("the interface is bound", interface.name, std::source_location::current());
  }

  io::EventLoop loop;
  io::BlockingPool pool{1};
  app::Resolver resolver = app::Resolver::create({}, {}).value();
  ComponentConfig config = [this] {
    app::LockedComponent component;
    component.id = "cart";
    component.key_value_stores = {"default"};
    auto stores = KeyValueStores::create({}, std::nullopt, pool);
    return ComponentConfig::create(component, stores, resolver).value();
  }();
  Shared shared;
  State state{shared, config, loop};
};

TEST(Registry, BindsEveryInterfaceInOrder) {
  Fixture f;
  std::set<std::string_view> names;
  for (size_t i = 0; i < kInterfaceCount; ++i) {
    const component::HostInterface* interface = interfaces()[i];
    ASSERT_NE(interface, nullptr);
    EXPECT_EQ(f.state.bindings()[i].interface, interface) << interface->name;
    EXPECT_EQ(f.state.bindings()[i].implementation == nullptr, interface->functions.empty())
        << interface->name;
    EXPECT_TRUE(names.insert(interface->name).second) << interface->name;
  }
}

TEST(Registry, ReachesTheStoresOfTheComponent) {
  Fixture f;
  namespace key_value = bindings::fermyon::spin_2::key_value;
  auto& host = f.implementation<key_value::Host>(key_value::interface());
  EXPECT_TRUE(host.store_open("default")->has_value());
  EXPECT_FALSE(host.store_open("other")->has_value());
}

TEST(Registry, NamesAStoreThatNobodyDefines) {
  Fixture f;
  app::LockedComponent component;
  component.key_value_stores = {"ledger"};
  auto stores = KeyValueStores::create({}, std::nullopt, f.pool);
  EXPECT_FALSE(ComponentConfig::create(component, stores, f.resolver).has_value());
}

TEST(Unsupported, AnswersWithTheInterfacesOwnError) {
  Fixture f;
  namespace postgres = bindings::spin::postgres_4::postgres;
  auto& postgres_host = f.implementation<postgres::Host>(postgres::interface());
  EXPECT_EQ(postgres_host.connection_open("postgres://localhost")->error(),
            postgres::Error{postgres::Error::Other{"PostgreSQL is not supported yet"}});

  namespace mqtt = bindings::fermyon::spin_2::mqtt;
  auto& mqtt_host = f.implementation<mqtt::Host>(mqtt::interface());
  EXPECT_EQ(mqtt_host.connection_open("mqtt://localhost", "", "", 1)->error(),
            mqtt::Error{mqtt::Error::Other{"MQTT is not supported yet"}});

  namespace v1 = bindings::fermyon::spin;
  auto& redis = f.implementation<v1::redis::Host>(v1::redis::interface());
  EXPECT_EQ(redis.get("redis://localhost", "k")->error(), v1::redis_types::Error::Error);
  auto& http = f.implementation<v1::http::Host>(v1::http::interface());
  EXPECT_EQ(http.send_request({})->error(), v1::http_types::HttpError::RuntimeError);
}

}  // namespace
}  // namespace spindle::host
