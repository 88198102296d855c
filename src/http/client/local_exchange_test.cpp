#include "http/client/local_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client/test_upstream.h"
#include "http/test_fixture.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class LocalExchangeTest : public testing::Test {
 protected:
  void TearDown() override {
    loop.block_on(locals.close());
    EXPECT_EQ(locals.running(), 0u);
  }
  std::unique_ptr<Exchange> open(const Sent& sent) {
    return locals.open(handler, request_of(sent)).take_value();
  }
  Seen ask(const Sent& sent) {
    return loop.block_on(finish_exchange(locals.open(handler, request_of(sent)), sent));
  }

  io::EventLoop loop;
  TestHandler handler{loop};
  LocalExchanges locals{loop};
};

// Answers as a function says.
class Answering final : public Handler {
 public:
  using Answer = std::function<io::Eventual<void>(Request&, ResponseWriter&)>;
  explicit Answering(Answer answer) : answer_(std::move(answer)) {}
  io::Eventual<void> handle(Request& request, ResponseWriter& response) override {
    return answer_(request, response);
  }

 private:
  Answer answer_;
};

TEST_F(LocalExchangeTest, CarriesBodiesBothWays) {
  const std::string big(1 << 20, 'b');
  for (const bool is_streamed : {false, true}) {
    for (const size_t read_size : {0u, 100u, 30'000u}) {
      // The echo of a big body meets a client that does not read yet.
      const std::string body = big.substr(0, 60'000);
      const auto seen = ask({.method = "POST",
                             .target = "/echo",
                             .body = body,
                             .is_streamed = is_streamed,
                             .read_size = read_size});
      EXPECT_EQ(seen.failure, std::nullopt) << seen.message;
      EXPECT_EQ(seen.status, 200);
      EXPECT_TRUE(seen.body == body);
    }
  }
}

TEST_F(LocalExchangeTest, TrailersGoAlong) {
  const auto seen = ask({.method = "POST",
                         .target = "/echo",
                         .body = "some",
                         .is_streamed = true,
                         .trailers = {{"x-sum", "12"}}});
  EXPECT_EQ(seen.trailers, "x-sum=12;");
}

TEST_F(LocalExchangeTest, TheHandlerSeesAReceivedRequest) {
  std::string text;
  Answering answering([&](Request& request, ResponseWriter& response) {
    const auto& head = request.head();
    text = std::string(head.method_name) + " " + std::string(head.path_and_query) + " " +
           std::string(head.authority) + " " + request.peer().to_string();
    for (const auto& header : head.headers) {
      text += " " + std::string(header.name) + "=" + std::string(header.value);
    }
    const std::array<Header, 2> headers = {{{"X-Answer", "yes"}, {"Connection", "close"}}};
    return response.send({.status = 201, .headers = HeaderView(headers)}, as_bytes("made"));
  });
  const Sent sent{.method = "PUT",
                  .target = "/a?b=c",
                  .headers = {{"Host", "other"}, {"X-Mine", "1"}, {"Connection", "close"}}};
  const auto seen = loop.block_on(finish_exchange(locals.open(answering, request_of(sent)), sent));
  EXPECT_EQ(text, "PUT /a?b=c up 0.0.0.0:0 x-mine=1");
  EXPECT_EQ(seen.status, 201);
  EXPECT_EQ(seen.headers, "x-answer=yes;");
  EXPECT_EQ(seen.body, "made");
}

TEST_F(LocalExchangeTest, RequestsThatNoConnectionWouldCarryAreRefused) {
  struct Case {
    Sent sent;
    FailureCode code;
  };
  for (const auto& item : std::vector<Case>{
           {{.method = "CONNECT"}, FailureCode::RequestMethodInvalid},
           {{.method = "a b"}, FailureCode::RequestMethodInvalid},
           {{.target = "no-slash"}, FailureCode::RequestUriInvalid},
           {{.target = "/" + std::string(70'000, 'a')}, FailureCode::RequestUriTooLong},
           {{.headers = {{"a", "b\r\nc"}}}, FailureCode::ProtocolError},
           {{.headers = {{"content-length", "3"}}, .body = "abcd"}, FailureCode::RequestBodySize},
       }) {
    EXPECT_EQ(ask(item.sent).failure, item.code);
  }
}

TEST_F(LocalExchangeTest, AHandlerThatFailsIsAnErrorOrACutBody) {
  Answering fails(
      [](Request&, ResponseWriter&) -> io::Eventual<void> { return Error::internal("failed"); });
  Answering forgets([](Request&, ResponseWriter&) -> io::Eventual<void> { return Result<void>(); });
  for (Handler* each : {static_cast<Handler*>(&fails), static_cast<Handler*>(&forgets)}) {
    const auto seen = loop.block_on(finish_exchange(locals.open(*each, request_of({})), {}));
    EXPECT_EQ(seen.status, 500);
    EXPECT_EQ(seen.body, "");
    EXPECT_EQ(seen.failure, std::nullopt) << seen.message;
  }
  Answering breaks_off([](Request&, ResponseWriter& response) -> io::Eventual<void> {
    (void)response.start({.status = 200, .headers = {}}, BodyLength::streamed());
    (void)response.write(as_bytes("half"));
    return Error::internal("failed");
  });
  const auto seen = loop.block_on(finish_exchange(locals.open(breaks_off, request_of({})), {}));
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.body, "half");
  EXPECT_EQ(seen.failure, FailureCode::ResponseIncomplete);
}

TEST_F(LocalExchangeTest, LengthsAreKept) {
  Answering lies([](Request&, ResponseWriter& response) -> io::Eventual<void> {
    (void)response.start({.status = 200, .headers = {}}, BodyLength::known(10));
    EXPECT_FALSE(response.try_write(as_bytes("more than ten")).has_value());
    (void)response.write(as_bytes("five5"));
    auto finished = response.finish({});
    EXPECT_TRUE(finished.is_ready());
    EXPECT_FALSE(finished.take_ready());
    return Result<void>();
  });
  const auto seen = loop.block_on(finish_exchange(locals.open(lies, request_of({})), {}));
  EXPECT_EQ(seen.failure, FailureCode::ResponseIncomplete);
  // And those of requests.
  auto exchange = open({.method = "POST", .target = "/read", .body = "12345"});
  EXPECT_FALSE(exchange->request().try_write(as_bytes("123456")));
}

TEST_F(LocalExchangeTest, ABodyOfHeadIsDropped) {
  Answering answering([](Request&, ResponseWriter& response) {
    return response.send({.status = 200, .headers = {}}, as_bytes("body"));
  });
  const Sent sent{.method = "HEAD"};
  const auto seen = loop.block_on(finish_exchange(locals.open(answering, request_of(sent)), sent));
  EXPECT_EQ(seen.failure, std::nullopt) << seen.message;
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.body, "");
}

TEST_F(LocalExchangeTest, AClientThatDropsTheExchangeHasLeft) {
  auto exchange = open({.target = "/wait"});
  loop.block_on(handler.entered().wait());
  EXPECT_EQ(locals.running(), 1u);
  exchange.reset();
  loop.block_on(handler.gone().wait());
  loop.poll();
  EXPECT_EQ(locals.running(), 0u);
}

TEST_F(LocalExchangeTest, ClosingTellsAllHandlers) {
  auto first = open({.target = "/wait"});
  auto second = open({.target = "/wait"});
  loop.block_on(handler.entered().wait());
  loop.block_on(locals.close());
  EXPECT_EQ(locals.running(), 0u);
  EXPECT_FALSE(loop.block_on(first->receive_head()));
  EXPECT_EQ(ask({}).failure, FailureCode::ConnectionTerminated);
}

TEST_F(LocalExchangeTest, ASlowSideHoldsUpTheOther) {
  size_t written = 0;
  Answering endless([&](Request&, ResponseWriter& response) -> io::Eventual<void> {
    (void)response.start({.status = 200, .headers = {}}, BodyLength::streamed());
    const std::string piece(10'000, 'x');
    while (true) {
      const size_t count = response.try_write(as_bytes(piece)).value();
      if (count == 0) break;
      written += count;
    }
    return response.writable();
  });
  auto opened = locals.open(endless, request_of({}));
  ASSERT_TRUE(opened);
  ASSERT_TRUE(loop.block_on((*opened)->receive_head()));
  loop.poll();
  EXPECT_EQ(written, LocalExchanges::kFlowBytes);
  EXPECT_EQ(locals.running(), 1u);
  std::array<uint8_t, 100> few;
  EXPECT_EQ((*opened)->response().try_read(few).value().count, few.size());
  loop.poll();
  EXPECT_EQ(locals.running(), 0u);
  // The client's side alike.
  auto exchange = open({.method = "POST", .target = "/wait", .body = "", .is_streamed = true});
  const std::string much(200'000, 'y');
  EXPECT_EQ(exchange->request().try_write(as_bytes(much)).value(), LocalExchanges::kFlowBytes);
  EXPECT_EQ(exchange->request().try_write(as_bytes(much)).value(), 0u);
}

TEST_F(LocalExchangeTest, TimeoutsHoldForComponentsToo) {
  Sent sent{.target = "/wait"};
  sent.timeouts.first_byte = 10ms;
  EXPECT_EQ(ask(sent).failure, FailureCode::ConnectionReadTimeout);
}

}  // namespace
}  // namespace spindle::http
