// Requests over HTTP/2: the same handlers, and what the client sees of them.

#include <gmock/gmock.h>

#include "http/h2/test_client.h"

namespace spindle::http::h2 {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Http2, AnswersHoweverTheInputIsCut) {
  for (size_t fragment : {0, 1, 2, 3, 7, 40}) {
    SCOPED_TRACE(testing::Message() << "fragments of " << fragment);
    TestServer server({}, {.fragment = fragment});
    TestClient client(server);
    for (int turn = 0; turn < 3; ++turn) {
      const auto& reply = client.get("/hello");
      EXPECT_EQ(reply.status, "200");
      EXPECT_EQ(reply.body, "hello");
      EXPECT_EQ(reply.fields.at("content-length"), "5");
      EXPECT_EQ(reply.fields.count("date"), 1u);
      EXPECT_EQ(reply.fields.size(), 2u);
      EXPECT_EQ(reply.closed, ErrorCode::None);
    }
    EXPECT_EQ(server.server->counters().requests, 3u);
    EXPECT_EQ(server.server->counters().connections_accepted, 1u);
  }
}

TEST(Http2, ShowsTheHandlerWhatHttp1WouldHaveShown) {
  TestServer server;
  TestClient client(server);
  client.finish(client.ask({.method = "BREW",
                            .path = "/read?x=1",
                            .body = "abcd",
                            .fields = {{"cookie", "a=1"},
                                       {"x-one", "two"},
                                       {"cookie", "b=2"},
                                       {"te", "trailers"},
                                       {"host", "Shop.example:80"}},
                            .authority = "shop.example:80"}));
  client.finish(client.ask({.path = "/read", .fields = {{"host", "b"}}, .authority = ""}));
  EXPECT_THAT(server.handler.notes,
              ElementsAre("BREW shop.example:80 /read?x=1 [host=shop.example:80] [x-one=two] "
                          "[te=trailers] [cookie=a=1; b=2]",
                          "GET b /read [host=b]"));
}

struct Exchange {
  std::string_view name;
  Ask ask;
  std::string status;
  std::string body;
  std::optional<std::string> length;
  ErrorCode closed = ErrorCode::None;
};

std::vector<Exchange> exchanges() {
  return {
      {"sized body", {.method = "POST", .path = "/read", .body = "abcde"}, "200", "5", "1"},
      {"empty body", {.method = "POST", .path = "/read"}, "200", "0", "1"},
      {"HEAD", {.method = "HEAD"}, "200", "", "5"},
      {"no content", {.path = "/status?204"}, "204", "", std::nullopt},
      {"not modified", {.path = "/status?304"}, "304", "", std::nullopt},
      {"empty response", {.path = "/status?404"}, "404", "", "0"},
      {"unread body", {.method = "POST", .path = "/hello", .body = "abc"}, "200", "hello", "5"},
      {"announced length", {.path = "/announced"}, "200", "12345", "5"},
      {"fields of HTTP/1", {.path = "/te"}, "200", "12345", std::nullopt},
      {"no response", {.path = "/nothing"}, "500", "", "0"},
      {"failing handler", {.path = "/fail"}, "500", "", "0"},
      {"header injection", {.path = "/splitting"}, "500", "", "0"},
      {"too long a body", {.path = "/long"}, "200", "abc", "3"},
      {"asterisk", {.method = "OPTIONS", .path = "*"}, "404", "", "0"},
  };
}

TEST(Http2, AnswersAsHttp1Does) {
  for (const auto& exchange : exchanges()) {
    SCOPED_TRACE(exchange.name);
    TestServer server;
    TestClient client(server);
    const auto& reply = client.finish(client.ask(exchange.ask));
    EXPECT_EQ(reply.status, exchange.status);
    EXPECT_EQ(reply.body, exchange.body);
    auto found = reply.fields.find("content-length");
    EXPECT_EQ(found != reply.fields.end(), exchange.length.has_value());
    if (exchange.length && found != reply.fields.end()) EXPECT_EQ(found->second, *exchange.length);
    EXPECT_FALSE(reply.fields.contains("transfer-encoding"));
    EXPECT_EQ(reply.closed, exchange.closed);
    EXPECT_TRUE(reply.is_complete);
    // The connection goes on.
    EXPECT_EQ(client.get("/hello").body, "hello");
  }
}

TEST(Http2, CutsResponsesThatAreNotWhole) {
  for (const auto* path : {"/short", "/abort"}) {
    TestServer server;
    TestClient client(server);
    const auto& reply = client.get(path);
    EXPECT_EQ(reply.closed, ErrorCode::Internal) << path;
    EXPECT_FALSE(reply.is_complete);
    EXPECT_EQ(client.get("/hello").body, "hello");
  }
}

TEST(Http2, CarriesTrailersBothWays) {
  TestServer server;
  TestClient client(server);
  const auto& reply = client.finish(client.ask({.method = "POST",
                                                .path = "/echo",
                                                .body = "abc",
                                                .trailers = {{"grpc-status", "0"}, {"x", ""}}}));
  EXPECT_EQ(reply.body, "abc");
  EXPECT_THAT(reply.trailers, ElementsAre(std::pair("grpc-status", "0"), std::pair("x", "")));
  const auto& pieces = client.get("/pieces");
  EXPECT_EQ(pieces.body, "onetwothree");
  // What says how a message is framed is no trailer.
  EXPECT_THAT(pieces.trailers, ElementsAre(std::pair("x-sum", "11")));
}

TEST(Http2, EchoesBigBodiesThroughSmallBuffers) {
  std::string body(700'000, '\0');
  for (size_t at = 0; at < body.size(); ++at) body[at] = step_byte(at);
  for (size_t capacity : {3'000, 70'000}) {
    TestServer server({}, {.capacity = capacity});
    TestClient client(server, 20'000);
    std::vector<StreamId> ids;
    for (int i = 0; i < 3; ++i) {
      ids.push_back(client.ask({.method = "POST", .path = "/echo", .body = body}));
    }
    for (auto id : ids) EXPECT_TRUE(client.finish(id).body == body) << capacity;
  }
}

TEST(Http2, SendsBodiesInStepsThatKeepNoBytes) {
  for (const auto* path : {"/steps?300000", "/sized-steps?300000"}) {
    TestServer server({}, {.capacity = 5'000});
    TestClient client(server, 30'000);
    const auto& reply = client.get(path);
    ASSERT_EQ(reply.body.size(), 300'000u);
    for (size_t at = 0; at < reply.body.size(); ++at) {
      ASSERT_EQ(reply.body[at], step_byte(at)) << at;
    }
  }
}

TEST(Http2, ServesManyStreamsAtOnce) {
  TestServer server;
  TestClient client(server);
  std::vector<StreamId> ids;
  for (int i = 0; i < 90; ++i) {
    ids.push_back(client.ask({.method = "POST", .path = "/echo", .body = std::to_string(i)}));
  }
  for (int i = 0; i < 90; ++i) EXPECT_EQ(client.finish(ids[i]).body, std::to_string(i));
}

TEST(Http2, TakesNoMoreOfABodyThanTheHandlerReads) {
  Limits limits;
  limits.stream_window = 100'000;
  limits.connection_window = 250'000;
  TestServer server(limits);
  TestClient client(server);
  const std::string body(1'000'000, 'x');
  for (int i = 0; i < 4; ++i) client.ask({.method = "POST", .path = "/wait", .body = body});
  client.talk_until([&] { return client.body_bytes_sent() >= 250'000; });
  server.loop.poll();
  EXPECT_EQ(client.body_bytes_sent(), 250'000u);
  // Those who wait hold nobody up who sends nothing.
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST(Http2, GivesTheWindowBackForWhatNobodyReads) {
  Limits limits;
  limits.stream_window = 50'000;
  limits.connection_window = 70'000;
  TestServer server(limits);
  TestClient client(server);
  for (int turn = 0; turn < 10; ++turn) {
    const std::string body(40'000, 'x');
    auto id = client.ask({.method = "POST", .path = "/hello", .body = body});
    EXPECT_EQ(client.finish(id).body, "hello");
    EXPECT_EQ(client.reply(id).closed, ErrorCode::None);
  }
}

TEST(Http2, StopsAClientWhoseBodyNobodyReads) {
  Limits limits;
  limits.unread_body_bytes = 100'000;
  TestServer server(limits);
  TestClient client(server);
  auto id = client.ask({.method = "POST", .path = "/hello", .body = std::string(2'000'000, 'x')});
  const auto& reply = client.finish(id);
  EXPECT_EQ(reply.body, "hello");
  EXPECT_EQ(reply.closed, ErrorCode::None);
  EXPECT_LT(client.body_bytes_sent(), 1'000'000u);
}

TEST(Http2, SendsContinueOnlyWhenTheBodyIsRead) {
  TestServer server;
  TestClient client(server);
  Ask ask{.method = "POST", .path = "/read", .fields = {{"expect", "100-continue"}}};
  ask.is_open = true;
  auto reading = client.ask(ask);
  ask.path = "/hello";
  auto ignoring = client.ask(ask);
  client.talk_until(
      [&] { return client.reply(reading).interims > 0 && client.reply(ignoring).is_complete; });
  EXPECT_EQ(client.reply(reading).interims, 1u);
  EXPECT_EQ(client.reply(ignoring).interims, 0u);
}

TEST(Http2, TellsTheHandlerOfAStreamThatIsReset) {
  TestServer server;
  TestClient client(server);
  auto id = client.ask({.path = "/wait"});
  server.loop.block_on(server.handler.entered().wait());
  client.reset(id, ErrorCode::Cancel);
  server.loop.block_on(server.handler.gone().wait());
  EXPECT_EQ(server.server->counters().clients_gone, 1u);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST(Http2, TellsAllHandlersOfAClientThatLeaves) {
  TestServer server;
  TestClient client(server);
  client.ask({.path = "/wait"});
  client.ask({.path = "/wait"});
  client.get("/hello");
  client.close();
  server.loop.block_on(server.handler.gone().wait());
  server.drain(10s);
  EXPECT_EQ(server.server->counters().clients_gone, 2u);
  EXPECT_EQ(server.server->counters().requests_active, 0u);
}

TEST(Http2, AnswersABatchWithOneWrite) {
  TestServer server;
  auto wire = server.connect();
  std::string input = opening();
  for (uint32_t id = 1; id < 40; id += 2) input += headers(id, request_block());
  server.loop.block_on(send_text(*wire, input));
  auto output = server.loop.block_on(receive_until(*wire, "hello"));
  EXPECT_EQ(server.counts.writes, 1u);
}

TEST(Http2, SurvivesTheFailureOfEveryOperation) {
  for (size_t fail_at = 0; fail_at < 60; ++fail_at) {
    TestServer server({}, {.capacity = 4'000, .fail_at = fail_at});
    TestClient client(server, 10'000);
    auto echo = client.ask({.method = "POST", .path = "/echo", .body = std::string(9'000, 'x')});
    auto wait = client.ask({.path = "/pieces"});
    client.talk_until([&] {
      return client.reply(echo).closed.has_value() && client.reply(wait).closed.has_value();
    });
  }
}

}  // namespace
}  // namespace spindle::http::h2
