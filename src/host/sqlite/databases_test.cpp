#include "host/sqlite/databases.h"

#include <gtest/gtest.h>

#include "base/testing.h"

namespace spindle::host {
namespace {

app::LockedComponent component_with(std::vector<std::string> labels) {
  app::LockedComponent component;
  component.id = "cart";
  component.sqlite_databases = std::move(labels);
  return component;
}

TEST(SqliteDatabases, KeepTheDefaultDatabaseInTheStateDirectory) {
  const TempDirectory directory;
  const std::filesystem::path state = directory.path("state");
  const SqliteDatabases databases({}, state);
  EXPECT_EQ(databases.implicit_default(), state / "sqlite_db.db");
  EXPECT_FALSE(std::filesystem::exists(state));
  databases.execute_now("default", "CREATE TABLE t (a); INSERT INTO t VALUES (1)").value();
  databases.execute_now("default", "INSERT INTO t VALUES (2)").value();
  EXPECT_TRUE(std::filesystem::exists(state / "sqlite_db.db"));
}

TEST(SqliteDatabases, KeepTheDefaultDatabaseInMemoryWithoutAStateDirectory) {
  for (const std::optional<std::filesystem::path>& none :
       {std::optional<std::filesystem::path>(), std::optional<std::filesystem::path>("")}) {
    const SqliteDatabases databases({}, none);
    EXPECT_EQ(databases.implicit_default(), std::nullopt);
    databases.execute_now("default", "CREATE TABLE t (a)").value();
    EXPECT_FALSE(databases.execute_now("default", "INSERT INTO t VALUES (2)").has_value());
  }
}

TEST(SqliteDatabases, TakeTheOperatorsDefinitions) {
  const TempDirectory directory;
  app::RuntimeConfig config;
  config.sqlite_databases.push_back({.label = "default", .path = directory.path("mine.db")});
  config.sqlite_databases.push_back(
      {.label = "open", .path = directory.path("open.db"), .allow_attach_file = true});
  const SqliteDatabases databases(config, directory.path("state"));
  EXPECT_EQ(databases.implicit_default(), std::nullopt);
  const std::string attach = "ATTACH '" + directory.path("other.db") + "' AS other";
  EXPECT_FALSE(databases.execute_now("default", attach).has_value());
  EXPECT_TRUE(databases.execute_now("open", attach).has_value());
  EXPECT_TRUE(std::filesystem::exists(directory.path("mine.db")));
}

TEST(SqliteDatabases, NameALabelThatNobodyDefines) {
  const SqliteDatabases databases({}, std::nullopt);
  const auto access = databases.access_of(component_with({"default", "ledger"}));
  ASSERT_FALSE(access.has_value());
  EXPECT_EQ(access.error().to_string(),
            "unknown sqlite_databases label \"ledger\" for component \"cart\"");
  EXPECT_EQ(databases.execute_now("ledger", "SELECT 1").error().to_string(),
            "unknown SQLite database \"ledger\"");
}

TEST(SqliteDatabases, GiveAccessToWhatIsListedOnly) {
  const SqliteDatabases databases({}, std::nullopt);
  EXPECT_NE(databases.access_of(component_with({"default"})).value().open("default"), nullptr);
  EXPECT_EQ(databases.access_of(component_with({})).value().open("default"), nullptr);
}

}  // namespace
}  // namespace spindle::host
