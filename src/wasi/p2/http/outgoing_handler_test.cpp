#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wasi/core/http/test_server.h"
#include "wasi/p2/http/types.h"

namespace spindle::wasi::p2 {
namespace {

using http_types::ErrorCode;

struct Seen {
  std::optional<ErrorCode> failure;
  uint16_t status = 0;
  std::string body;
  std::string trailer;
};

class OutgoingHandlerP2 : public testing::Test {
 protected:
  std::unique_ptr<OutgoingRequest> make(std::string method, std::string path) {
    auto request = std::make_unique<OutgoingRequest>(std::make_unique<Fields>());
    request->method = std::move(method);
    request->path_with_query = std::move(path);
    request->scheme = "http";
    request->authority = "up";
    return request;
  }

  // Writes `body` piece by piece, then the trailer.
  static io::Task<void> write(HttpTypes& types, std::unique_ptr<OutgoingBody> outgoing,
                              std::string body) {
    auto stream = outgoing->take_stream();
    while (!body.empty()) {
      auto piece = body.substr(0, 4'000);
      body.erase(0, piece.size());
      auto writing = stream->blocking_write_and_flush(
          {reinterpret_cast<const uint8_t*>(piece.data()), piece.size()});
      auto waiting = io::Eventual<Streamed<void>>::wait(std::move(writing));
      auto written = co_await std::move(waiting);
      if (!written || !*written) co_return;
    }
    stream.reset();
    http::Headers trailers;
    trailers.add("x-sum", "7");
    auto finished = types.outgoing_body_finish(
        std::move(outgoing), std::make_unique<Fields>(std::move(trailers), Mutability::Immutable));
    EXPECT_TRUE(finished.has_value() && finished->has_value());
  }

  io::Task<Seen> receive(std::unique_ptr<FutureIncomingResponse> future) {
    Seen seen;
    auto waiting = future->wait();
    co_await std::move(waiting);
    auto once = types.future_incoming_response_get(*future).take_value();
    EXPECT_TRUE(once && once->has_value());
    auto again = types.future_incoming_response_get(*future).take_value();
    EXPECT_TRUE(again && !again->has_value()) << "a response is handed out once";
    auto& answer = **once;
    if (!answer) {
      seen.failure = answer.error();
      co_return seen;
    }
    future.reset();
    seen.status = (*answer)->status();
    auto body = (*answer)->take_body();
    (*answer).reset();
    auto stream = body->take_stream();
    while (true) {
      auto reading = stream->blocking_read(5'000);
      auto arriving = io::Eventual<Streamed<Bytes>>::wait(std::move(reading));
      auto piece = (co_await std::move(arriving)).take_value();
      if (!piece) break;
      seen.body.append(piece->begin(), piece->end());
    }
    stream.reset();
    auto trailers = types.incoming_body_finish(std::move(body)).take_value();
    auto ending = trailers->source().wait();
    co_await std::move(ending);
    auto fields = trailers->source().trailers();
    if (fields) seen.trailer = fields->find("x-sum").value_or("");
    co_return seen;
  }

  std::unique_ptr<FutureIncomingResponse> send(std::unique_ptr<OutgoingRequest> request,
                                               OutboundGate& gate) {
    OutgoingHandler handler(services, gate);
    auto sent = handler.handle(std::move(request), std::nullopt).take_value();
    EXPECT_TRUE(sent.has_value());
    return std::move(*sent);
  }

  OutboundWorld world;
  SystemClocks clocks{world.loop};
  SystemRandom random;
  Services services{world.loop, clocks, random, &world.outbound};
  HttpTypes types{world.loop};
};

io::Task<Seen> send_and_receive(io::TaskGroup& group, io::Task<void> writing,
                                io::Task<Seen> receiving) {
  group.spawn(std::move(writing));
  auto seen = co_await std::move(receiving);
  co_await group.drained();
  co_return seen;
}

TEST_F(OutgoingHandlerP2, CarriesARequestAndItsResponse) {
  const Seen seen = world.loop.block_on(receive(send(make("GET", "/"), world.open)));
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.status, 201);
  EXPECT_EQ(seen.body, "hello");
}

TEST_F(OutgoingHandlerP2, StreamsBodiesAndTrailersBothWays) {
  for (size_t size : {0u, 10u, 300'000u}) {
    auto request = make("POST", "/echo");
    auto body = types.outgoing_request_body(*request).take_value();
    ASSERT_TRUE(body.has_value());
    const std::string text(size, 'b');
    auto writing = write(types, std::move(*body), text);
    io::TaskGroup group(world.loop);
    auto receiving = receive(send(std::move(request), world.open));
    const Seen seen =
        world.loop.block_on(send_and_receive(group, std::move(writing), std::move(receiving)));
    EXPECT_TRUE(seen.body == text) << seen.body.size();
    EXPECT_EQ(seen.trailer, "7");
  }
}

TEST_F(OutgoingHandlerP2, TellsWhyARequestDidNotLeave) {
  const Seen seen = world.loop.block_on(receive(send(make("GET", "/"), world.closed)));
  ASSERT_TRUE(seen.failure);
  EXPECT_TRUE(std::holds_alternative<ErrorCode::HttpRequestDenied>(seen.failure->value));
  services.outbound = nullptr;
  const Seen none = world.loop.block_on(receive(send(make("GET", "/"), world.open)));
  ASSERT_TRUE(none.failure);
  EXPECT_TRUE(std::holds_alternative<ErrorCode::InternalError>(none.failure->value));
}

TEST_F(OutgoingHandlerP2, WhoLeavesLeavesNothingBehind) {
  struct Turns {
    static io::Task<void> run(io::EventLoop& loop, int count) {
      for (int i = 0; i < count; ++i) co_await io::yield(loop);
    }
  };
  for (const auto* path : {"/wait", "/"}) {
    for (int turns = 0; turns < 30; ++turns) {
      auto future = send(make("GET", path), world.open);
      world.loop.block_on(Turns::run(world.loop, turns));
      future.reset();
      world.loop.block_on(world.tasks.drained());
      EXPECT_EQ(world.client.counters().open, world.client.counters().idle) << path << turns;
    }
  }
}

}  // namespace
}  // namespace spindle::wasi::p2
