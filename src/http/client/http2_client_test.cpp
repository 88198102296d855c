// The client and the server of this room talk HTTP/2 with each other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client/test_upstream.h"
#include "http/test_fixture.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;

struct WorldOptions {
  Limits server = {};
  Wire wire = {};
  ClientLimits client = {};
  std::optional<size_t> fail_at = std::nullopt;
};

class World final : public Connector {
 public:
  explicit World(WorldOptions options = {})
      : options_(options),
        server(std::make_unique<TestServer>(options.server, options.wire)),
        client(loop(), *this, options.client) {}
  ~World() override {
    client.close_idle();
    loop().poll();
  }

  io::Task<Outcome<Connected>> connect(const Origin&) override {
    connections += 1;
    auto stream = server->connect();
    if (options_.fail_at) {
      stream = std::make_unique<io::FailingStream>(std::move(stream), *options_.fail_at);
    }
    co_return Connected{.stream = std::move(stream), .protocol = Protocol::Http2};
  }

  io::EventLoop& loop() { return server->loop; }
  Seen ask(Sent sent) { return loop().block_on(exchange(client, std::move(sent), origin())); }
  static Origin origin() {
    Origin made = test_origin();
    made.plain = Protocol::Http2;
    return made;
  }

 private:
  const WorldOptions options_;

 public:
  std::unique_ptr<TestServer> server;
  Client client;
  size_t connections = 0;
};

// Requests beside each other, and what they saw.
class Crowd {
 public:
  explicit Crowd(World& world) : world_(world), group_(world.loop()) {}
  ~Crowd() {
    group_.cancel();
    world_.loop().block_on(group_.drained());
  }
  void spawn(Sent sent) { group_.spawn(note(world_.client, std::move(sent), all)); }
  void wait() { world_.loop().block_on(group_.drained()); }

  std::vector<Seen> all;

 private:
  static io::Task<void> note(Client& client, Sent sent, std::vector<Seen>& all) {
    auto running = exchange(client, std::move(sent), World::origin());
    all.push_back(co_await std::move(running));
  }

  World& world_;
  io::TaskGroup group_;
};

TEST(Http2Client, CarriesRequestsAndResponsesHoweverTheyAreCutAndRead) {
  const std::vector<Header> trailers = {{"x-sum", "1"}, {"content-length", "9"}};
  for (size_t fragment : {0u, 1u, 7u}) {
    for (size_t read_size : {0u, 1u, 4096u}) {
      SCOPED_TRACE(fmt::format("fragments of {}, reads of {}", fragment, read_size));
      World world({.wire = {.fragment = fragment}});
      auto seen = world.ask({.method = "POST",
                             .target = "/echo",
                             .body = "some body",
                             .is_streamed = true,
                             .trailers = trailers,
                             .read_size = read_size});
      EXPECT_FALSE(seen.failure) << seen.message;
      EXPECT_EQ(seen.status, 200);
      EXPECT_EQ(seen.body, "some body");
      EXPECT_EQ(seen.trailers, "x-sum=1;");
      seen = world.ask({.target = "/status?204", .read_size = read_size});
      EXPECT_EQ(seen.status, 204) << seen.message;
      seen = world.ask({.method = "HEAD", .target = "/hello", .read_size = read_size});
      EXPECT_THAT(seen.headers, testing::HasSubstr("content-length=5;"));
      EXPECT_EQ(seen.body, "");
      EXPECT_EQ(world.connections, 1u);
    }
  }
}

TEST(Http2Client, SendsTheFieldsThatHttp2Knows) {
  World world;
  const std::vector<Header> headers = {{"Host", "evil"}, {"Connection", "close"},
                                       {"TE", "gzip"},   {"te", "trailers"},
                                       {"X-Mine", "1"},  {"transfer-encoding", "gzip"}};
  world.ask({.method = "PUT", .target = "/read?q", .headers = headers, .body = "four"});
  world.ask({.method = "POST", .target = "/read"});
  EXPECT_THAT(world.server->handler.notes,
              testing::ElementsAre("PUT up /read?q [host=up] [te=trailers] [x-mine=1] "
                                   "[content-length=4]",
                                   "POST up /read [host=up] [content-length=0]"));
}

TEST(Http2Client, CarriesBigBodiesThroughSmallWindowsAndPipes) {
  const std::string big(600'000, 'b');
  std::string steps(1'000'000, ' ');
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = step_byte(i);
  for (size_t capacity : {1'000u, 300'000u}) {
    World world({.server = {.stream_window = 20'000},
                 .wire = {.capacity = capacity},
                 .client = {.stream_window = 30'000}});
    for (bool is_streamed : {false, true}) {
      const auto sent =
          world.ask({.method = "POST", .target = "/read", .body = big, .is_streamed = is_streamed});
      EXPECT_EQ(sent.body, "600000") << sent.message;
    }
    const auto seen = world.ask({.target = "/steps?1000000", .read_size = 5'000});
    EXPECT_EQ(seen.failure, std::nullopt) << seen.message;
    EXPECT_TRUE(seen.body == steps);
    EXPECT_EQ(world.connections, 1u);
  }
}

TEST(Http2Client, ManyRequestsShareAConnection) {
  World world;
  Crowd crowd(world);
  for (int i = 0; i < 90; ++i) crowd.spawn({.target = "/pieces"});
  crowd.wait();
  ASSERT_EQ(crowd.all.size(), 90u);
  for (const auto& seen : crowd.all) {
    EXPECT_EQ(seen.body, "onetwothree") << seen.message;
    EXPECT_EQ(seen.trailers, "x-sum=11;");
  }
  EXPECT_EQ(world.connections, 1u);
  EXPECT_EQ(world.client.counters().open, 1u);
  EXPECT_EQ(world.client.counters().idle, 1u);
}

TEST(Http2Client, MoreRequestsThanAConnectionTakesOpenAnother) {
  struct Case {
    WorldOptions options;
    size_t connections;
  };
  for (const auto& item : {
           Case{{.client = {.streams_per_connection = 5}}, 4},
           // Whoever finds no room waits.
           Case{{.client = {.connections_per_origin = 2, .streams_per_connection = 5}}, 2},
           Case{{.client = {.idle_time = 0ms}}, 20},
       }) {
    World world(item.options);
    Crowd crowd(world);
    for (int i = 0; i < 20; ++i) crowd.spawn({.target = "/pieces"});
    crowd.wait();
    ASSERT_EQ(crowd.all.size(), 20u);
    for (const auto& seen : crowd.all) EXPECT_EQ(seen.body, "onetwothree") << seen.message;
    EXPECT_EQ(world.connections, item.connections);
  }
}

TEST(Http2Client, DoesAsManyAtATimeAsTheServerTakes) {
  World world({.server = {.streams = 4}});
  EXPECT_EQ(world.ask({.target = "/hello"}).body, "hello");
  Crowd crowd(world);
  for (int i = 0; i < 12; ++i) crowd.spawn({.target = "/pieces"});
  crowd.wait();
  for (const auto& seen : crowd.all) EXPECT_EQ(seen.body, "onetwothree") << seen.message;
  EXPECT_EQ(world.connections, 3u);
  EXPECT_EQ(world.client.counters().opened, 3u);
}

io::Task<void> open_and_hold(World& world, Sent sent, std::unique_ptr<Exchange>& held) {
  auto opening = world.client.open(request_of(sent, World::origin()));
  auto opened = co_await std::move(opening);
  held = opened.take_value();
  auto receiving = held->receive_head();
  EXPECT_TRUE((co_await std::move(receiving)).has_value());
}

TEST(Http2Client, AResponseThatNobodyReadsStopsItsServerButNoOther) {
  World world({.client = {.stream_window = 70'000}});
  std::unique_ptr<Exchange> held;
  world.loop().block_on(open_and_hold(world, {.target = "/steps?10000000"}, held));
  const auto big = world.ask({.target = "/steps?500000"});
  EXPECT_EQ(big.body.size(), 500'000u) << big.message;
  size_t ready = 0;
  while (true) {
    auto step = held->response().read();
    if (!step.is_ready()) break;
    ready += step.take_ready()->size();
  }
  EXPECT_EQ(ready, 70'000u);
  EXPECT_EQ(world.connections, 1u);
}

TEST(Http2Client, ADroppedExchangeIsResetAndTheConnectionGoesOn) {
  World world;
  std::unique_ptr<Exchange> held;
  world.loop().block_on(open_and_hold(world, {.target = "/wait?started"}, held));
  EXPECT_EQ(world.client.counters().idle, 0u);
  held.reset();
  world.loop().block_on(world.server->handler.gone().wait());
  EXPECT_EQ(world.client.counters().idle, 1u);
  EXPECT_EQ(world.ask({.target = "/hello"}).body, "hello");
  EXPECT_EQ(world.connections, 1u);
}

TEST(Http2Client, ReadsAnAnswerThatComesBeforeTheRequestIsOver) {
  World world;
  std::unique_ptr<Exchange> held;
  world.loop().block_on(open_and_hold(
      world, {.method = "POST", .target = "/hello", .body = "", .is_streamed = true}, held));
  auto next = held->response().read();
  const auto piece = world.loop().block_on(io::Eventual<Bytes>::wait(std::move(next)));
  EXPECT_EQ(piece->size(), 5u);
}

TEST(Http2Client, ADrainingServerGetsNoMoreRequests) {
  World world;
  EXPECT_EQ(world.ask({.target = "/hello"}).body, "hello");
  world.server->drain();
  for (int i = 0; i < 10 && world.client.counters().open > 0; ++i) world.loop().poll();
  EXPECT_EQ(world.client.counters().open, 0u);
}

TEST(Http2Client, IdleSessionsAreClosedInTheEnd) {
  World world({.client = {.idle_time = 20ms, .sweep = 10ms}});
  EXPECT_EQ(world.ask({.target = "/hello"}).body, "hello");
  EXPECT_EQ(world.client.counters().idle, 1u);
  const auto until = io::Clock::now() + 10s;
  while (world.client.counters().idle > 0 && io::Clock::now() < until) {
    world.loop().block_on(io::sleep_for(world.loop(), 5ms));
  }
  EXPECT_EQ(world.client.counters().open, 0u);
}

TEST(Http2Client, LeavingCallersLeaveNothingBehindAtAnyPoint) {
  for (size_t fragment : {0u, 50u}) {
    for (int turns = 0; turns < 60; ++turns) {
      World world({.wire = {.fragment = fragment, .capacity = 1'000}});
      {
        Crowd crowd(world);
        crowd.spawn({.method = "POST", .target = "/echo", .body = std::string(5'000, 'x')});
        crowd.spawn({.target = "/stream?30000"});
        crowd.spawn({.target = "/wait"});
        for (int i = 0; i < turns; ++i) world.loop().block_on(io::yield(world.loop()));
      }
      EXPECT_EQ(world.client.counters().open, world.client.counters().idle) << turns;
      EXPECT_EQ(world.client.counters().waiting, 0u) << turns;
      EXPECT_EQ(world.ask({.target = "/hello"}).body, "hello") << turns;
    }
  }
}

TEST(Http2Client, EveryOperationOfTheStreamMayFail) {
  size_t fail_at = 0;
  for (bool is_through = false; !is_through; ++fail_at) {
    ASSERT_LT(fail_at, 1'000u);
    World world({.fail_at = fail_at});
    const auto seen =
        world.ask({.method = "POST", .target = "/echo", .body = std::string(100'000, 'x')});
    is_through = !seen.failure;
    if (is_through) break;
    const bool is_cut = seen.failure == FailureCode::ResponseIncomplete ||
                        seen.failure == FailureCode::ConnectionTerminated;
    EXPECT_TRUE(is_cut) << fail_at << seen.message;
    EXPECT_EQ(world.client.counters().open, 0u) << fail_at;
  }
  EXPECT_GT(fail_at, 3u);
}

}  // namespace
}  // namespace spindle::http
