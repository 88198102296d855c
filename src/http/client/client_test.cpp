// What the client sends, and what it makes of well-formed responses.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client/request_writer.h"
#include "http/client/test_upstream.h"

namespace spindle::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

Seen ask(std::vector<Script> scripts, Sent sent = {}, UpstreamOptions options = {}) {
  io::EventLoop loop;
  Upstream upstream(loop, std::move(scripts), options);
  Client client(loop, upstream);
  return loop.block_on(exchange(client, std::move(sent)));
}

struct Good {
  std::string_view name;
  std::string raw;
  uint16_t status;
  std::string body;
  std::string trailers = {};
  std::string method = "GET";
};

std::vector<Good> good_responses() {
  std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
  return {
      {"a length", kHello, 200, "hello"},
      {"an empty body", "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", 404, ""},
      {"no reason", "HTTP/1.1 299\r\ncontent-length: 1\r\n\r\nx", 299, "x"},
      {"until close", "HTTP/1.1 200 OK\r\n\r\nall of it", 200, "all of it"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nold", 200, "old"},
      {"chunks", chunked + "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", 200, "hello world"},
      {"trailers", chunked + "1\r\na\r\n0\r\nX-Sum: 7 \r\nX-B: c\r\n\r\n", 200, "a",
       "x-sum=7;x-b=c;"},
      {"no chunk", chunked + "0\r\n\r\n", 200, ""},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
      {"304 with a length", "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", 304, ""},
      {"HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", 200, "", "", "HEAD"},
      {"HEAD, chunked", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", 200, "", "",
       "HEAD"},
      {"interim responses",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + kHello, 200,
       "hello"},
      {"close", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", 200, "ok"},
  };
}

TEST(Client, ReadsResponsesHoweverTheyAreCutAndRead) {
  for (const auto& good : good_responses()) {
    for (size_t fragment : {0u, 1u, 2u, 3u, 7u}) {
      for (size_t read_size : {0u, 1u, 4096u}) {
        const auto seen =
            ask({{.answers = {good.raw}, .ending = Ending::Close}},
                {.method = good.method, .read_size = read_size}, {.fragment = fragment});
        SCOPED_TRACE(
            fmt::format("{}, fragments of {}, reads of {}", good.name, fragment, read_size));
        EXPECT_FALSE(seen.failure) << seen.message;
        EXPECT_EQ(seen.status, good.status);
        EXPECT_EQ(seen.body, good.body);
        EXPECT_EQ(seen.trailers, good.trailers);
      }
    }
  }
}

TEST(Client, ShowsHeaderFieldsInLowerCaseAndInOrder) {
  const auto seen = ask({{.answers = {"HTTP/1.1 200 OK\r\nB: 1\r\nA:  two \r\nb: \xff\r\n"
                                      "Content-Length: 0\r\n\r\n"}}});
  EXPECT_EQ(seen.headers, "b=1;a=two;b=\xff;content-length=0;");
}

const std::string kLastChunk = "\r\n0\r\nx-sum: 1\r\n\r\n";

std::string sent_bytes(Sent sent, UpstreamOptions options = {}) {
  io::EventLoop loop;
  const bool is_chunked = sent.is_streamed && sent.headers.empty();
  const std::string end = !sent.body ? "\r\n\r\n" : is_chunked ? kLastChunk : *sent.body;
  Upstream upstream(loop, {{.answers = {kHello}, .request_end = end}}, options);
  Client client(loop, upstream);
  const auto seen = loop.block_on(exchange(client, std::move(sent)));
  EXPECT_FALSE(seen.failure) << seen.message;
  return upstream.received.at(0);
}

TEST(Client, SendsARequestAsItsFramingSays) {
  const std::string host = "host: up\r\n";
  EXPECT_EQ(sent_bytes({.target = "/a?b=c"}), "GET /a?b=c HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_EQ(sent_bytes({.method = "POST"}),
            "POST / HTTP/1.1\r\n" + host + "content-length: 0\r\n\r\n");
  EXPECT_EQ(sent_bytes({.method = "brew", .body = "hello"}),
            "brew / HTTP/1.1\r\n" + host + "content-length: 5\r\n\r\nhello");
  EXPECT_EQ(sent_bytes({.method = "PUT",
                        .headers = {{"Content-Length", "3"}, {"x", "y"}},
                        .body = "abc",
                        .is_streamed = true}),
            "PUT / HTTP/1.1\r\n" + host + "x: y\r\ncontent-length: 3\r\n\r\nabc");
  const std::vector<Header> dropped = {{"Host", "evil"},    {"connection", "close"},
                                       {"upgrade", "h2c"},  {"transfer-encoding", "gzip"},
                                       {"keep-alive", "9"}, {"proxy-connection", "x"},
                                       {"accept", "text/*"}};
  EXPECT_EQ(sent_bytes({.headers = dropped}),
            "GET / HTTP/1.1\r\n" + host + "accept: text/*\r\n\r\n");
}

TEST(Client, SendsChunksWithTrailersHoweverSlowTheServerReads) {
  const std::vector<Header> trailers = {{"x-sum", "1"}, {"content-length", "9"}, {"bad\n", "x"}};
  const std::string body(200'000, 'b');
  for (size_t capacity : {100u, 70'000u, 1'000'000u}) {
    for (size_t fragment : {0u, 1'000u}) {
      const auto bytes =
          sent_bytes({.method = "POST", .body = body, .is_streamed = true, .trailers = trailers},
                     {.capacity = capacity, .fragment = fragment});
      const std::string head = "POST / HTTP/1.1\r\nhost: up\r\ntransfer-encoding: chunked\r\n\r\n";
      ASSERT_TRUE(bytes.starts_with(head));
      std::string expected;
      for (size_t at = 0; at < body.size(); at += RequestWriter::kChunkMax) {
        const auto part = body.substr(at, RequestWriter::kChunkMax);
        expected += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
      }
      EXPECT_TRUE(bytes.substr(head.size()) == expected + kLastChunk.substr(2));
    }
  }
}

TEST(Client, RefusesToSendWhatWouldNotBeOneRequest) {
  struct Case {
    Sent sent;
    FailureCode code;
  };
  using enum FailureCode;
  const std::vector<Case> cases = {
      {{.method = "GET /x HTTP/1.1\r\n"}, RequestMethodInvalid},
      {{.method = ""}, RequestMethodInvalid},
      {{.method = "CONNECT"}, RequestMethodInvalid},
      {{.target = "/a b"}, RequestUriInvalid},
      {{.target = "/a\r\nx: y"}, RequestUriInvalid},
      {{.target = "http://other/"}, RequestUriInvalid},
      {{.target = ""}, RequestUriInvalid},
      {{.target = "/" + std::string(70'000, 'x')}, RequestUriTooLong},
      {{.headers = {{"a b", "c"}}}, ProtocolError},
      {{.headers = {{"a", "b\r\nc: d"}}}, ProtocolError},
      {{.headers = {{"content-length", "-1"}}}, ProtocolError},
      {{.headers = {{"content-length", "1"}, {"content-length", "2"}}}, ProtocolError},
      {{.headers = {{"content-length", "3"}}}, RequestBodySize},
      {{.method = "POST", .headers = {{"content-length", "3"}}, .body = "four"}, RequestBodySize},
      {{.method = "POST",
        .headers = {{"content-length", "3"}},
        .body = "four",
        .is_streamed = true},
       RequestBodySize},
      {{.method = "POST",
        .headers = {{"content-length", "5"}},
        .body = "four",
        .is_streamed = true},
       RequestBodySize},
  };
  for (const auto& item : cases) {
    const auto seen = ask({{.answers = {kHello}}}, item.sent);
    EXPECT_EQ(seen.failure, item.code) << item.sent.method << item.sent.target << seen.message;
  }
}

TEST(Client, UsesAConnectionAgainUnlessSomebodySaysOtherwise) {
  struct Case {
    std::string first;
    size_t connections;
  };
  const std::vector<Case> cases = {
      {kHello, 1},
      {"HTTP/1.1 204 OK\r\n\r\n", 1},
      {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 1},
      {"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx", 1},
      {"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", 2},
      {"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx", 2},
      // Bytes that nobody asked for would be the next response.
      {kHello + kHello, 2},
      {kHello + "x", 2},
      {"HTTP/1.1 204 OK\r\ncontent-length: 5\r\n\r\nhello", 2},
      {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200", 2},
  };
  for (const auto& item : cases) {
    io::EventLoop loop;
    Upstream upstream(loop, {{.answers = {item.first, kHello}}, {.answers = {kHello}}});
    Client client(loop, upstream);
    EXPECT_FALSE(loop.block_on(exchange(client, {})).failure) << item.first;
    EXPECT_EQ(client.counters().idle, 2 - item.connections) << item.first;
    EXPECT_EQ(loop.block_on(exchange(client, {})).body, "hello") << item.first;
    EXPECT_EQ(upstream.connections(), item.connections) << item.first;
    EXPECT_EQ(client.counters().open, client.counters().idle) << item.first;
  }
}

TEST(Client, OriginsDoNotShareConnections) {
  io::EventLoop loop;
  Upstream upstream(loop, {{.answers = {kHello, kHello}}});
  Client client(loop, upstream);
  EXPECT_EQ(loop.block_on(exchange(client, {}, test_origin("a"))).body, "hello");
  EXPECT_EQ(loop.block_on(exchange(client, {}, test_origin("b"))).body, "hello");
  EXPECT_EQ(client.counters().opened, 2u);
  client.close_idle();
  EXPECT_EQ(client.counters().open, 0u);
}

TEST(Client, DoesNotUseAConnectionThatTheServerClosedMeanwhile) {
  io::EventLoop loop;
  Upstream upstream(loop, {{.answers = {kHello}, .ending = Ending::Close}, {.answers = {kHello}}});
  Client client(loop, upstream);
  EXPECT_EQ(loop.block_on(exchange(client, {})).body, "hello");
  loop.poll();
  EXPECT_EQ(loop.block_on(exchange(client, {.method = "POST"})).body, "hello");
  EXPECT_EQ(upstream.connections(), 2u);
  EXPECT_EQ(client.counters().reused, 0u);
}

TEST(Client, RepeatsOnlyWhatMayBeRepeatedWhenAnOldConnectionDies) {
  struct Case {
    Sent sent;
    bool is_repeated;
  };
  const std::vector<Case> cases = {
      {{.method = "GET"}, true},    {{.method = "DELETE"}, true},
      {{.method = "POST"}, false},  {{.method = "brew"}, false},
      {{.method = "PATCH"}, false}, {{.method = "PUT", .body = "x"}, false},
  };
  for (const auto& item : cases) {
    io::EventLoop loop;
    // The second answer is none: the server reads the request and closes.
    Upstream upstream(loop,
                      {{.answers = {kHello, ""}, .ending = Ending::Close}, {.answers = {kHello}}});
    Client client(loop, upstream);
    EXPECT_EQ(loop.block_on(exchange(client, {})).body, "hello");
    const auto seen = loop.block_on(exchange(client, item.sent));
    if (item.is_repeated) {
      EXPECT_EQ(seen.body, "hello") << item.sent.method << seen.message;
    } else {
      EXPECT_EQ(seen.failure, FailureCode::ConnectionTerminated) << item.sent.method;
    }
    EXPECT_EQ(upstream.connections(), item.is_repeated ? 2u : 1u) << item.sent.method;
  }
}

TEST(Client, RepeatsOnceOnly) {
  io::EventLoop loop;
  Upstream upstream(loop, {{.answers = {kHello, ""}, .ending = Ending::Close},
                           {.answers = {""}, .ending = Ending::Close}});
  Client client(loop, upstream);
  EXPECT_EQ(loop.block_on(exchange(client, {})).body, "hello");
  EXPECT_EQ(loop.block_on(exchange(client, {})).failure, FailureCode::ConnectionTerminated);
  EXPECT_EQ(upstream.connections(), 2u);
}

TEST(Client, ReadsAnAnswerThatComesBeforeTheRequestIsOver) {
  struct Early {
    static io::Task<std::string> run(Client& client) {
      ClientRequest request{.origin = test_origin(), .method = "POST"};
      request.authority = "up";
      request.length = BodyLength::streamed();
      auto opening = client.open(request);
      auto exchange = (co_await std::move(opening)).take_value();
      auto flushing = exchange->request().flush();
      (void)co_await std::move(flushing);
      auto receiving = exchange->receive_head();
      (void)co_await std::move(receiving);
      auto next = exchange->response().read();
      auto piece = co_await io::Eventual<Bytes>::wait(std::move(next));
      co_return std::string(piece->begin(), piece->end());
    }
  };
  io::EventLoop loop;
  Upstream upstream(loop, {{.answers = {kHello}}});
  Client client(loop, upstream);
  EXPECT_EQ(loop.block_on(Early::run(client)), "hello");
  // The request was not over.
  EXPECT_EQ(client.counters().open, 0u);
}

TEST(Client, CarriesBigBodiesThroughSmallPipes) {
  const std::string big(3 << 20, 'x');
  const std::string raw =
      fmt::format("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}", big.size(), big);
  for (size_t read_size : {0u, 100u, 100'000u}) {
    const auto seen = ask({{.answers = {raw}}}, {.read_size = read_size}, {.capacity = 30'000});
    EXPECT_TRUE(seen.body == big) << read_size;
  }
}

}  // namespace
}  // namespace spindle::http
