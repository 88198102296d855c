#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/key_value/fake_stores.h"
#include "host/key_value/spin.h"
#include "host/key_value/wasi.h"
#include "io/event_loop.h"

namespace spindle::host {
namespace {

using ::testing::ElementsAre;
using testing::FailingStore;
using testing::LateStore;
using V1 = SpinKeyValueV1::Failure;
using V2 = SpinKeyValue::Failure;
using V3 = SpinKeyValueV3::Failure;
using Wasi = WasiKeyValueFailure;
using wasi_key_value::atomics::CasError;

KeyValueBytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

// A handle that was opened.
template <typename T, typename E>
T made(Result<std::expected<T, E>> opened) {
  return std::move(opened.value()).value();
}

// An instance of a component that may open `open` and `broken`.
struct Instance {
  explicit Instance(OpenStoreLimits limits = {}) : stores(loop, access, limits) {}

  template <typename T>
  T wait(io::Eventual<T> eventual) {
    return loop.block_on(io::Eventual<T>::wait(std::move(eventual))).value();
  }
  template <typename T, typename E>
  T ok(io::Eventual<std::expected<T, E>> eventual) {
    return wait(std::move(eventual)).value();
  }
  template <typename T, typename E>
  E failure(io::Eventual<std::expected<T, E>> eventual) {
    return wait(std::move(eventual)).error();
  }

  io::EventLoop loop;
  io::BlockingPool pool{1};
  std::shared_ptr<KeyValueStore> store =
      SqliteKeyValueFile::create(std::nullopt, pool)->store("open");
  KeyValueAccess access;
  OpenStores stores;
  SpinKeyValue spin{stores};
  SpinKeyValueV3 spin_v3{stores};
  SpinKeyValueV1 spin_v1{stores};
  WasiKeyValueStore wasi{stores};
  WasiKeyValueBatch batch;
  WasiKeyValueAtomics atomics;
};

// Every rule holds for a backend that answers at once and for one that does not.
// What came out of a stream, and how its future says that it ended.
struct Listed {
  std::vector<std::string> keys;
  std::expected<void, V3> ended;
};

class KeyValueFaces : public ::testing::TestWithParam<bool> {
 protected:
  KeyValueFaces() {
    if (GetParam()) i_.store = std::make_shared<LateStore>(i_.store);
    i_.access.add("open", i_.store);
    i_.access.add("broken", std::make_shared<FailingStore>(Error::unavailable("disk on fire")));
    i_.access.add("stopped", std::make_shared<FailingStore>(Error::canceled("stopped")));
  }
  std::unique_ptr<Bucket> bucket(std::string_view label) { return made(i_.wasi.open(label)); }
  Listed list(AsyncStoreHandle& store) {
    auto [keys, ended] = i_.wait(i_.spin_v3.store_get_keys(store));
    Listed listed;
    while (auto key = i_.loop.block_on(keys.next())) listed.keys.push_back(*std::move(key));
    listed.ended = i_.loop.block_on(ended.get()).value();
    return listed;
  }

  Instance i_;
};

TEST_P(KeyValueFaces, SpinKeepsReplacesAndRemoves) {
  auto store = made(i_.spin.store_open("open"));
  EXPECT_EQ(i_.ok(i_.spin.store_get(*store, "a")), std::nullopt);
  i_.ok(i_.spin.store_set(*store, "a", bytes_of("one")));
  EXPECT_EQ(i_.ok(i_.spin.store_get(*store, "a")), bytes_of("one"));
  EXPECT_TRUE(i_.ok(i_.spin.store_exists(*store, "a")));
  EXPECT_THAT(i_.ok(i_.spin.store_get_keys(*store)), ElementsAre("a"));
  i_.ok(i_.spin.store_delete_(*store, "a"));
  i_.ok(i_.spin.store_delete_(*store, "a"));
  EXPECT_FALSE(i_.ok(i_.spin.store_exists(*store, "a")));
}

TEST_P(KeyValueFaces, V3KeepsReplacesAndRemoves) {
  auto store = i_.ok(i_.spin_v3.store_open("open"));
  EXPECT_EQ(i_.ok(i_.spin_v3.store_get(*store, "a")), std::nullopt);
  i_.ok(i_.spin_v3.store_set(*store, "a", bytes_of("one")));
  EXPECT_EQ(i_.ok(i_.spin_v3.store_get(*store, "a")), bytes_of("one"));
  EXPECT_TRUE(i_.ok(i_.spin_v3.store_exists(*store, "a")));
  i_.ok(i_.spin_v3.store_set(*store, "b", bytes_of("two")));
  const Listed listed = list(*store);
  EXPECT_THAT(listed.keys, ElementsAre("a", "b"));
  EXPECT_TRUE(listed.ended.has_value());
  i_.ok(i_.spin_v3.store_delete_(*store, "a"));
  i_.ok(i_.spin_v3.store_delete_(*store, "b"));
  EXPECT_FALSE(i_.ok(i_.spin_v3.store_exists(*store, "a")));
  EXPECT_THAT(list(*store).keys, ElementsAre());
}

TEST_P(KeyValueFaces, AStreamOfKeysNeedsItsStoreNoMore) {
  auto store = i_.ok(i_.spin_v3.store_open("open"));
  i_.ok(i_.spin_v3.store_set(*store, "a", {}));
  auto keys = std::get<0>(i_.wait(i_.spin_v3.store_get_keys(*store)));
  store.reset();
  EXPECT_EQ(i_.loop.block_on(keys.next()), "a");
}

TEST_P(KeyValueFaces, V1KeepsReplacesAndRemoves) {
  const uint32_t store = i_.spin_v1.open("open")->value();
  EXPECT_EQ(i_.failure(i_.spin_v1.get(store, "a")), V1{V1::NoSuchKey{}});
  i_.ok(i_.spin_v1.set(store, "a", bytes_of("one")));
  EXPECT_EQ(i_.ok(i_.spin_v1.get(store, "a")), bytes_of("one"));
  EXPECT_TRUE(i_.ok(i_.spin_v1.exists(store, "a")));
  EXPECT_THAT(i_.ok(i_.spin_v1.get_keys(store)), ElementsAre("a"));
  i_.ok(i_.spin_v1.delete_(store, "a"));
  i_.ok(i_.spin_v1.delete_(store, "a"));
  EXPECT_FALSE(i_.ok(i_.spin_v1.exists(store, "a")));
}

TEST_P(KeyValueFaces, WasiKeepsReplacesAndRemoves) {
  auto open = bucket("open");
  EXPECT_EQ(i_.ok(i_.wasi.bucket_get(*open, "a")), std::nullopt);
  i_.ok(i_.wasi.bucket_set(*open, "a", bytes_of("one")));
  EXPECT_EQ(i_.ok(i_.wasi.bucket_get(*open, "a")), bytes_of("one"));
  EXPECT_TRUE(i_.ok(i_.wasi.bucket_exists(*open, "a")));
  auto listed = i_.ok(i_.wasi.bucket_list_keys(*open, std::nullopt));
  EXPECT_THAT(listed.keys, ElementsAre("a"));
  EXPECT_EQ(listed.cursor, std::nullopt);
  EXPECT_EQ(i_.failure(i_.wasi.bucket_list_keys(*open, "next")),
            Wasi{Wasi::Other{"list_keys: cursor not supported"}});
  i_.ok(i_.wasi.bucket_delete_(*open, "a"));
  EXPECT_FALSE(i_.ok(i_.wasi.bucket_exists(*open, "a")));
}

TEST_P(KeyValueFaces, DeniesLabelsThatAreNotListed) {
  for (const char* label : {"", "OPEN", "secret"}) {
    EXPECT_EQ(i_.spin.store_open(label)->error(), V2{V2::AccessDenied{}}) << label;
    EXPECT_EQ(i_.failure(i_.spin_v3.store_open(label)), V3{V3::AccessDenied{}}) << label;
    EXPECT_EQ(i_.spin_v1.open(label)->error(), V1{V1::AccessDenied{}}) << label;
    EXPECT_EQ(i_.wasi.open(label)->error(), Wasi{Wasi::AccessDenied{}}) << label;
  }
  EXPECT_EQ(i_.stores.open_count(), 0U);
}

TEST_P(KeyValueFaces, TellTheGuestWhatTheBackendSays) {
  const V2 v2{V2::Other{"disk on fire"}};
  auto store = made(i_.spin.store_open("broken"));
  EXPECT_EQ(i_.failure(i_.spin.store_get(*store, "a")), v2);
  EXPECT_EQ(i_.failure(i_.spin.store_set(*store, "a", {})), v2);
  EXPECT_EQ(i_.failure(i_.spin.store_delete_(*store, "a")), v2);
  EXPECT_EQ(i_.failure(i_.spin.store_exists(*store, "a")), v2);
  EXPECT_EQ(i_.failure(i_.spin.store_get_keys(*store)), v2);

  const V3 v3{V3::Other{"disk on fire"}};
  auto async_store = i_.ok(i_.spin_v3.store_open("broken"));
  EXPECT_EQ(i_.failure(i_.spin_v3.store_get(*async_store, "a")), v3);
  EXPECT_EQ(i_.failure(i_.spin_v3.store_set(*async_store, "a", {})), v3);
  EXPECT_EQ(i_.failure(i_.spin_v3.store_delete_(*async_store, "a")), v3);
  EXPECT_EQ(i_.failure(i_.spin_v3.store_exists(*async_store, "a")), v3);
  const Listed listed = list(*async_store);
  EXPECT_TRUE(listed.keys.empty());
  EXPECT_EQ(listed.ended.error(), v3);

  const V1 v1{V1::Io{"disk on fire"}};
  const uint32_t number = i_.spin_v1.open("broken")->value();
  EXPECT_EQ(i_.failure(i_.spin_v1.get(number, "a")), v1);
  EXPECT_EQ(i_.failure(i_.spin_v1.set(number, "a", {})), v1);
  EXPECT_EQ(i_.failure(i_.spin_v1.delete_(number, "a")), v1);
  EXPECT_EQ(i_.failure(i_.spin_v1.exists(number, "a")), v1);
  EXPECT_EQ(i_.failure(i_.spin_v1.get_keys(number)), v1);

  const Wasi wasi{Wasi::Other{"disk on fire"}};
  auto broken = bucket("broken");
  EXPECT_EQ(i_.failure(i_.wasi.bucket_get(*broken, "a")), wasi);
  EXPECT_EQ(i_.failure(i_.wasi.bucket_set(*broken, "a", {})), wasi);
  EXPECT_EQ(i_.failure(i_.wasi.bucket_delete_(*broken, "a")), wasi);
  EXPECT_EQ(i_.failure(i_.wasi.bucket_exists(*broken, "a")), wasi);
  EXPECT_EQ(i_.failure(i_.wasi.bucket_list_keys(*broken, std::nullopt)), wasi);
  EXPECT_EQ(i_.failure(i_.batch.get_many(*broken, {"a"})), wasi);
  EXPECT_EQ(i_.failure(i_.batch.set_many(*broken, {{"a", {}}})), wasi);
  EXPECT_EQ(i_.failure(i_.batch.delete_many(*broken, {"a"})), wasi);
  EXPECT_EQ(i_.failure(i_.atomics.increment(*broken, "a", 1)), wasi);
  auto cas = made(i_.atomics.cas_new_(*broken, "a"));
  EXPECT_EQ(i_.failure(i_.atomics.cas_current(*cas)), wasi);
  EXPECT_EQ(i_.failure(i_.atomics.swap(std::move(cas), {})), CasError{CasError::StoreError{wasi}});
}

TEST_P(KeyValueFaces, KeepCancellationFromTheGuest) {
  auto stopped = bucket("stopped");
  auto got = i_.loop.block_on(io::Eventual<std::expected<std::optional<KeyValueBytes>, Wasi>>::wait(
      i_.wasi.bucket_get(*stopped, "a")));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().kind(), ErrorKind::Canceled);
  auto store = i_.ok(i_.spin_v3.store_open("stopped"));
  auto listed =
      i_.loop.block_on(io::Eventual<SpinKeyValueV3::Keys>::wait(i_.spin_v3.store_get_keys(*store)));
  ASSERT_FALSE(listed.has_value());
  EXPECT_EQ(listed.error().kind(), ErrorKind::Canceled);
}

TEST_P(KeyValueFaces, V1KnowsOnlyOpenNumbers) {
  const uint32_t first = i_.spin_v1.open("open")->value();
  const uint32_t second = i_.spin_v1.open("open")->value();
  ASSERT_TRUE(i_.spin_v1.close(first).has_value());
  ASSERT_TRUE(i_.spin_v1.close(first).has_value());
  ASSERT_TRUE(i_.spin_v1.close(~0U).has_value());
  EXPECT_EQ(i_.stores.open_count(), 1U);
  const V1 invalid{V1::InvalidStore{}};
  for (uint32_t stale : {first, second + 1, ~0U}) {
    EXPECT_EQ(i_.failure(i_.spin_v1.get(stale, "a")), invalid);
    EXPECT_EQ(i_.failure(i_.spin_v1.set(stale, "a", {})), invalid);
    EXPECT_EQ(i_.failure(i_.spin_v1.delete_(stale, "a")), invalid);
    EXPECT_EQ(i_.failure(i_.spin_v1.exists(stale, "a")), invalid);
    EXPECT_EQ(i_.failure(i_.spin_v1.get_keys(stale)), invalid);
  }
  EXPECT_FALSE(i_.ok(i_.spin_v1.exists(second, "a")));
  EXPECT_EQ(i_.spin_v1.open("open")->value(), first);
}

TEST_P(KeyValueFaces, BatchesLeaveOutMissingKeys) {
  auto open = bucket("open");
  const auto one = bytes_of("1");
  i_.ok(i_.batch.set_many(*open, {{"a", one}, {"b", one}}));
  auto pairs = i_.ok(i_.batch.get_many(*open, {"b", "none"}));
  EXPECT_EQ(pairs, (WasiKeyValueBatch::Pairs{{"b", one}}));
  i_.ok(i_.batch.delete_many(*open, {"a", "none"}));
  EXPECT_THAT(i_.ok(i_.wasi.bucket_list_keys(*open, std::nullopt)).keys, ElementsAre("b"));
}

TEST_P(KeyValueFaces, EmptyBatchesDoNotAskTheBackend) {
  auto broken = bucket("broken");
  EXPECT_TRUE(i_.ok(i_.batch.get_many(*broken, {})).empty());
  i_.ok(i_.batch.set_many(*broken, {}));
  i_.ok(i_.batch.delete_many(*broken, {}));
}

TEST_P(KeyValueFaces, IncrementsFromNothing) {
  auto open = bucket("open");
  EXPECT_EQ(i_.ok(i_.atomics.increment(*open, "n", 2)), 2);
  EXPECT_EQ(i_.ok(i_.atomics.increment(*open, "n", -5)), -3);
  i_.ok(i_.wasi.bucket_set(*open, "text", bytes_of("abc")));
  EXPECT_TRUE(std::holds_alternative<Wasi::Other>(
      i_.failure(i_.atomics.increment(*open, "text", 1)).value));
}

TEST_P(KeyValueFaces, SwapsWhatHasNotChanged) {
  auto open = bucket("open");
  i_.ok(i_.wasi.bucket_set(*open, "k", bytes_of("old")));
  auto cas = made(i_.atomics.cas_new_(*open, "k"));
  EXPECT_EQ(i_.ok(i_.atomics.cas_current(*cas)), bytes_of("old"));
  i_.ok(i_.atomics.swap(std::move(cas), bytes_of("new")));
  EXPECT_EQ(i_.ok(i_.wasi.bucket_get(*open, "k")), bytes_of("new"));
}

TEST_P(KeyValueFaces, AFailedSwapBringsAHandleThatKnowsTheValue) {
  auto open = bucket("open");
  i_.ok(i_.wasi.bucket_set(*open, "k", bytes_of("old")));
  auto cas = made(i_.atomics.cas_new_(*open, "k"));
  i_.ok(i_.atomics.cas_current(*cas));
  i_.ok(i_.wasi.bucket_set(*open, "k", bytes_of("between")));
  CasError error = i_.wait(i_.atomics.swap(std::move(cas), bytes_of("new"))).error();
  auto* failed = std::get_if<CasError::CasFailed>(&error.value);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(i_.ok(i_.wasi.bucket_get(*open, "k")), bytes_of("between"));
  // The bucket may go before the handle.
  open.reset();
  i_.ok(i_.atomics.swap(std::move(failed->value), bytes_of("new")));
  EXPECT_EQ(i_.ok(i_.wasi.bucket_get(*bucket("open"), "k")), bytes_of("new"));
  EXPECT_EQ(i_.stores.held_bytes(), 0U);
  EXPECT_EQ(i_.stores.open_count(), 0U);
}

TEST_P(KeyValueFaces, SwapsWithoutExpectationAlways) {
  auto open = bucket("open");
  // Never asked for the current value; asked, and there was none.
  i_.ok(i_.wasi.bucket_set(*open, "a", bytes_of("old")));
  i_.ok(i_.atomics.swap(made(i_.atomics.cas_new_(*open, "a")), bytes_of("new")));
  auto absent = made(i_.atomics.cas_new_(*open, "b"));
  EXPECT_EQ(i_.ok(i_.atomics.cas_current(*absent)), std::nullopt);
  i_.ok(i_.atomics.swap(std::move(absent), bytes_of("new")));
  EXPECT_EQ(i_.ok(i_.wasi.bucket_get(*open, "a")), bytes_of("new"));
  EXPECT_EQ(i_.ok(i_.wasi.bucket_get(*open, "b")), bytes_of("new"));
}

INSTANTIATE_TEST_SUITE_P(NowAndLater, KeyValueFaces, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Later" : "Now"; });

TEST(OpenStores, CountsEveryInterfaceTogether) {
  Instance i({.open_max = 4});
  i.access.add("open", i.store);
  auto async_store = i.ok(i.spin_v3.store_open("open"));
  auto store = made(i.spin.store_open("open"));
  auto bucket = made(i.wasi.open("open"));
  const uint32_t number = i.spin_v1.open("open")->value();
  EXPECT_EQ(i.spin.store_open("open")->error(), V2{V2::StoreTableFull{}});
  EXPECT_EQ(i.failure(i.spin_v3.store_open("open")), V3{V3::StoreTableFull{}});
  EXPECT_EQ(i.spin_v1.open("open")->error(), V1{V1::StoreTableFull{}});
  EXPECT_EQ(i.wasi.open("open")->error(), Wasi{Wasi::Other{"too many open stores"}});
  EXPECT_EQ(i.atomics.cas_new_(*bucket, "k")->error(), Wasi{Wasi::Other{"too many open stores"}});
  ASSERT_TRUE(i.spin_v1.close(number).has_value());
  EXPECT_TRUE(i.atomics.cas_new_(*bucket, "k")->has_value());
  store.reset();
  EXPECT_TRUE(i.spin.store_open("open")->has_value());
}

TEST(OpenStores, BoundsWhatCompareAndSwapKeeps) {
  Instance i({.held_bytes_max = 10});
  i.access.add("open", i.store);
  auto bucket = made(i.wasi.open("open"));
  EXPECT_FALSE(i.atomics.cas_new_(*bucket, "12345678901")->has_value());
  i.ok(i.wasi.bucket_set(*bucket, "k", bytes_of("12345")));
  auto first = made(i.atomics.cas_new_(*bucket, "k"));
  EXPECT_EQ(i.ok(i.atomics.cas_current(*first)), bytes_of("12345"));
  EXPECT_EQ(i.ok(i.atomics.cas_current(*first)), bytes_of("12345"));
  auto second = made(i.atomics.cas_new_(*bucket, "k"));
  EXPECT_TRUE(std::holds_alternative<Wasi::Other>(i.failure(i.atomics.cas_current(*second)).value));
  EXPECT_EQ(i.stores.held_bytes(), 7U);
  first.reset();
  EXPECT_EQ(i.ok(i.atomics.cas_current(*second)), bytes_of("12345"));
}

}  // namespace
}  // namespace spindle::host
