#include "redis/subscriber.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "io/test_streams.h"
#include "redis/command.h"
#include "redis/test_peer.h"

namespace spindle::redis {
namespace {

using namespace std::chrono_literals;

std::string words(std::initializer_list<std::string_view> texts) {
  return encode_command(std::span(texts.begin(), texts.size()));
}

std::string confirmed(std::string_view kind, std::string_view name) {
  std::string text = words({kind, name, "1"});
  // The number of subscriptions is a number.
  text.replace(text.rfind("$1\r\n1"), 5, ":1");
  return text;
}

class SubscriberTest : public testing::Test {
 protected:
  // What the server says to (P)SUBSCRIBE: its confirmations, then `more`.
  Result<std::unique_ptr<Subscriber>> subscribe(Subscriptions subscriptions, std::string more = {},
                                                size_t fragment = 0,
                                                io::Clock::duration silence = 30s) {
    auto [mine, theirs] = io::make_memory_pipe(loop, 1 << 16);
    peer.emplace(loop, std::move(theirs));
    size_t left =
        (subscriptions.channels.empty() ? 0 : 1) + (subscriptions.patterns.empty() ? 0 : 1);
    peer->answer_each([left, more](const std::vector<std::string>& asked) mutable {
      std::string text;
      if (asked[0] == "PING") return words({"pong", ""});
      for (size_t i = 1; i < asked.size(); ++i) {
        text += confirmed(asked[0] == "SUBSCRIBE" ? "subscribe" : "psubscribe", asked[i]);
      }
      if (--left == 0) text += more;
      return text;
    });
    if (fragment > 0) {
      mine = std::make_unique<io::FragmentingStream>(std::move(mine), fragment);
    }
    return loop.block_on(
        Subscriber::open(loop, std::move(mine), {}, std::move(subscriptions), silence));
  }
  Result<Message> next(Subscriber& subscriber) { return loop.block_on(subscriber.next()); }

  io::EventLoop loop;
  std::optional<TestPeer> peer;
};

TEST_F(SubscriberTest, HearsChannelsAndPatternsInOrder) {
  const std::string said = words({"message", "a", "one"}) +
                           words({"pmessage", "b.*", "b.x", "two"}) +
                           words({"message", "c", std::string_view("\r\n\0", 3)});
  for (size_t fragment : {0, 1, 2, 11}) {
    auto subscriber = subscribe({.channels = {"a", "c"}, .patterns = {"b.*"}}, said, fragment);
    ASSERT_TRUE(subscriber) << subscriber.error().to_string();
    EXPECT_EQ(peer->heard(), words({"SUBSCRIBE", "a", "c"}) + words({"PSUBSCRIBE", "b.*"}));
    EXPECT_EQ(*next(**subscriber), (Message{"a", "", "one"}));
    EXPECT_EQ(*next(**subscriber), (Message{"b.x", "b.*", "two"}));
    EXPECT_EQ(*next(**subscriber), (Message{"c", "", std::string("\r\n\0", 3)}));
  }
}

TEST_F(SubscriberTest, TheEndOfTheStreamComesAfterTheMessages) {
  auto subscriber = subscribe({.channels = {"a"}}, words({"message", "a", "last"}));
  ASSERT_TRUE(subscriber);
  peer->close();
  EXPECT_EQ(next(**subscriber)->payload, "last");
  auto ended = next(**subscriber);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind(), ErrorKind::Unavailable);
}

TEST_F(SubscriberTest, WhatHasArrivedIsHeardAfterItWasClosed) {
  auto subscriber = subscribe({.channels = {"a"}},
                              words({"message", "a", "one"}) + words({"message", "a", "two"}));
  ASSERT_TRUE(subscriber);
  (*subscriber)->close();
  EXPECT_EQ(next(**subscriber)->payload, "one");
  EXPECT_EQ(next(**subscriber)->payload, "two");
  EXPECT_EQ(next(**subscriber).error().kind(), ErrorKind::Canceled);
}

TEST_F(SubscriberTest, AsksASilentServerWhetherItIsThere) {
  auto subscriber = subscribe({.channels = {"a"}}, "", 0, 20ms);
  ASSERT_TRUE(subscriber);
  io::TaskGroup group(loop);
  std::optional<Result<Message>> heard;
  auto listening = [](Subscriber& from, std::optional<Result<Message>>& to) -> io::Task<void> {
    auto waiting = from.next();
    to.emplace(co_await std::move(waiting));
  };
  group.spawn(listening(**subscriber, heard));
  auto speak_later = [](io::EventLoop& on, TestPeer& server, io::TaskGroup& all) -> io::Task<void> {
    while (!server.heard().ends_with(encode_command({"PING"}))) co_await io::yield(on);
    server.say(encode_command({"message", "a", "still here"}));
    co_await all.drained();
  };
  loop.block_on(speak_later(loop, *peer, group));
  ASSERT_TRUE(heard && *heard) << (heard ? heard->error().to_string() : "nothing");
  EXPECT_EQ((*heard)->payload, "still here");
}

TEST_F(SubscriberTest, AServerThatDoesNotAnswerIsLost) {
  auto subscriber = subscribe({.channels = {"a"}}, "", 0, 20ms);
  ASSERT_TRUE(subscriber);
  peer->answer_each([](const auto&) { return std::string(); });
  auto lost = next(**subscriber);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind(), ErrorKind::Timeout);
}

TEST_F(SubscriberTest, RefusesWhatIsNoMessage) {
  for (const std::string& said :
       {std::string("+OK\r\n"), words({"message", "a"}), words({"message", "a", "b", "c"}),
        words({"pmessage", "a", "b"}), words({"gossip", "a", "b"}), std::string("*0\r\n"),
        std::string("*3\r\n$7\r\nmessage\r\n*0\r\n:1\r\n"), std::string(":1\r\n")}) {
    auto subscriber = subscribe({.channels = {"a"}});
    ASSERT_TRUE(subscriber);
    peer->say(said);
    auto heard = next(**subscriber);
    ASSERT_FALSE(heard) << said;
    EXPECT_EQ(heard.error().kind(), ErrorKind::InvalidInput) << said;
  }
}

TEST_F(SubscriberTest, ARefusedSubscriptionIsAnError) {
  auto [mine, theirs] = io::make_memory_pipe(loop, 4096);
  peer.emplace(loop, std::move(theirs));
  peer->answer({"-NOPERM no channel\r\n"});
  auto subscriber =
      loop.block_on(Subscriber::open(loop, std::move(mine), {}, {.channels = {"a"}}, 30s));
  ASSERT_FALSE(subscriber);
  EXPECT_EQ(subscriber.error().message(), "the server refused the subscription: NOPERM no channel");
}

}  // namespace
}  // namespace spindle::redis
