#include "io/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "io/cancel.h"
#include "io/tcp.h"
#include "io/test_certificates.h"
#include "io/test_streams.h"

namespace spindle::io {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using Streams = std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>>;
using Shaken = Result<std::unique_ptr<TlsStream>>;

struct World {
  EventLoop loop;
  TaskGroup tasks{loop};
  TestAuthority authority;
  std::vector<std::string> client_protocols;
  std::vector<std::string> server_protocols;
  std::optional<Shaken> client;
  std::optional<Shaken> server;

  // Lets lingering sessions end.
  ~World() {
    client.reset();
    server.reset();
    loop.block_on(tasks.drained());
    loop.poll();
  }

  std::shared_ptr<const TlsContext> client_context() const {
    TlsClientOptions options;
    options.trusts_system_roots = false;
    options.roots = authority.certificate();
    options.protocols = client_protocols;
    return TlsContext::for_client(options).value();
  }
  std::shared_ptr<const TlsContext> server_context(TlsIdentity identity) const {
    return TlsContext::for_server({std::move(identity), server_protocols}).value();
  }

  static Task<void> keep(Task<Shaken> task, std::optional<Shaken>& into) {
    into.emplace(co_await std::move(task));
  }

  void shake(Streams streams, TlsIdentity identity, const std::string& host = "localhost") {
    tasks.spawn(keep(tls_connect(loop, std::move(streams.first), client_context(), host), client));
    tasks.spawn(keep(
        tls_accept(loop, std::move(streams.second), server_context(std::move(identity))), server));
    loop.block_on(tasks.drained());
  }
  void connect(Streams streams) {
    shake(std::move(streams), authority.issue());
    ASSERT_TRUE(client->has_value()) << client->error().to_string();
    ASSERT_TRUE(server->has_value()) << server->error().to_string();
  }
  Streams pipe(size_t capacity = 64 * 1024) { return make_memory_pipe(loop, capacity); }
  Streams sockets() {
    auto listener = TcpListener::create(loop, resolve_endpoint("127.0.0.1:0").value()).value();
    auto connecting = connect_tcp(loop, listener->endpoint());
    auto mine = loop.block_on(std::move(connecting)).value();
    auto accepting = listener->accept();
    auto theirs = loop.block_on(std::move(accepting)).value();
    return {std::move(mine), std::move(theirs)};
  }

  ByteStream& near() { return ***client; }
  ByteStream& far() { return ***server; }
};

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

Task<Result<std::string>> read_all(ByteStream& stream) {
  std::string all;
  std::array<uint8_t, 5000> buffer;
  while (true) {
    auto reading = stream.read_some(buffer);
    const auto count = CO_TRY(co_await std::move(reading));
    if (count == 0) co_return all;
    all.append(reinterpret_cast<const char*>(buffer.data()), count);
  }
}

Task<Result<std::string>> read_some(ByteStream& stream) {
  std::array<uint8_t, 100> buffer;
  auto reading = stream.read_some(buffer);
  const auto count = CO_TRY(co_await std::move(reading));
  co_return std::string(reinterpret_cast<const char*>(buffer.data()), count);
}

Task<void> write_and_end(ByteStream& stream, std::string text) {
  auto writing = write_all(stream, bytes_of(text));
  (void)co_await std::move(writing);
  stream.shutdown_write();
}

std::string some_text(size_t size) {
  std::string text(size, 'x');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

TEST(Tls, CarriesBytesBothWaysAndTheirEnds) {
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{16'384}, size_t{16'385}, size_t{700'000}}) {
    World world;
    world.connect(world.pipe());
    world.tasks.spawn(write_and_end(world.near(), some_text(size)));
    auto there = world.loop.block_on(read_all(world.far()));
    ASSERT_TRUE(there) << there.error().to_string();
    EXPECT_EQ(*there, some_text(size));
    world.tasks.spawn(write_and_end(world.far(), some_text(size)));
    auto back = world.loop.block_on(read_all(world.near()));
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(*back, some_text(size));
  }
}

TEST(Tls, WorksOverStreamsOfSingleBytesAndOverSockets) {
  for (const bool is_fragmented : {true, false}) {
    World world;
    if (is_fragmented) {
      auto [near, far] = world.pipe(7);
      world.connect({std::make_unique<FragmentingStream>(std::move(near), 1),
                     std::make_unique<FragmentingStream>(std::move(far), 1)});
    } else {
      world.connect(world.sockets());
    }
    const size_t size = is_fragmented ? 40'000 : 3'000'000;
    world.tasks.spawn(write_and_end(world.near(), some_text(size)));
    world.tasks.spawn(write_and_end(world.far(), some_text(size)));
    auto there = world.loop.block_on(read_all(world.far()));
    auto back = world.loop.block_on(read_all(world.near()));
    ASSERT_TRUE(there && back);
    EXPECT_EQ(*there, some_text(size));
    EXPECT_EQ(*back, some_text(size));
  }
}

TEST(Tls, StepsTakeWhatThereIsRoomForAndWaitForTheRest) {
  World world;
  world.connect(world.pipe(1000));
  const auto text = some_text(500'000);
  const Piece piece = bytes_of(text);
  size_t sent = 0;
  while (true) {
    const Piece rest = piece.subspan(sent);
    const auto count = world.near().try_write(std::span(&rest, 1)).value();
    if (count == 0) break;
    sent += count;
  }
  // What is on its way is bounded.
  EXPECT_GT(sent, 0u);
  EXPECT_LE(sent, TlsStream::kPendingMax + 32 * 1024);
  std::optional<Result<void>> has_room;
  world.tasks.spawn(store_value(world.near().writable(), has_room));
  world.loop.poll();
  EXPECT_FALSE(has_room);

  std::string got;
  std::array<uint8_t, 3000> buffer;
  while (got.size() < sent) {
    const auto step = world.far().try_read(buffer).value();
    got.append(reinterpret_cast<const char*>(buffer.data()), step.count);
    if (step.count == 0) ASSERT_TRUE(world.loop.block_on(world.far().readable()));
  }
  EXPECT_EQ(got, text.substr(0, sent));
  world.loop.block_on(world.tasks.drained());
  ASSERT_TRUE(has_room && has_room->has_value());
  EXPECT_GT(world.near().try_write(std::span(&piece, 1)).value(), 0u);
}

TEST(Tls, SmallPiecesShareARecord) {
  StreamCounts counts;
  World world;
  auto [near, far] = world.pipe();
  world.connect({std::make_unique<CountingStream>(std::move(near), counts), std::move(far)});
  const auto before = counts.writes;
  const std::array<Piece, 3> pieces{bytes_of("GET / "), bytes_of(""), bytes_of("HTTP/1.1")};
  EXPECT_EQ(world.near().try_write(pieces).value(), 14u);
  EXPECT_EQ(counts.writes, before + 1);
  EXPECT_EQ(world.loop.block_on(read_some(world.far())).value(), "GET / HTTP/1.1");
}

TEST(Tls, ReadableEndsAtOnceWhereBytesAreDecryptedAlready) {
  World world;
  world.connect(world.pipe());
  world.loop.block_on(write_and_end(world.near(), some_text(100)));
  std::array<uint8_t, 10> few;
  EXPECT_EQ(world.far().try_read(few).value().count, few.size());
  // Nothing comes from below any more.
  EXPECT_TRUE(world.loop.block_on(world.far().readable()));
  EXPECT_EQ(world.far().try_read(few).value().count, few.size());
}

TEST(Tls, WhatWasWrittenArrivesThoughTheWriterCloses) {
  World world;
  world.connect(world.pipe(500));
  const auto text = some_text(50'000);
  const Piece piece = bytes_of(text);
  const auto sent = world.near().try_write(std::span(&piece, 1)).value();
  EXPECT_EQ(sent, text.size());
  world.near().close();
  EXPECT_EQ(world.near().try_write(std::span(&piece, 1)).error().kind(), ErrorKind::Canceled);
  auto got = world.loop.block_on(read_all(world.far()));
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(*got, text);
}

TEST(Tls, ACutConnectionIsNotAnEnd) {
  World world;
  auto [near, far] = world.sockets();
  auto* below = near.get();
  world.connect({std::move(near), std::move(far)});
  below->shutdown_write();
  auto got = world.loop.block_on(read_all(world.far()));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind(), ErrorKind::Unavailable);
  EXPECT_THAT(got.error().message(), HasSubstr("without ending the TLS session"));
  // It stays so.
  std::array<uint8_t, 10> few;
  EXPECT_FALSE(world.far().try_read(few));
}

TEST(Tls, ClosingAndCancelingEndWaits) {
  for (const bool closes : {false, true}) {
    std::optional<Result<void>> read;
    std::optional<Result<void>> written;
    World world;
    world.connect(world.pipe(100));
    const auto text = some_text(200'000);
    const Piece piece = bytes_of(text);
    (void)world.near().try_write(std::span(&piece, 1));
    // The server's tickets.
    std::array<uint8_t, 10> few;
    for (int turn = 0; turn < 100; ++turn) {
      EXPECT_EQ(world.near().try_read(few).value().count, 0u);
      world.loop.poll();
    }
    world.tasks.spawn(store_value(world.near().readable(), read));
    world.tasks.spawn(store_value(world.near().writable(), written));
    world.loop.poll();
    ASSERT_FALSE(read || written);
    closes ? world.near().close() : world.near().cancel();
    world.loop.block_on(world.tasks.drained());
    EXPECT_EQ(read->error().kind(), ErrorKind::Canceled);
    EXPECT_EQ(written->error().kind(), ErrorKind::Canceled);
    // Its peer reads nothing: that ends the lingering.
    world.far().abort();
  }
}

struct ProtocolCase {
  std::vector<std::string> client;
  std::vector<std::string> server;
  std::optional<std::string> expected;
};

TEST(Tls, TheServersPreferenceChoosesTheProtocol) {
  const std::vector<ProtocolCase> cases = {
      {{"h2", "http/1.1"}, {"h2", "http/1.1"}, "h2"},
      {{"http/1.1", "h2"}, {"h2", "http/1.1"}, "h2"},
      {{"http/1.1"}, {"h2", "http/1.1"}, "http/1.1"},
      {{}, {"h2", "http/1.1"}, ""},
      {{"h2"}, {}, ""},
      {{"h3"}, {"h2"}, std::nullopt},
  };
  for (const auto& item : cases) {
    World world;
    world.client_protocols = item.client;
    world.server_protocols = item.server;
    world.shake(world.pipe(), world.authority.issue());
    ASSERT_EQ(world.client->has_value(), item.expected.has_value());
    if (!item.expected) continue;
    EXPECT_EQ((**world.client)->protocol(), *item.expected);
    EXPECT_EQ((**world.server)->protocol(), *item.expected);
    EXPECT_EQ((**world.client)->version(), "TLSv1.3");
  }
}

struct TrustCase {
  TestCertificate certificate;
  bool is_self_signed = false;
  std::string host;
  // Empty: trusted.
  std::string complaint;
};

TEST(Tls, AServerIsWhoTheClientAsksFor) {
  const TestCertificate wildcard{.names = {"*.example.com"}, .addresses = {}};
  const std::vector<TrustCase> cases = {
      {{}, false, "localhost", ""},
      {{}, false, "LOCALHOST", ""},
      {{}, false, "localhost.", ""},
      {{}, false, "127.0.0.1", ""},
      {{}, false, "::1", ""},
      {wildcard, false, "a.example.com", ""},
      {wildcard, false, "a.b.example.com", "hostname mismatch"},
      {wildcard, false, "example.com", "hostname mismatch"},
      {{}, false, "localhost.example", "hostname mismatch"},
      {{}, false, "127.0.0.2", "IP address mismatch"},
      {{.names = {"127.0.0.1"}, .addresses = {}}, false, "127.0.0.1", "IP address mismatch"},
      {{}, true, "localhost", "self-signed certificate"},
      {{.begins = -7200, .ends = -3600}, false, "localhost", "certificate has expired"},
      {{.begins = 3600, .ends = 7200}, false, "localhost", "certificate is not yet valid"},
  };
  for (const auto& item : cases) {
    World world;
    auto identity = item.is_self_signed ? TestAuthority::self_signed(item.certificate)
                                        : world.authority.issue(item.certificate);
    world.shake(world.pipe(), std::move(identity), item.host);
    EXPECT_EQ(world.client->has_value(), item.complaint.empty()) << item.host << item.complaint;
    if (world.client->has_value()) continue;
    EXPECT_EQ(world.client->error().kind(), ErrorKind::Denied);
    EXPECT_THAT(world.client->error().message(), HasSubstr(item.complaint));
    EXPECT_FALSE(world.server->has_value());
  }
}

TEST(Tls, NamesThatAreNoneAreRefused) {
  for (const auto& host : {std::string(), std::string("."), std::string("a\0b", 3)}) {
    World world;
    world.shake(world.pipe(), world.authority.issue(), host);
    ASSERT_FALSE(world.client->has_value());
    EXPECT_EQ(world.client->error().kind(), ErrorKind::InvalidInput);
  }
}

TEST(Tls, PeersThatSpeakSomethingElseAreRefused) {
  for (const std::string_view text :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "\x16\x03\x01\xff\xff", ""}) {
    World world;
    auto [near, far] = world.pipe();
    const Piece piece = bytes_of(text);
    if (!piece.empty()) (void)far->try_write(std::span(&piece, 1));
    far->shutdown_write();
    auto connecting = tls_connect(world.loop, std::move(near), world.client_context(), "localhost");
    auto stream = world.loop.block_on(std::move(connecting));
    ASSERT_FALSE(stream) << text;
    EXPECT_EQ(stream.error().kind(), ErrorKind::Unavailable);
  }
}

TEST(Tls, EveryFailureOfTheStreamBelowIsAFailureOfTheHandshakeOrLater) {
  for (size_t fail_at = 0; true; ++fail_at) {
    ASSERT_LT(fail_at, 100u);
    World world;
    auto [near, far] = world.pipe();
    world.shake({std::make_unique<FailingStream>(std::move(near), fail_at), std::move(far)},
                world.authority.issue());
    if (world.client->has_value()) break;
    EXPECT_EQ(world.client->error().kind(), ErrorKind::Unavailable);
  }
}

TEST(Tls, AHandshakeCanBeCanceled) {
  World world;
  auto [near, far] = world.pipe();
  auto connecting = tls_connect(world.loop, std::move(near), world.client_context(), "localhost");
  auto bounded = with_deadline(world.loop, 1ms, "the handshake", std::move(connecting));
  auto stream = world.loop.block_on(std::move(bounded));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().kind(), ErrorKind::Timeout);
}

TEST(TlsContext, RefusesWhatIsNoIdentityAndNoRoot) {
  const TestAuthority authority;
  const auto good = authority.issue();
  const auto other = authority.issue();
  for (const auto& identity :
       {TlsIdentity{"", good.private_key}, TlsIdentity{"nonsense", "nonsense"},
        TlsIdentity{good.certificates, ""}, TlsIdentity{good.certificates, other.private_key}}) {
    auto context = TlsContext::for_server({identity, {}});
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().kind(), ErrorKind::InvalidInput);
  }
  for (const std::string& roots :
       {std::string("nonsense"), good.private_key, authority.certificate().substr(0, 200)}) {
    TlsClientOptions options;
    options.roots = roots;
    EXPECT_FALSE(TlsContext::for_client(options));
  }
}

}  // namespace
}  // namespace spindle::io
