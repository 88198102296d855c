#include "host/key_value/redis_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <map>

#include "io/tcp.h"
#include "redis/command.h"
#include "redis/reply_reader.h"

namespace spindle::host {
namespace {

class OpenGate final : public io::AddressGate {
 public:
  bool permits(const io::Endpoint&) const override { return true; }
};

int64_t number(const std::string& text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string bulk(const std::string& text) {
  return fmt::format("${}\r\n{}\r\n", text.size(), text);
}

// As much of a server as a store asks for. A key that was written after WATCH fails the next EXEC.
class FakeServer {
 public:
  std::string answer(const std::vector<std::string>& words) {
    ++commands;
    const auto& name = words[0];
    if (!refusal.empty()) return refusal;
    if (name == "GET") return get(words[1]);
    if (name == "MGET") return many(words);
    if (name == "EXISTS") return fmt::format(":{}\r\n", values.count(words[1]));
    if (name == "KEYS") return keys();
    if (name == "INCRBY") return increment(words[1], number(words[2]));
    if (name == "DEL") {
      size_t removed = 0;
      for (size_t i = 1; i < words.size(); ++i) removed += values.erase(words[i]);
      return fmt::format(":{}\r\n", removed);
    }
    if (name == "WATCH" && interferes) queue = "-";
    if (name == "MULTI" && queue != "-") queue = "+";
    if (name == "EXEC") {
      const bool is_changed = std::exchange(queue, {}) == "-";
      return is_changed ? "*-1\r\n" : "*1\r\n+OK\r\n";
    }
    for (size_t i = 1; name.ends_with("SET") && i + 1 < words.size(); i += 2) {
      if (queue != "-") values[words[i]] = words[i + 1];
    }
    return "+OK\r\n";
  }

  std::map<std::string, std::string> values;
  std::string refusal;
  std::string queue;
  bool interferes = false;
  int commands = 0;

 private:
  std::string get(const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? "$-1\r\n" : bulk(found->second);
  }
  std::string many(const std::vector<std::string>& words) {
    std::string text = fmt::format("*{}\r\n", words.size() - 1);
    for (size_t i = 1; i < words.size(); ++i) text += get(words[i]);
    return text;
  }
  std::string keys() {
    std::string text = fmt::format("*{}\r\n", values.size());
    for (const auto& [key, value] : values) text += bulk(key);
    return text;
  }
  std::string increment(const std::string& key, int64_t delta) {
    auto& value = values[key];
    if (value == "text") return "-ERR value is not an integer or out of range\r\n";
    value = std::to_string(number(value) + delta);
    return fmt::format(":{}\r\n", value);
  }
};

class RedisKeyValueTest : public testing::Test {
 protected:
  RedisKeyValueTest() {
    auto made = io::TcpListener::create(loop, io::resolve_endpoint("127.0.0.1:0").value());
    listener = made.take_value();
    tasks.spawn(accept_all());
    store.emplace(redis::Address{.host = "127.0.0.1", .port = listener->endpoint().port});
    store->enter(loop, connections);
  }
  ~RedisKeyValueTest() override {
    store->leave(loop);
    connections.close();
    listener->close();
    tasks.cancel();
    loop.block_on(tasks.drained());
  }

  io::Task<void> accept_all() {
    while (true) {
      auto accepting = listener->accept();
      auto stream = co_await std::move(accepting);
      if (!stream) co_return;
      ++accepted;
      tasks.spawn(serve(stream.take_value()));
    }
  }
  io::Task<void> serve(std::unique_ptr<io::ByteStream> stream) {
    redis::ReplyReader reader;
    std::vector<uint8_t> buffer(65536);
    while (true) {
      auto reading = stream->read_some(buffer);
      auto count = co_await std::move(reading);
      if (!count || *count == 0) co_return;
      if (!reader.feed(std::span(buffer).first(*count))) co_return;
      std::string reply;
      while (true) {
        auto command = reader.next();
        if (!command || !*command) break;
        std::vector<std::string> words;
        for (const auto& word : (*command)->elements) words.push_back(word.text);
        reply += server.answer(words);
      }
      const io::Piece piece(reinterpret_cast<const uint8_t*>(reply.data()), reply.size());
      auto writing = io::write_all(*stream, piece);
      auto written = co_await std::move(writing);
      if (!written) co_return;
    }
  }

  template <typename T>
  Result<T> wait(io::Eventual<T> eventual) {
    return loop.block_on(io::Eventual<T>::wait(std::move(eventual)));
  }
  static KeyValueBytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

  io::EventLoop loop;
  io::BlockingPool pool{1};
  io::Resolver resolver{loop, pool};
  OpenGate gate;
  io::Dialer dialer{loop, resolver, gate};
  redis::Connections connections{loop, dialer};
  io::TaskGroup tasks{loop};
  std::unique_ptr<io::TcpListener> listener;
  FakeServer server;
  std::optional<RedisKeyValueStore> store;
  int accepted = 0;
};

TEST_F(RedisKeyValueTest, KeepsValuesUnderTheirKeys) {
  EXPECT_EQ(*wait(store->get(loop, "a")), std::nullopt);
  EXPECT_FALSE(*wait(store->exists(loop, "a")));
  ASSERT_TRUE(wait(store->set(loop, "a", bytes("1\r\n"))));
  EXPECT_EQ(server.values, (std::map<std::string, std::string>{{"a", "1\r\n"}}));
  EXPECT_EQ(*wait(store->get(loop, "a")), bytes("1\r\n"));
  EXPECT_TRUE(*wait(store->exists(loop, "a")));
  ASSERT_TRUE(wait(store->remove(loop, "a")));
  ASSERT_TRUE(wait(store->remove(loop, "a")));
  EXPECT_TRUE(wait(store->keys(loop))->empty());
  EXPECT_EQ(accepted, 1) << "all of it over one connection";
}

TEST_F(RedisKeyValueTest, ManyAtOnce) {
  ASSERT_TRUE(wait(store->set_many(loop, {{"a", bytes("1")}, {"b", bytes("2")}})));
  EXPECT_EQ(*wait(store->keys(loop)), (std::vector<std::string>{"a", "b"}));
  const auto got = wait(store->get_many(loop, {"b", "none", "a"}));
  EXPECT_EQ(*got, (std::vector<KeyValuePair>{{"b", bytes("2")}, {"a", bytes("1")}}));
  ASSERT_TRUE(wait(store->remove_many(loop, {"a", "none"})));
  EXPECT_EQ(server.values.size(), 1U);
  const int commands = server.commands;
  EXPECT_TRUE(wait(store->get_many(loop, {}))->empty());
  EXPECT_TRUE(wait(store->set_many(loop, {})));
  EXPECT_TRUE(wait(store->remove_many(loop, {})));
  EXPECT_EQ(server.commands, commands) << "nothing is asked for nothing";
}

TEST_F(RedisKeyValueTest, Increments) {
  EXPECT_EQ(*wait(store->increment(loop, "n", 5)), 5);
  EXPECT_EQ(*wait(store->increment(loop, "n", -7)), -2);
  server.values["t"] = "text";
  auto refused = wait(store->increment(loop, "t", 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "the Redis server answered: ERR value is not an integer or out of range");
}

TEST_F(RedisKeyValueTest, SwapsWhatHasNotChanged) {
  server.values["a"] = "old";
  EXPECT_EQ(*wait(store->swap(loop, "a", bytes("other"), bytes("new"))), SwapOutcome::Changed);
  EXPECT_EQ(server.values["a"], "old");
  EXPECT_EQ(*wait(store->swap(loop, "a", bytes("old"), bytes("new"))), SwapOutcome::Swapped);
  EXPECT_EQ(server.values["a"], "new");
  server.interferes = true;
  EXPECT_EQ(*wait(store->swap(loop, "a", bytes("new"), bytes("x"))), SwapOutcome::Changed);
  EXPECT_EQ(server.values["a"], "new");
  EXPECT_EQ(*wait(store->swap(loop, "b", std::nullopt, bytes("always"))), SwapOutcome::Swapped);
}

TEST_F(RedisKeyValueTest, ErrorsOfTheServerAreErrors) {
  server.refusal = "-LOADING\r\n";
  EXPECT_EQ(wait(store->get(loop, "a")).error().message(), "the Redis server answered: LOADING");
  EXPECT_FALSE(wait(store->set(loop, "a", {})));
  EXPECT_FALSE(wait(store->swap(loop, "a", bytes("x"), bytes("y"))));
  server.refusal = ":1\r\n";
  EXPECT_FALSE(wait(store->get(loop, "a")));
  EXPECT_FALSE(wait(store->keys(loop)));
  EXPECT_FALSE(wait(store->get_many(loop, {"a"})));
  server.refusal = "*1\r\n$1\r\n\xff\r\n";
  EXPECT_FALSE(wait(store->keys(loop)));
}

TEST_F(RedisKeyValueTest, ConnectsAgainAfterAFailure) {
  server.refusal = "nonsense\r\n";
  EXPECT_FALSE(wait(store->get(loop, "a")));
  server.refusal.clear();
  EXPECT_TRUE(wait(store->get(loop, "a")));
  EXPECT_EQ(accepted, 2);
}

TEST_F(RedisKeyValueTest, ALoopThatHasNotEnteredReachesNothing) {
  store->leave(loop);
  auto refused = wait(store->get(loop, "a"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Unavailable);
}

TEST_F(RedisKeyValueTest, LimitsKeysAndValues) {
  const std::string long_key(kKeyBytesMax + 1, 'k');
  EXPECT_FALSE(wait(store->get(loop, long_key)));
  EXPECT_FALSE(wait(store->set(loop, long_key, {})));
  EXPECT_FALSE(wait(store->set(loop, "a", KeyValueBytes(kValueBytesMax + 1))));
  EXPECT_FALSE(wait(store->remove_many(loop, {"a", long_key})));
  EXPECT_EQ(server.commands, 0);
}

}  // namespace
}  // namespace spindle::host
