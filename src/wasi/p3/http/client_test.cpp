#include "wasi/p3/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wasi/core/http/test_server.h"
#include "wasi/p3/http/types.h"

namespace spindle::wasi::p3 {
namespace {

struct Sent {
  std::string method = "GET";
  std::string path = "/";
  std::optional<std::string> body;
  // What the future of the trailers says.
  std::optional<std::string> trailer;
  bool trailers_fail = false;
};

struct Seen {
  std::optional<ErrorCode> failure;
  uint16_t status = 0;
  std::string method;
  std::string body;
  std::string trailer;
  std::optional<ErrorCode> body_failure;
};

class HttpClientP3 : public testing::Test {
 public:
  struct Made {
    std::unique_ptr<Request> request;
    TransmissionFuture transmission;
  };

  Made make(const Sent& sent) {
    Trailers trailers = std::optional<std::unique_ptr<Fields>>();
    if (sent.trailer) {
      http::Headers list;
      list.add("x-sum", *sent.trailer);
      trailers = std::make_unique<Fields>(std::move(list), Mutability::Immutable);
    }
    if (sent.trailers_fail) {
      trailers = std::unexpected(ErrorCode{.value = ErrorCode::ConfigurationError{}});
    }
    std::optional<BodyStream> contents;
    if (sent.body) {
      contents = BodyStream::of(std::vector<uint8_t>(sent.body->begin(), sent.body->end()));
    }
    auto made = types.request_new_(std::make_unique<Fields>(), std::move(contents),
                                   TrailersFuture::of(std::move(trailers)), std::nullopt);
    auto [request, sent_future] = made.take_value();
    request->method = sent.method;
    request->path_with_query = sent.path;
    request->scheme = "http";
    request->authority = "up";
    return {std::move(request), std::move(sent_future)};
  }

  static io::Task<void> read(Response& response, Seen& seen) {
    MessageBody body = response.take_body();
    std::array<uint8_t, 3000> buffer;
    while (true) {
      auto reading = body.contents.next(std::span<uint8_t>(buffer));
      const component::StreamStep step = co_await std::move(reading);
      seen.body.append(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(step.count));
      if (step.is_ended) break;
    }
    auto getting = body.trailers.get();
    auto got = co_await std::move(getting);
    if (got && !*got) seen.body_failure = got->error();
    if (got && *got && **got) seen.trailer = (**got)->get()->view().find("x-sum").value_or("");
  }

  io::Task<Seen> ask(HttpClient& client, std::unique_ptr<Request> request) {
    Seen seen;
    auto sending = client.send(std::move(request));
    auto waiting = io::Eventual<HttpClient::Answer>::wait(std::move(sending));
    auto answer = (co_await std::move(waiting)).take_value();
    if (!answer) {
      seen.failure = answer.error();
      co_return seen;
    }
    seen.status = (*answer)->status;
    seen.method = (*answer)->headers()->view().find("x-method").value_or("");
    auto reading = read(**answer, seen);
    co_await std::move(reading);
    co_return seen;
  }

  Seen ask(const Sent& sent, OutboundGate& gate) {
    Made made = make(sent);
    transmission = std::move(made.transmission);
    HttpClient client(services, gate);
    return world.loop.block_on(ask(client, std::move(made.request)));
  }
  Transmission transmitted() { return *world.loop.block_on(transmission.get()); }

  OutboundWorld world;
  SystemClocks clocks{world.loop};
  SystemRandom random;
  Services services{world.loop, clocks, random, &world.outbound};
  HttpTypes types{world.loop};
  TransmissionFuture transmission;
};

TEST_F(HttpClientP3, CarriesARequestAndItsResponse) {
  const Seen seen = ask({.method = "DELETE"}, world.open);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.status, 201);
  EXPECT_EQ(seen.method, "DELETE");
  EXPECT_EQ(seen.body, "hello");
  EXPECT_TRUE(transmitted().has_value());
}

TEST_F(HttpClientP3, StreamsBodiesAndTrailersBothWays) {
  const std::string big(200'000, 'b');
  for (const auto& body : {std::string("some"), std::string(), big}) {
    const Seen seen =
        ask({.method = "POST", .path = "/echo", .body = body, .trailer = "7"}, world.open);
    EXPECT_FALSE(seen.failure);
    EXPECT_TRUE(seen.body == body) << seen.body.size();
    EXPECT_EQ(seen.trailer, "7");
    EXPECT_TRUE(transmitted().has_value());
  }
}

TEST_F(HttpClientP3, TellsWhyARequestDidNotLeave) {
  const Seen seen = ask({.method = "POST", .body = "x"}, world.closed);
  ASSERT_TRUE(seen.failure);
  EXPECT_TRUE(std::holds_alternative<ErrorCode::HttpRequestDenied>(seen.failure->value));
  EXPECT_FALSE(transmitted().has_value());
}

TEST_F(HttpClientP3, ABodyThatTheGuestGivesUpIsCut) {
  const Seen seen =
      ask({.method = "POST", .path = "/echo", .body = "some", .trailers_fail = true}, world.open);
  EXPECT_TRUE(seen.failure || seen.body_failure);
  const Transmission sent = transmitted();
  ASSERT_FALSE(sent.has_value());
  EXPECT_TRUE(std::holds_alternative<ErrorCode::ConfigurationError>(sent.error().value));
}

TEST_F(HttpClientP3, AResponseThatBreaksOffSaysSoAfterItsBody) {
  const Seen seen = ask({.method = "POST", .path = "/cut", .body = "some"}, world.open);
  EXPECT_EQ(seen.body, "some");
  ASSERT_TRUE(seen.body_failure);
  EXPECT_TRUE(std::holds_alternative<ErrorCode::HttpResponseIncomplete>(seen.body_failure->value));
}

TEST_F(HttpClientP3, WhoLeavesLeavesNothingBehind) {
  for (const auto* path : {"/wait", "/echo", "/"}) {
    for (int turns = 0; turns < 30; ++turns) {
      struct Run {
        static io::Task<void> run(HttpClientP3& test, HttpClient& client,
                                  std::unique_ptr<Request> request) {
          auto asking = test.ask(client, std::move(request));
          (void)co_await std::move(asking);
        }
        static io::Task<void> leave(io::EventLoop& loop, io::TaskGroup& group, int turns) {
          for (int i = 0; i < turns; ++i) co_await io::yield(loop);
          group.cancel();
          co_await group.drained();
        }
      };
      Made made = make({.method = "POST", .path = path, .body = std::string(5'000, 'x')});
      HttpClient client(services, world.open);
      io::TaskGroup group(world.loop);
      group.spawn(Run::run(*this, client, std::move(made.request)));
      world.loop.block_on(Run::leave(world.loop, group, turns));
      world.loop.block_on(world.tasks.drained());
      EXPECT_EQ(world.client.counters().open, world.client.counters().idle) << path << turns;
    }
  }
}

}  // namespace
}  // namespace spindle::wasi::p3
