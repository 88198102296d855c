#include "io/tcp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/blocking_pool.h"
#include "io/cancel.h"
#include "io/signals.h"
#include "io/test_streams.h"

#include <csignal>

namespace spindle::io {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;

Endpoint loopback(uint16_t port = 0) {
  Endpoint endpoint;
  endpoint.family = Endpoint::Family::V4;
  endpoint.address = {127, 0, 0, 1};
  endpoint.port = port;
  return endpoint;
}

TEST(Endpoint, ResolvesWhatNamesAnAddress) {
  struct Case {
    std::string_view text;
    std::string_view shown;
  };
  for (const Case& item : {Case{"127.0.0.1:80", "127.0.0.1:80"}, Case{"0.0.0.0:0", "0.0.0.0:0"},
                           Case{"[::1]:8080", "[::1]:8080"}, Case{"[::]:65535", "[::]:65535"},
                           Case{"localhost:3000", "127.0.0.1:3000"}}) {
    const auto endpoint = resolve_endpoint(item.text);
    ASSERT_TRUE(endpoint.has_value()) << item.text << endpoint.error().to_string();
    EXPECT_EQ(endpoint->to_string(), item.shown);
  }
}

TEST(Endpoint, RefusesWhatDoesNot) {
  for (std::string_view text : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                                "127.0.0.1:-1", "127.0.0.1:8x", "127.0.0.1: 80", "[::1]", "[::1",
                                "::1:80:", "[]:80", "a b:80", "127.0.0.1:99999999999999999999"}) {
    EXPECT_FALSE(resolve_endpoint(text).has_value()) << text;
  }
}

struct Pair {
  std::unique_ptr<ByteStream> client;
  std::unique_ptr<ByteStream> server;
};

Task<Pair> connect(EventLoop& loop, TcpListener& listener) {
  auto connecting = connect_tcp(loop, listener.endpoint());
  auto client = co_await std::move(connecting);
  auto accepting = listener.accept();
  auto server = co_await std::move(accepting);
  co_return Pair{client.take_value(), server.take_value()};
}

Task<Result<std::string>> read_all(ByteStream& stream) {
  std::string text;
  std::array<uint8_t, 1021> buffer{};
  while (true) {
    auto reading = stream.read_some(buffer);
    const size_t count = CO_TRY(co_await std::move(reading));
    if (count == 0) co_return text;
    text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

Piece piece(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class Tcp : public ::testing::Test {
 protected:
  EventLoop loop;
  std::unique_ptr<TcpListener> listener = TcpListener::create(loop, loopback()).value();
};

TEST_F(Tcp, CarriesBytesBothWays) {
  Pair pair = loop.block_on(connect(loop, *listener));
  EXPECT_EQ(pair.client->peer(), listener->endpoint());
  EXPECT_EQ(pair.server->peer(), pair.client->local());
  EXPECT_TRUE(loop.block_on(write_all(*pair.client, piece("hello server"))).has_value());
  pair.client->shutdown_write();
  EXPECT_EQ(loop.block_on(read_all(*pair.server)).value(), "hello server");
  EXPECT_TRUE(loop.block_on(write_all(*pair.server, piece("hello client"))).has_value());
  pair.server->close();
  EXPECT_EQ(loop.block_on(read_all(*pair.client)).value(), "hello client");
}

TEST_F(Tcp, GathersPieces) {
  Pair pair = loop.block_on(connect(loop, *listener));
  const std::array pieces{piece("a"), piece(""), piece("bc"), piece("def")};
  auto written = Eventual<size_t>::wait(pair.client->write_some(pieces));
  EXPECT_EQ(loop.block_on(std::move(written)).value(), 6U);
  pair.client->shutdown_write();
  EXPECT_EQ(loop.block_on(read_all(*pair.server)).value(), "abcdef");
}

Task<Result<std::string>> write_much(ByteStream& from, ByteStream& to, TaskGroup& group,
                                     const std::string& text) {
  struct Writer {
    static Task<void> run(ByteStream& stream, Piece bytes) {
      auto writing = write_all(stream, bytes);
      (void)co_await std::move(writing);
      stream.shutdown_write();
    }
  };
  group.spawn(Writer::run(from, piece(text)));
  auto reading = read_all(to);
  auto read = co_await std::move(reading);
  co_await group.drained();
  co_return read;
}

TEST_F(Tcp, WaitsForAPeerThatReadsSlowly) {
  Pair pair = loop.block_on(connect(loop, *listener));
  TaskGroup group(loop);
  const std::string much(3 << 20, 'x');
  const auto read = loop.block_on(write_much(*pair.client, *pair.server, group, much));
  EXPECT_TRUE(read.value() == much);
}

// Steps and waits only.
Task<void> step_in(ByteStream& stream, Piece bytes, size_t& waits) {
  while (!bytes.empty()) {
    const auto count = stream.try_write(std::span(&bytes, 1));
    if (!count) co_return;
    bytes = bytes.subspan(*count);
    if (*count > 0) continue;
    waits += 1;
    auto waiting = stream.writable();
    (void)co_await std::move(waiting);
  }
  stream.shutdown_write();
}

Task<Result<std::string>> step_out(ByteStream& stream, size_t& waits) {
  std::string text;
  std::array<uint8_t, 64> buffer{};
  while (true) {
    const auto step = CO_TRY(stream.try_read(buffer));
    text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(step.count));
    if (step.is_ended) co_return text;
    if (step.count > 0) continue;
    waits += 1;
    auto waiting = stream.readable();
    CO_TRY(co_await std::move(waiting));
  }
}

Task<Result<std::string>> step_through(EventLoop& loop, Pair& pair, const std::string& text) {
  TaskGroup group(loop);
  size_t writer_waits = 0;
  size_t reader_waits = 0;
  // The reader begins when the writer has filled what there is.
  group.spawn(step_in(*pair.client, piece(text), writer_waits));
  while (writer_waits == 0) co_await yield(loop);
  auto reading = step_out(*pair.server, reader_waits);
  auto read = co_await std::move(reading);
  co_await group.drained();
  EXPECT_GT(writer_waits, 0U);
  EXPECT_GT(reader_waits, 0U);
  co_return read;
}

TEST_F(Tcp, StepsAndWaitsCarryEverythingWithoutABufferInAWait) {
  const std::string much(8 << 20, 'x');
  Pair pair = loop.block_on(connect(loop, *listener));
  EXPECT_TRUE(loop.block_on(step_through(loop, pair, much)).value() == much);
  auto [client, server] = make_memory_pipe(loop, 100);
  Pair pipe{std::move(client), std::move(server)};
  const std::string some(5000, 'y');
  EXPECT_TRUE(loop.block_on(step_through(loop, pipe, some)).value() == some);
}

TEST_F(Tcp, StepsCutAndFailAsTheWrappersOfTestsSay) {
  auto [client, server] = make_memory_pipe(loop, 100);
  FragmentingStream fragments(std::move(client), 3);
  const std::array pieces{piece(""), piece("abcdef")};
  EXPECT_EQ(fragments.try_write(pieces).value(), 3U);
  EXPECT_TRUE(server->try_write(pieces).has_value());
  FailingStream failing(std::make_unique<FragmentingStream>(std::move(server), 2), 1);
  std::array<uint8_t, 8> buffer{};
  EXPECT_EQ(failing.try_read(buffer).value().count, 2U);
  EXPECT_FALSE(failing.try_read(buffer).has_value());
  EXPECT_FALSE(failing.try_write(pieces).has_value());
}

TEST_F(Tcp, AStepAfterAResetIsAnError) {
  for (bool is_memory : {false, true}) {
    Pair pair = loop.block_on(connect(loop, *listener));
    if (is_memory) std::tie(pair.client, pair.server) = make_memory_pipe(loop, 100);
    std::array<uint8_t, 8> buffer{};
    const auto nothing = pair.server->try_read(buffer).value();
    EXPECT_TRUE(nothing.count == 0 && !nothing.is_ended);
    pair.client->abort();
    EXPECT_TRUE(loop.block_on(pair.server->readable()).has_value());
    EXPECT_EQ(pair.server->try_read(buffer).error().kind(), ErrorKind::Unavailable);
    const std::array pieces{piece("x")};
    EXPECT_FALSE(pair.server->try_write(pieces).has_value());
  }
}

Task<Result<void>> wait_and_end(EventLoop& loop, TaskGroup& group, ByteStream& stream,
                                Task<Result<void>> (ByteStream::*wait)()) {
  struct Ender {
    static Task<void> run(EventLoop& on, ByteStream& ended) {
      co_await yield(on);
      ended.close();
    }
  };
  group.spawn(Ender::run(loop, stream));
  auto waiting = (stream.*wait)();
  auto result = co_await std::move(waiting);
  co_await group.drained();
  co_return result;
}

TEST_F(Tcp, ClosingEndsWaitsWithoutABuffer) {
  for (bool is_memory : {false, true}) {
    for (auto wait : {&ByteStream::readable, &ByteStream::writable}) {
      Pair pair = loop.block_on(connect(loop, *listener));
      if (is_memory) std::tie(pair.client, pair.server) = make_memory_pipe(loop, 100);
      const std::string much(8 << 20, 'x');
      const Piece bytes = piece(much);
      while (pair.server->try_write(std::span(&bytes, 1)).value() > 0) {
      }
      TaskGroup group(loop);
      const auto result = loop.block_on(wait_and_end(loop, group, *pair.server, wait));
      EXPECT_EQ(result.error().kind(), ErrorKind::Canceled);
    }
  }
}

Task<Result<size_t>> read_and_end(EventLoop& loop, TaskGroup& group, ByteStream& stream,
                                  void (ByteStream::*end)()) {
  struct Ender {
    static Task<void> run(EventLoop& on, ByteStream& ended, void (ByteStream::*how)()) {
      co_await yield(on);
      (ended.*how)();
    }
  };
  group.spawn(Ender::run(loop, stream, end));
  std::array<uint8_t, 8> buffer{};
  auto reading = stream.read_some(buffer);
  auto result = co_await std::move(reading);
  co_await group.drained();
  co_return result;
}

TEST_F(Tcp, EveryEndWakesWhoWaits) {
  for (auto end : {&ByteStream::cancel, &ByteStream::close, &ByteStream::abort}) {
    Pair pair = loop.block_on(connect(loop, *listener));
    TaskGroup group(loop);
    const auto result = loop.block_on(read_and_end(loop, group, *pair.server, end));
    EXPECT_EQ(result.error().kind(), ErrorKind::Canceled);
  }
}

TEST_F(Tcp, AStreamStaysUsableAfterCancel) {
  Pair pair = loop.block_on(connect(loop, *listener));
  TaskGroup group(loop);
  EXPECT_FALSE(loop.block_on(read_and_end(loop, group, *pair.server, &ByteStream::cancel)));
  EXPECT_TRUE(loop.block_on(write_all(*pair.client, piece("still here"))).has_value());
  pair.client->close();
  EXPECT_EQ(loop.block_on(read_all(*pair.server)).value(), "still here");
}

TEST_F(Tcp, AnAbortReachesThePeerAsAnError) {
  Pair pair = loop.block_on(connect(loop, *listener));
  pair.client->abort();
  const auto read = loop.block_on(read_all(*pair.server));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind(), ErrorKind::Unavailable);
}

TEST_F(Tcp, APortIsTakenUnlessShared) {
  const auto again = TcpListener::create(loop, listener->endpoint());
  ASSERT_FALSE(again.has_value());
  EXPECT_THAT(again.error().to_string(), HasSubstr("in use"));
  auto first = TcpListener::create(loop, loopback(), TcpListener::Sharing::Shared).value();
  EXPECT_TRUE(TcpListener::create(loop, first->endpoint(), TcpListener::Sharing::Shared));
}

TEST(FindFreeEndpoint, NeitherListensNorTakesWhatIsTaken) {
  EventLoop loop;
  const auto free = find_free_endpoint(loop, loopback());
  ASSERT_TRUE(free.has_value()) << free.error().to_string();
  ASSERT_NE(free->port, 0);
  const auto early = loop.block_on(connect_tcp(loop, *free));
  EXPECT_FALSE(early.has_value()) << "nobody listens yet";
  const auto taken = TcpListener::create(loop, *free, TcpListener::Sharing::Shared);
  ASSERT_TRUE(taken.has_value()) << taken.error().to_string();
  const auto again = find_free_endpoint(loop, *free);
  ASSERT_FALSE(again.has_value());
  EXPECT_THAT(again.error().to_string(), HasSubstr("address already in use"));
}

TEST_F(Tcp, ACanceledAcceptEnds) {
  struct Closer {
    static Task<Result<void>> run(EventLoop& on, TcpListener& closed) {
      TaskGroup group(on);
      group.spawn(later(on, closed));
      auto accepting = closed.accept();
      auto accepted = co_await std::move(accepting);
      co_await group.drained();
      if (accepted.has_value()) co_return Result<void>();
      co_return accepted.take_error();
    }
    static Task<void> later(EventLoop& on, TcpListener& closed) {
      co_await yield(on);
      closed.close();
    }
  };
  EXPECT_EQ(loop.block_on(Closer::run(loop, *listener)).error().kind(), ErrorKind::Canceled);
  const auto refused = loop.block_on(connect_tcp(loop, listener->endpoint()));
  EXPECT_FALSE(refused.has_value());
}

// ---- streams of tests keep their word ----

Task<Result<std::string>> echo_through(EventLoop& loop, size_t capacity, size_t fragment) {
  auto [left, right] = make_memory_pipe(loop, capacity);
  FragmentingStream client(std::move(left), fragment);
  TaskGroup group(loop);
  const std::string text = "the same bytes, whatever the pieces";
  auto sending = write_much(client, *right, group, text);
  co_return co_await std::move(sending);
}

TEST(MemoryPipe, KeepsBytesWhateverItsSizeAndTheFragments) {
  for (size_t capacity : {1, 2, 7, 4096}) {
    for (size_t fragment : {1, 3, 100}) {
      EventLoop loop;
      EXPECT_EQ(loop.block_on(echo_through(loop, capacity, fragment)).value(),
                "the same bytes, whatever the pieces");
    }
  }
}

TEST(FailingStream, FailsFromItsOperationOn) {
  for (size_t fail_at = 0; fail_at < 3; ++fail_at) {
    EventLoop loop;
    auto [left, right] = make_memory_pipe(loop, 100);
    FailingStream client(std::move(left), fail_at);
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(loop.block_on(write_all(client, piece("x"))).has_value(), i < fail_at);
    }
  }
}

// ---- canceling, signals ----

TEST(CancelSource, EndsATaskThatWaits) {
  struct Waiter {
    static Task<Result<int>> never(Event& event) {
      co_await event.wait();
      co_return 1;
    }
    static Task<Result<int>> run(CancelSource& source, Event& event) {
      auto work = source.run<int>(never(event));
      co_return co_await std::move(work);
    }
  };
  EventLoop loop;
  Event never(loop);
  CancelSource source(loop);
  loop.post([&] { source.cancel(Error::canceled("client left")); });
  EXPECT_EQ(loop.block_on(Waiter::run(source, never)).error().message(), "client left");
  EXPECT_FALSE(never.has_waiters());
}

TEST(TaskGroup, ReportsWhatEscapesATask) {
  struct Thrower {
    static Task<void> run(EventLoop& on) {
      co_await yield(on);
      throw std::runtime_error("a bug");
    }
    static Task<void> drain(TaskGroup& group) { co_await group.drained(); }
  };
  EventLoop loop;
  std::vector<std::string> reports;
  TaskGroup group(loop, [&](const Error& error) { reports.push_back(error.to_string()); });
  group.spawn(Thrower::run(loop));
  loop.block_on(Thrower::drain(group));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_THAT(reports[0], HasSubstr("a bug"));
}

TEST(Deadlines, ADisarmedOneIsSilentEvenInTheSameInstant) {
  EventLoop loop;
  int fired = 0;
  Deadlines::Armed second;
  auto first = loop.deadlines().arm(1ms, [&] {
    ++fired;
    second.disarm();
  });
  second = loop.deadlines().arm(1ms, [&] { ++fired; });
  auto last = loop.deadlines().arm(30ms, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(second.is_armed());
}

TEST(BlockingPool, FinishesWhatIsQueuedBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    BlockingPool pool(2);
    for (int i = 0; i < 100; ++i) pool.submit([&done] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

TEST(StopSignals, BringTheSignal) {
  EventLoop loop;
  StopSignals signals(loop);
  loop.post([] { ASSERT_EQ(std::raise(SIGTERM), 0); });
  EXPECT_EQ(loop.block_on(signals.wait()), SIGTERM);
}

}  // namespace
}  // namespace spindle::io
