#include "host/registry.h"

#include <gtest/gtest.h>

#include <set>

#include "component/plan/host_registry.h"
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
  SqliteDatabases databases{{}, std::nullopt};
  app::Resolver resolver = app::Resolver::create({}, {}).value();
  ComponentConfig config = [this] {
    app::LockedComponent component;
    component.id = "cart";
    component.key_value_stores = {"default"};
    auto stores = KeyValueStores::create({}, std::nullopt, pool);
    return ComponentConfig::create(component, {stores, databases}, resolver).value();
  }();
  wasi::SystemClocks clocks{loop};
  wasi::SystemRandom random;
  Services services{{loop, clocks, random}};
  OutboundPermission permission{config.outbound};
  wasi::ClosedGate gate;
  State state{config, services, permission, gate};
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
  const Backends backends{stores, f.databases};
  EXPECT_FALSE(ComponentConfig::create(component, backends, f.resolver).has_value());
  component.key_value_stores = {};
  EXPECT_TRUE(ComponentConfig::create(component, backends, f.resolver).has_value());
  component.sqlite_databases = {"ledger"};
  EXPECT_FALSE(ComponentConfig::create(component, backends, f.resolver).has_value());
}

// The host offers the newest version of a track, which must have what older ones have.
TEST(Registry, HasTheVersionsThatSdksImport) {
  component::HostRegistry registry;
  for (const auto* interface : interfaces()) registry.add(*interface);
  for (const char* name :
       {"spin:key-value/key-value@3.0.0", "spin:variables/variables@3.0.0",
        "spin:redis/redis@3.0.0", "spin:mqtt/mqtt@3.0.0", "spin:mysql/mysql@3.0.0",
        "spin:postgres/postgres@3.0.0", "spin:postgres/postgres@4.0.0",
        "spin:postgres/postgres@4.1.0", "spin:postgres/postgres@4.2.0", "spin:sqlite/sqlite@3.0.0",
        "spin:sqlite/sqlite@3.1.0", "fermyon:spin/llm@2.0.0", "fermyon:spin/key-value@2.0.0"}) {
    EXPECT_TRUE(registry.find_interface(name).has_value()) << name;
  }
  const auto sqlite = registry.find_interface("spin:sqlite/sqlite@3.0.0").value();
  EXPECT_NE(registry.find_function(sqlite, "[method]connection.execute"), nullptr);
  EXPECT_NE(registry.find_function(sqlite, "[method]connection.execute-async"), nullptr);
}

}  // namespace
}  // namespace spindle::host
