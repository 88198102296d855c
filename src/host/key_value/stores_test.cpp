#include "host/key_value/stores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "io/event_loop.h"

namespace spindle::host {
namespace {

app::LockedComponent component_with(std::vector<std::string> labels) {
  app::LockedComponent component;
  component.id = "cart";
  component.key_value_stores = std::move(labels);
  return component;
}

struct Fixture {
  std::optional<KeyValueBytes> get(KeyValueStore& store, const std::string& key) {
    auto waiting = io::Eventual<std::optional<KeyValueBytes>>::wait(store.get(loop, key));
    return loop.block_on(std::move(waiting)).value();
  }

  TempDirectory directory;
  io::EventLoop loop;
  io::BlockingPool pool{1};
};

TEST(KeyValueStores, KeepTheDefaultStoreInTheStateDirectory) {
  Fixture fixture;
  auto stores = KeyValueStores::create({}, fixture.directory.path("state"), fixture.pool);
  EXPECT_FALSE(std::filesystem::exists(fixture.directory.path("state")));
  ASSERT_TRUE(stores.set_now("default", "k", {1}).has_value());
  EXPECT_TRUE(std::filesystem::exists(fixture.directory.path("state/sqlite_key_value.db")));
  auto access = stores.access_of(component_with({"default"}));
  EXPECT_EQ(fixture.get(*access->find("default"), "k"), KeyValueBytes{1});
}

TEST(KeyValueStores, KeepTheDefaultStoreInMemoryWithoutAStateDirectory) {
  Fixture fixture;
  for (std::optional<std::filesystem::path> none :
       {std::optional<std::filesystem::path>(), std::optional(std::filesystem::path())}) {
    auto stores = KeyValueStores::create({}, none, fixture.pool);
    ASSERT_TRUE(stores.set_now("default", "k", {1}).has_value());
    EXPECT_EQ(fixture.get(*stores.find("default"), "k"), KeyValueBytes{1});
  }
}

TEST(KeyValueStores, FollowTheOperator) {
  Fixture fixture;
  const std::string path = fixture.directory.path("shared.db");
  app::RuntimeConfig config;
  config.key_value_stores = {{"left", path}, {"right", path}, {"default", ""}};
  auto stores = KeyValueStores::create(config, fixture.directory.path("state"), fixture.pool);
  ASSERT_TRUE(stores.set_now("left", "k", {1}).has_value());
  ASSERT_TRUE(stores.set_now("right", "k", {2}).has_value());
  ASSERT_TRUE(stores.set_now("default", "k", {3}).has_value());
  EXPECT_EQ(fixture.get(*stores.find("left"), "k"), KeyValueBytes{1});
  EXPECT_EQ(fixture.get(*stores.find("right"), "k"), KeyValueBytes{2});
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(fixture.directory.path("state")));
}

TEST(KeyValueStores, GiveAComponentOnlyWhatItLists) {
  Fixture fixture;
  app::RuntimeConfig config;
  config.key_value_stores = {{"left", ""}};
  auto stores = KeyValueStores::create(config, std::nullopt, fixture.pool);
  auto access = stores.access_of(component_with({"left"}));
  ASSERT_TRUE(access.has_value());
  EXPECT_NE(access->find("left"), nullptr);
  EXPECT_EQ(access->find("default"), nullptr);
}

TEST(KeyValueStores, NameAListedLabelThatNobodyDefines) {
  Fixture fixture;
  auto stores = KeyValueStores::create({}, std::nullopt, fixture.pool);
  auto access = stores.access_of(component_with({"default", "ledger"}));
  ASSERT_FALSE(access.has_value());
  EXPECT_EQ(access.error().message(),
            "unknown key_value_stores label \"ledger\" for component \"cart\"");
  auto set = stores.set_now("ledger", "k", {});
  ASSERT_FALSE(set.has_value());
  EXPECT_THAT(set.error().message(), ::testing::HasSubstr("ledger"));
}

}  // namespace
}  // namespace spindle::host
