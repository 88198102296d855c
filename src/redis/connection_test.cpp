#include "redis/connection.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/cancel.h"
#include "io/test_streams.h"
#include "redis/command.h"
#include "redis/limits.h"
#include "redis/test_peer.h"

namespace spindle::redis {
namespace {

using namespace std::chrono_literals;

class ConnectionTest : public testing::Test {
 protected:
  // A connection to `peer`, whose user wraps the stream as `fragment` says.
  std::unique_ptr<Connection> connect(size_t fragment = 0, Login login = {}) {
    auto opened = try_connect(fragment, std::move(login));
    EXPECT_TRUE(opened);
    return opened.take_value();
  }
  Result<std::unique_ptr<Connection>> try_connect(size_t fragment, Login login) {
    auto [mine, theirs] = io::make_memory_pipe(loop, 4096);
    peer.emplace(loop, std::move(theirs));
    if (fragment > 0) {
      mine = std::make_unique<io::FragmentingStream>(std::move(mine), fragment);
    }
    return loop.block_on(Connection::open(loop, std::move(mine), std::move(login)));
  }
  Result<Reply> ask(Connection& connection, std::string command) {
    return loop.block_on(connection.ask(std::move(command)));
  }

  io::EventLoop loop;
  std::optional<TestPeer> peer;
};

TEST_F(ConnectionTest, BringsTheReplyOfACommand) {
  for (size_t fragment : {0, 1, 2, 3, 7}) {
    auto connection = connect(fragment);
    peer->answer({"$5\r\nhello\r\n"});
    auto reply = ask(*connection, encode_command({"GET", "key"}));
    ASSERT_TRUE(reply) << reply.error().to_string();
    EXPECT_EQ(reply->text, "hello");
    EXPECT_EQ(peer->heard(), encode_command({"GET", "key"}));
    EXPECT_TRUE(connection->is_quiet());
  }
}

TEST_F(ConnectionTest, AnErrorReplyIsAReply) {
  auto connection = connect();
  peer->answer({"-ERR wrong\r\n"});
  auto reply = ask(*connection, encode_command({"X"}));
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->is_error());
  EXPECT_TRUE(connection->is_healthy());
}

io::Task<void> ask_and_note(Connection& connection, std::string word,
                            std::vector<std::string>& notes) {
  auto asking = connection.ask(encode_command({word}));
  auto reply = co_await std::move(asking);
  notes.push_back(word + "=" + (reply ? reply->text : to_string(reply.error().kind()).data()));
}

io::Task<void> drain(io::TaskGroup& group) {
  co_await group.drained();
}

TEST_F(ConnectionTest, EachOfManyGetsItsOwnReply) {
  for (size_t fragment : {0, 1, 5}) {
    auto connection = connect(fragment);
    peer->answer_each(
        [](const std::vector<std::string>& words) { return "+" + words[0] + "\r\n"; });
    std::vector<std::string> notes;
    io::TaskGroup group(loop);
    std::vector<std::string> expected;
    for (int i = 0; i < 200; ++i) {
      const auto word = std::to_string(i);
      group.spawn(ask_and_note(*connection, word, notes));
      expected.push_back(word + "=" + word);
    }
    loop.block_on(drain(group));
    EXPECT_EQ(notes, expected);
  }
}

io::Task<void> cancel_soon(io::EventLoop& loop, io::TaskGroup& group) {
  co_await io::yield(loop);
  group.cancel();
  co_await group.drained();
}

TEST_F(ConnectionTest, ACanceledCallerLeavesItsReplyToNobody) {
  auto connection = connect();
  std::vector<std::string> notes;
  io::TaskGroup group(loop);
  group.spawn(ask_and_note(*connection, "first", notes));
  loop.block_on(cancel_soon(loop, group));
  EXPECT_TRUE(notes.empty());
  EXPECT_EQ(connection->waiting(), 1U);
  EXPECT_FALSE(connection->is_quiet());
  peer->answer({"+one\r\n", "+two\r\n"});
  auto reply = ask(*connection, encode_command({"second"}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "two");
}

TEST_F(ConnectionTest, TheEndOfTheStreamIsTheAnswerOfAll) {
  auto connection = connect();
  std::vector<std::string> notes;
  io::TaskGroup group(loop);
  for (const auto* word : {"a", "b"}) group.spawn(ask_and_note(*connection, word, notes));
  peer->close();
  loop.block_on(drain(group));
  EXPECT_EQ(notes.size(), 2U);
  EXPECT_FALSE(connection->is_healthy());
  auto late = ask(*connection, encode_command({"c"}));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind(), ErrorKind::Unavailable);
}

TEST_F(ConnectionTest, ADroppedConnectionAnswersThoseWhoWait) {
  auto connection = connect();
  std::vector<std::string> notes;
  io::TaskGroup group(loop);
  auto ticket = connection->send(encode_command({"a"}));
  ASSERT_TRUE(ticket);
  connection.reset();
  auto reply = loop.block_on(std::move(*ticket).reply());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind(), ErrorKind::Canceled);
}

TEST_F(ConnectionTest, RepliesThatNobodyAskedForEndIt) {
  auto connection = connect();
  peer->answer({"+one\r\n+unasked\r\n"});
  auto reply = ask(*connection, encode_command({"a"}));
  ASSERT_TRUE(reply);
  EXPECT_FALSE(connection->is_healthy());
  EXPECT_FALSE(ask(*connection, encode_command({"b"})));
}

TEST_F(ConnectionTest, PushesAreNotReplies) {
  auto connection = connect();
  peer->answer({">2\r\n+invalidate\r\n*0\r\n|1\r\n+ttl\r\n:3\r\n+one\r\n"});
  auto reply = ask(*connection, encode_command({"a"}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "one");
  EXPECT_TRUE(connection->is_quiet());
}

TEST_F(ConnectionTest, LogsInWithWhatTheAddressSays) {
  struct Case {
    Login login;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {{.password = "p"}, encode_command({"AUTH", "p"})},
      {{.user = "u", .password = "p", .database = 3},
       encode_command({"AUTH", "u", "p"}) + encode_command({"SELECT", "3"})},
      {{.database = 1}, encode_command({"SELECT", "1"})},
  };
  for (const auto& [login, expected] : cases) {
    std::string commands;
    for (const auto& command : login_commands(login)) commands += command;
    EXPECT_EQ(commands, expected);
  }
}

io::Task<Result<std::unique_ptr<Connection>>> open_with(io::EventLoop& loop,
                                                        std::unique_ptr<io::ByteStream> stream,
                                                        Login login) {
  return Connection::open(loop, std::move(stream), std::move(login));
}

TEST_F(ConnectionTest, ARefusedLoginIsAnError) {
  auto [mine, theirs] = io::make_memory_pipe(loop, 4096);
  TestPeer server(loop, std::move(theirs));
  server.answer({"-WRONGPASS no\r\n"});
  auto opened = loop.block_on(open_with(loop, std::move(mine), {.password = "secret"}));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message(), "the Redis server refused the login: WRONGPASS no");
}

TEST_F(ConnectionTest, LimitsWhatWaits) {
  auto connection = connect();
  std::vector<Connection::Ticket> tickets;
  for (size_t i = 0; i < kPipelinedMax; ++i) {
    auto ticket = connection->send(encode_command({"a"}));
    ASSERT_TRUE(ticket) << i;
    tickets.push_back(ticket.take_value());
  }
  auto refused = connection->send(encode_command({"a"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::LimitExceeded);
  EXPECT_TRUE(connection->is_healthy());
}

TEST_F(ConnectionTest, AFailureOfAnyOperationIsAnAnswer) {
  for (size_t fail_at = 0; fail_at < 20; ++fail_at) {
    auto [mine, theirs] = io::make_memory_pipe(loop, 64);
    TestPeer server(loop, std::move(theirs));
    server.answer_each([](const auto&) { return "$3\r\nabc\r\n"; });
    std::unique_ptr<io::ByteStream> stream = std::make_unique<io::FailingStream>(
        std::make_unique<io::FragmentingStream>(std::move(mine), 9), fail_at);
    auto opened = loop.block_on(open_with(loop, std::move(stream), {}));
    ASSERT_TRUE(opened);
    auto reply = ask(**opened, encode_command({"GET", std::string(50, 'k')}));
    EXPECT_EQ(reply.has_value(), (*opened)->is_healthy()) << fail_at;
    if (reply) {
      EXPECT_EQ(reply->text, "abc");
    }
  }
}

}  // namespace
}  // namespace spindle::redis
