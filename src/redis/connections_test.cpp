#include "redis/connections.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "io/tcp.h"
#include "redis/command.h"
#include "redis/test_peer.h"

namespace spindle::redis {
namespace {

using namespace std::chrono_literals;

class Gate final : public io::AddressGate {
 public:
  bool permits(const io::Endpoint&) const override { return is_open; }
  bool is_open = true;
};

// Real sockets; every command is answered with the number of the connection that it came over.
class ConnectionsTest : public testing::Test {
 protected:
  ConnectionsTest() {
    auto made = io::TcpListener::create(loop, io::resolve_endpoint("127.0.0.1:0").value());
    listener = made.take_value();
    tasks.spawn(accept_all());
    address.host = "127.0.0.1";
    address.port = listener->endpoint().port;
  }
  ~ConnectionsTest() override {
    connections.reset();
    listener->close();
    peers.clear();
    tasks.cancel();
    loop.block_on(tasks.drained());
  }

  io::Task<void> accept_all() {
    while (true) {
      auto accepting = listener->accept();
      auto stream = co_await std::move(accepting);
      if (!stream) co_return;
      const auto number = std::to_string(peers.size() + 1);
      auto& peer = peers.emplace_back(std::make_unique<TestPeer>(loop, stream.take_value()));
      peer->answer_each([number](const std::vector<std::string>& words) {
        if (words[0] == "AUTH" && words.back() != "right") return std::string("-WRONGPASS\r\n");
        if (words[0] == "AUTH" || words[0] == "SELECT") return std::string("+OK\r\n");
        return "+" + number + "\r\n";
      });
    }
  }

  Connections& make(Connections::Limits limits = {}) {
    return connections.emplace(loop, dialer, limits);
  }
  Result<Connections::Lease> acquire(const Address& wanted) {
    return loop.block_on(connections->acquire(wanted));
  }
  std::string ask(Connection& connection) {
    auto reply = loop.block_on(connection.ask(encode_command({"WHO"})));
    return reply ? reply->text : reply.error().to_string();
  }
  // Which connection is used next, and given back.
  std::string use() {
    auto lease = acquire(address);
    return lease ? ask(**lease) : lease.error().to_string();
  }

  io::EventLoop loop;
  io::BlockingPool pool{1};
  io::Resolver resolver{loop, pool};
  Gate gate;
  io::Dialer dialer{loop, resolver, gate};
  io::TaskGroup tasks{loop};
  std::unique_ptr<io::TcpListener> listener;
  std::vector<std::unique_ptr<TestPeer>> peers;
  Address address;
  std::optional<Connections> connections;
};

TEST_F(ConnectionsTest, AQuietConnectionIsUsedAgain) {
  make();
  EXPECT_EQ(use(), "1");
  EXPECT_EQ(connections->idle(), 1U);
  EXPECT_EQ(use(), "1");
  auto first = acquire(address);
  auto second = acquire(address);
  EXPECT_EQ(ask(**first), "1");
  EXPECT_EQ(ask(**second), "2");
}

TEST_F(ConnectionsTest, OneThatWasChangedIsNotUsedAgain) {
  make();
  {
    auto lease = acquire(address);
    EXPECT_EQ(ask(**lease), "1");
    lease->taint();
  }
  EXPECT_EQ(connections->idle(), 0U);
  EXPECT_EQ(use(), "2");
}

TEST_F(ConnectionsTest, OneThatStillWaitsForAReplyIsNotUsedAgain) {
  make();
  {
    auto lease = acquire(address);
    ASSERT_TRUE((*lease)->send(encode_command({"WHO"})));
  }
  EXPECT_EQ(connections->idle(), 0U);
}

TEST_F(ConnectionsTest, AnotherLoginIsAnotherConnection) {
  make();
  EXPECT_EQ(use(), "1");
  address.login.database = 2;
  EXPECT_EQ(use(), "2");
  address.login = {.user = "ann", .password = "right"};
  EXPECT_EQ(use(), "3");
  EXPECT_EQ(connections->idle(), 3U);
  address.login.password = "wrong";
  EXPECT_NE(use().find("the Redis server refused the login: WRONGPASS"), std::string::npos);
}

TEST_F(ConnectionsTest, OneThatTheServerClosedOrSpokeOnIsNotUsedAgain) {
  make();
  EXPECT_EQ(use(), "1");
  peers[0]->close();
  EXPECT_EQ(use(), "2");
  peers[1]->say("+unasked\r\n");
  loop.block_on(io::sleep_for(loop, 1ms));
  EXPECT_EQ(use(), "3");
}

TEST_F(ConnectionsTest, KeepsOnlySoManyForSoLong) {
  make({.idle_of_server_max = 1, .idle_max = 2, .idle_time = 20ms});
  {
    auto first = acquire(address);
    auto second = acquire(address);
  }
  EXPECT_EQ(connections->idle(), 1U);
  for (uint32_t database = 1; database < 4; ++database) {
    address.login.database = database;
    use();
  }
  EXPECT_EQ(connections->idle(), 2U);
  loop.block_on(io::sleep_for(loop, 60ms));
  EXPECT_EQ(connections->idle(), 0U);
}

TEST_F(ConnectionsTest, ALeaseMayOutliveThem) {
  make();
  auto lease = acquire(address);
  connections.reset();
  EXPECT_EQ(ask(**lease), "1");
}

TEST_F(ConnectionsTest, WhatTheGateRefusesIsNotReached) {
  make();
  gate.is_open = false;
  auto refused = acquire(address);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Denied);
  EXPECT_TRUE(peers.empty());
}

io::Task<void> note_shared(Connections& from, Address address,
                           std::vector<std::shared_ptr<Connection>>& to) {
  auto sharing = from.shared(std::move(address));
  auto shared = co_await std::move(sharing);
  to.push_back(shared ? shared.take_value() : nullptr);
}

io::Task<void> drain(io::TaskGroup& group) {
  co_await group.drained();
}

TEST_F(ConnectionsTest, AllShareOneConnection) {
  make();
  std::vector<std::shared_ptr<Connection>> shared;
  io::TaskGroup group(loop);
  for (int i = 0; i < 20; ++i) group.spawn(note_shared(*connections, address, shared));
  loop.block_on(drain(group));
  ASSERT_EQ(shared.size(), 20U);
  for (const auto& one : shared) EXPECT_EQ(one, shared[0]);
  EXPECT_EQ(ask(*shared[0]), "1");
  peers[0]->close();
  auto next = loop.block_on(connections->shared(address));
  ASSERT_TRUE(next);
  EXPECT_EQ(ask(**next), "2");
}

TEST_F(ConnectionsTest, AFailureIsSharedByThoseWhoWaitForIt) {
  make();
  gate.is_open = false;
  std::vector<std::shared_ptr<Connection>> shared;
  io::TaskGroup group(loop);
  for (int i = 0; i < 5; ++i) group.spawn(note_shared(*connections, address, shared));
  loop.block_on(drain(group));
  EXPECT_EQ(shared, std::vector<std::shared_ptr<Connection>>(5));
  gate.is_open = true;
  EXPECT_TRUE(loop.block_on(connections->shared(address)));
}

}  // namespace
}  // namespace spindle::redis
