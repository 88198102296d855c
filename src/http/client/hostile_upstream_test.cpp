// Servers that break the rules, go slowly, or go away; callers that leave.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client/test_upstream.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;
using enum FailureCode;

const std::string kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

struct Bad {
  std::string_view name;
  std::string raw;
  FailureCode code;
};

std::vector<Bad> bad_heads() {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  std::string many;
  for (int i = 0; i < 300; ++i) many += "x: y\r\n";
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  return {
      {"nothing", "", ConnectionTerminated},
      {"half a head", "HTTP/1.1 200 OK\r\nx: ", ResponseIncomplete},
      {"a head without its end", ok, ResponseIncomplete},
      {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", ProtocolError},
      {"TLS", "\x15\x03\x01", ProtocolError},
      {"a request", "GET / HTTP/1.1\r\n\r\n", ProtocolError},
      {"HTTP/0.9", "<html>", ProtocolError},
      {"HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", ProtocolError},
      {"HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", ProtocolError},
      {"a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", ProtocolError},
      {"a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", ProtocolError},
      {"a status below 100", "HTTP/1.1 099 OK\r\n\r\n", ProtocolError},
      {"a bare LF", "HTTP/1.1 200 OK\nx: y\n\n", ProtocolError},
      {"a folded field", ok + "x: y\r\n z\r\n\r\n", ProtocolError},
      {"a space before the colon", ok + "x : y\r\n\r\n", ProtocolError},
      {"a field without a name", ok + ": y\r\n\r\n", ProtocolError},
      {"NUL in a value", ok + std::string("x: \0y\r\n\r\n", 9), ProtocolError},
      {"a bare CR in a value", ok + "x: a\rb\r\n\r\n", ProtocolError},
      {"too many fields", ok + many + "\r\n", ResponseHeaderSectionSize},
      {"an endless field", ok + "x: " + std::string(200'000, 'y'), ResponseHeaderSectionSize},
      {"an endless reason", "HTTP/1.1 200 " + std::string(200'000, 'y'), ResponseHeaderSectionSize},
      {"endless interim responses", interim + kHello, ProtocolError},
      {"switching protocols", "HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n", UpgradeFailed},
      {"two lengths", ok + "content-length: 5\r\ncontent-length: 5\r\n\r\nhello", ProtocolError},
      {"lengths that differ", ok + "content-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
       ProtocolError},
      {"a list of lengths", ok + "content-length: 5, 5\r\n\r\nhello", ProtocolError},
      {"a negative length", ok + "content-length: -5\r\n\r\nhello", ProtocolError},
      {"a length with a sign", ok + "content-length: +5\r\n\r\nhello", ProtocolError},
      {"a length in hexadecimal", ok + "content-length: 0x5\r\n\r\nhello", ProtocolError},
      {"a length beyond 64 bits", ok + "content-length: 99999999999999999999\r\n\r\n",
       ProtocolError},
      {"length and chunks", ok + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
       ProtocolError},
      {"chunks and length", ok + "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
       ProtocolError},
      {"two codings",
       ok + "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
       ProtocolError},
      {"an unknown coding", ok + "transfer-encoding: gzip\r\n\r\nx", ResponseTransferCoding},
      {"a list of codings", ok + "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
       ResponseTransferCoding},
      {"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
       ProtocolError},
  };
}

std::vector<Bad> bad_bodies() {
  const std::string chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  const std::string extension = "1;" + std::string(2'000, 'x');
  std::string many;
  for (int i = 0; i < 300; ++i) many += "x: y\r\n";
  return {
      {"a body cut short", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", ResponseIncomplete},
      {"chunks cut short", chunked + "5\r\nhello\r\n", ResponseIncomplete},
      {"a chunk cut short", chunked + "9\r\nhello", ResponseIncomplete},
      {"the last chunk's end missing", chunked + "5\r\nhello\r\n0\r\n", ResponseIncomplete},
      {"a chunk size that is none", chunked + "x\r\nhello\r\n", ProtocolError},
      {"a chunk size with a sign", chunked + "-1\r\nhello\r\n", ProtocolError},
      {"a chunk size beyond 64 bits", chunked + "11111111111111111\r\n", ProtocolError},
      {"a chunk longer than its size", chunked + "2\r\nhello\r\n0\r\n\r\n", ProtocolError},
      {"a chunk ended by LF", chunked + "5\nhello\n0\n\n", ProtocolError},
      {"an endless extension", chunked + extension, ProtocolError},
      {"too many trailers", chunked + "0\r\n" + many, ResponseTrailerSectionSize},
      {"an endless trailer", chunked + "0\r\nx: " + std::string(70'000, 'y'),
       ResponseTrailerSectionSize},
  };
}

struct Run {
  Seen seen;
  Pool::Counters counters;
};

Run ask(std::vector<Script> scripts, Sent sent = {}, UpstreamOptions options = {},
        ClientLimits limits = {}) {
  io::EventLoop loop;
  Upstream upstream(loop, std::move(scripts), options);
  Client client(loop, upstream, limits);
  auto seen = loop.block_on(exchange(client, std::move(sent)));
  return {std::move(seen), client.counters()};
}

TEST(HostileUpstream, GetsNothingButAnErrorThrough) {
  auto all = bad_heads();
  const size_t heads = all.size();
  std::ranges::move(bad_bodies(), std::back_inserter(all));
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t fragment : {0u, 1u, 5u}) {
      if (fragment == 1 && all[i].raw.size() > 10'000) continue;
      for (size_t read_size : {0u, 4096u}) {
        SCOPED_TRACE(
            fmt::format("{}, fragments of {}, reads of {}", all[i].name, fragment, read_size));
        const auto run = ask({{.answers = {all[i].raw}, .ending = Ending::Close}},
                             {.read_size = read_size}, {.fragment = fragment});
        EXPECT_EQ(run.seen.failure, all[i].code) << run.seen.message;
        EXPECT_EQ(run.seen.status, i < heads ? 0 : 200);
        EXPECT_EQ(run.counters.open, 0u);
      }
    }
  }
}

TEST(HostileUpstream, AResetIsAConnectionThatEnded) {
  for (const auto& raw : {std::string(), std::string("HTTP/1.1 200 OK\r\n")}) {
    const auto run = ask({{.answers = {raw}, .ending = Ending::Reset}});
    EXPECT_EQ(run.seen.failure, ConnectionTerminated) << run.seen.message;
    EXPECT_EQ(run.counters.open, 0u);
  }
}

Timeouts quick() {
  return {.connect = 30ms, .first_byte = 30ms, .between_bytes = 30ms};
}

TEST(SlowUpstream, EveryWaitHasItsTimeout) {
  struct Case {
    std::string_view name;
    Script script;
    Sent sent;
    UpstreamOptions options;
    FailureCode code;
  };
  const std::string cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello";
  const std::vector<Case> cases = {
      {"connecting", {}, {}, {.never_connects = true}, ConnectionTimeout},
      {"no response", {}, {}, {}, ConnectionReadTimeout},
      {"half a head", {.answers = {"HTTP/1.1 200 OK\r\n"}}, {}, {}, ConnectionReadTimeout},
      {"half a body", {.answers = {cut}}, {}, {}, ConnectionReadTimeout},
      {"half a body, in steps", {.answers = {cut}}, {.read_size = 4096}, {}, ConnectionReadTimeout},
      {"a request that nobody reads",
       {},
       {.method = "POST", .body = std::string(10'000, 'x')},
       {.capacity = 100},
       ConnectionWriteTimeout},
  };
  for (auto item : cases) {
    item.sent.timeouts = quick();
    const auto run = ask({item.script}, item.sent, item.options);
    EXPECT_EQ(run.seen.failure, item.code) << item.name << ": " << run.seen.message;
    EXPECT_EQ(run.counters.open, 0u) << item.name;
  }
}

io::Task<void> note(Client& client, Sent sent, std::vector<Seen>& all) {
  auto running = exchange(client, std::move(sent));
  all.push_back(co_await std::move(running));
}

io::Task<void> drain(io::TaskGroup& group) {
  co_await group.drained();
}

TEST(Pool, WhoeverFindsNoRoomWaitsForItsTurn) {
  io::EventLoop loop;
  Upstream upstream(loop, {{.answers = {kHello, kHello, kHello}}});
  Client client(loop, upstream, {.connections_per_origin = 2});
  io::TaskGroup group(loop);
  std::vector<Seen> all;
  for (int i = 0; i < 6; ++i) group.spawn(note(client, {}, all));
  loop.block_on(drain(group));
  ASSERT_EQ(all.size(), 6u);
  for (const auto& seen : all) EXPECT_EQ(seen.body, "hello") << seen.message;
  EXPECT_EQ(upstream.connections(), 2u);
}

TEST(Pool, AnotherOriginsIdleConnectionMakesRoom) {
  io::EventLoop loop;
  Upstream upstream(loop, {{.answers = {kHello, kHello}}});
  Client client(loop, upstream, {.connections = 1});
  EXPECT_EQ(loop.block_on(exchange(client, {}, test_origin("a"))).body, "hello");
  EXPECT_EQ(loop.block_on(exchange(client, {}, test_origin("b"))).body, "hello");
  EXPECT_EQ(client.counters().open, 1u);
}

TEST(Pool, WaitsNoLongerThanTheConnectTimeout) {
  io::EventLoop loop;
  Upstream upstream(loop, {{}});
  Client client(loop, upstream, {.connections_per_origin = 1});
  io::TaskGroup group(loop);
  std::vector<Seen> all;
  Sent patient;
  patient.timeouts.first_byte = 100ms;
  group.spawn(note(client, patient, all));
  Sent waiting;
  waiting.timeouts.connect = 20ms;
  group.spawn(note(client, waiting, all));
  loop.block_on(drain(group));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].failure, ConnectionLimitReached);
  EXPECT_EQ(all[1].failure, ConnectionReadTimeout);
  EXPECT_EQ(client.counters().open, 0u);
}

TEST(Pool, IdleConnectionsAreClosedInTheEnd) {
  io::EventLoop loop;
  Upstream upstream(loop, {{.answers = {kHello, kHello}}});
  Client client(loop, upstream, {.idle_time = 20ms, .sweep = 10ms});
  EXPECT_EQ(loop.block_on(exchange(client, {})).body, "hello");
  EXPECT_EQ(client.counters().idle, 1u);
  const auto until = io::Clock::now() + 10s;
  while (client.counters().idle > 0 && io::Clock::now() < until) {
    loop.block_on(io::sleep_for(loop, 5ms));
  }
  EXPECT_EQ(client.counters().open, 0u);
}

TEST(Pool, KeepsNothingWhereIdleTimeIsZero) {
  const auto run = ask({{.answers = {kHello}}}, {}, {}, {.idle_time = 0ms});
  EXPECT_EQ(run.seen.body, "hello");
  EXPECT_EQ(run.counters.open, 0u);
}

io::Task<void> leave_after(io::EventLoop& loop, io::TaskGroup& group, int turns) {
  for (int i = 0; i < turns; ++i) co_await io::yield(loop);
  group.cancel();
  co_await group.drained();
}

TEST(LeavingCaller, LeavesNothingBehindAtAnyPoint) {
  const std::string raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
  const std::vector<std::pair<Script, UpstreamOptions>> worlds = {
      {{.answers = {raw + "0\r\n\r\n"}}, {.capacity = 10, .fragment = 3}},
      {{.answers = {raw}}, {}},
      {{}, {}},
      {{}, {.never_connects = true}},
  };
  size_t complete = 0;
  for (const auto& [script, options] : worlds) {
    for (int turns = 0; turns < 120; ++turns) {
      io::EventLoop loop;
      Upstream upstream(loop, {script}, options);
      Client client(loop, upstream, {.connections_per_origin = 1});
      io::TaskGroup group(loop);
      std::vector<Seen> all;
      group.spawn(note(client, {.method = "POST", .body = "some body"}, all));
      group.spawn(note(client, {}, all));
      loop.block_on(leave_after(loop, group, turns));
      EXPECT_EQ(client.counters().open, client.counters().idle) << turns;
      EXPECT_EQ(client.counters().waiting, 0u) << turns;
      complete += all.size();
    }
  }
  EXPECT_GT(complete, 0u);
}

TEST(FailingStream, EveryOperationMayFail) {
  const std::string raw =
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (size_t fail_at = 0;; ++fail_at) {
    ASSERT_LT(fail_at, 1'000u);
    const auto run = ask({{.answers = {raw}}}, {.method = "POST", .body = "some body"},
                         {.fragment = 4, .fail_at = fail_at});
    if (!run.seen.failure) {
      EXPECT_EQ(run.seen.body, "hello");
      break;
    }
    EXPECT_EQ(run.seen.failure, ConnectionTerminated) << fail_at;
    EXPECT_EQ(run.counters.open, 0u) << fail_at;
  }
}

}  // namespace
}  // namespace spindle::http
