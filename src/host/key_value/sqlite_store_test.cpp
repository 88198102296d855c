#include "host/key_value/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "io/event_loop.h"

namespace spindle::host {
namespace {

KeyValueBytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

// Every rule holds for a file and in memory.
class SqliteKeyValue : public ::testing::TestWithParam<bool> {
 protected:
  std::shared_ptr<SqliteKeyValueFile> open() {
    if (!GetParam()) return SqliteKeyValueFile::create(std::nullopt, pool_);
    return SqliteKeyValueFile::create(directory_.path("state/kv.db"), pool_);
  }
  template <typename T>
  Result<T> wait(io::Eventual<T> eventual) {
    return loop_.block_on(io::Eventual<T>::wait(std::move(eventual)));
  }
  template <typename T>
  T value_of(io::Eventual<T> eventual) {
    return wait(std::move(eventual)).value();
  }

  TempDirectory directory_;
  io::EventLoop loop_;
  io::BlockingPool pool_{2};
};

TEST_P(SqliteKeyValue, KeepsReplacesAndRemovesValues) {
  auto store = open()->store("default");
  EXPECT_EQ(value_of(store->get(loop_, "a")), std::nullopt);
  value_of(store->set(loop_, "a", bytes_of("one")));
  value_of(store->set(loop_, "a", bytes_of("two")));
  value_of(store->set(loop_, "empty", {}));
  EXPECT_EQ(value_of(store->get(loop_, "a")), bytes_of("two"));
  EXPECT_EQ(value_of(store->get(loop_, "empty")), KeyValueBytes{});
  EXPECT_TRUE(value_of(store->exists(loop_, "a")));
  EXPECT_EQ(value_of(store->keys(loop_)), (std::vector<std::string>{"a", "empty"}));
  value_of(store->remove(loop_, "a"));
  value_of(store->remove(loop_, "a"));
  EXPECT_FALSE(value_of(store->exists(loop_, "a")));
}

TEST_P(SqliteKeyValue, LabelsOfOneFileAreApart) {
  auto file = open();
  value_of(file->store("left")->set(loop_, "k", bytes_of("1")));
  EXPECT_EQ(value_of(file->store("right")->get(loop_, "k")), std::nullopt);
  EXPECT_TRUE(value_of(file->store("right")->keys(loop_)).empty());
}

TEST_P(SqliteKeyValue, ManyAtOnceLeaveOutMissingKeys) {
  auto store = open()->store("default");
  value_of(store->set_many(loop_, {{"a", bytes_of("1")}, {"b", bytes_of("2")}}));
  auto pairs = value_of(store->get_many(loop_, {"b", "none", "a"}));
  EXPECT_EQ(pairs, (std::vector<KeyValuePair>{{"b", bytes_of("2")}, {"a", bytes_of("1")}}));
  value_of(store->remove_many(loop_, {"a", "none"}));
  EXPECT_EQ(value_of(store->keys(loop_)), (std::vector<std::string>{"b"}));
}

TEST_P(SqliteKeyValue, IncrementsLittleEndianIntegers) {
  auto store = open()->store("default");
  EXPECT_EQ(value_of(store->increment(loop_, "n", 5)), 5);
  EXPECT_EQ(value_of(store->increment(loop_, "n", -7)), -2);
  EXPECT_EQ(value_of(store->get(loop_, "n")),
            (KeyValueBytes{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  value_of(store->set(loop_, "text", bytes_of("abc")));
  auto failed = wait(store->increment(loop_, "text", 1));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().message(),
            "cannot increment a value of 3 bytes, expected an 8-byte integer");
}

TEST_P(SqliteKeyValue, SwapsOnlyWhatHasNotChanged) {
  auto store = open()->store("default");
  value_of(store->set(loop_, "k", bytes_of("old")));
  EXPECT_EQ(value_of(store->swap(loop_, "k", bytes_of("other"), bytes_of("new"))),
            SwapOutcome::Changed);
  EXPECT_EQ(value_of(store->swap(loop_, "k", bytes_of("old"), bytes_of("new"))),
            SwapOutcome::Swapped);
  EXPECT_EQ(value_of(store->get(loop_, "k")), bytes_of("new"));
  EXPECT_EQ(value_of(store->swap(loop_, "fresh", std::nullopt, bytes_of("1"))),
            SwapOutcome::Swapped);
}

TEST_P(SqliteKeyValue, RefusesKeysBeyondTheLimit) {
  auto store = open()->store("default");
  auto failed = wait(store->get(loop_, std::string(kKeyBytesMax + 1, 'k')));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind(), ErrorKind::LimitExceeded);
}

INSTANTIATE_TEST_SUITE_P(FileAndMemory, SqliteKeyValue, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "File" : "Memory"; });

TEST(SqliteKeyValueFile, SurvivesReopening) {
  TempDirectory directory;
  io::EventLoop loop;
  io::BlockingPool pool(1);
  const std::filesystem::path path = directory.path("kv.db");
  ASSERT_TRUE(SqliteKeyValueFile::create(path, pool)->set_now("default", "k", {1, 2}));
  auto store = SqliteKeyValueFile::create(path, pool)->store("default");
  auto value =
      loop.block_on(io::Eventual<std::optional<KeyValueBytes>>::wait(store->get(loop, "k")));
  EXPECT_EQ(value.value(), (KeyValueBytes{1, 2}));
}

TEST(SqliteKeyValueFile, SaysWhatItCannotOpen) {
  io::BlockingPool pool(1);
  auto failed = SqliteKeyValueFile::create("/proc/nowhere/kv.db", pool)->set_now("d", "k", {});
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error().message(), ::testing::HasSubstr("/proc/nowhere"));
}

}  // namespace
}  // namespace spindle::host
