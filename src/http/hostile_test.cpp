// Clients that break the rules, go slowly, or go away.

#include <gmock/gmock.h>

#include "http/test_fixture.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

struct Refused {
  std::string_view name;
  std::string input;
  int status;
};

std::vector<Refused> refused_heads() {
  std::string host = "Host: a\r\n";
  std::string get = "GET /hello HTTP/1.1\r\n";
  std::string smuggled = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  return {
      {"HTTP/0.9", "GET /hello\r\n\r\n" + smuggled, 505},
      {"HTTP/0.9, bare LF", "GET /hello\n" + host + "\r\n", 505},
      {"bare LF after version", "GET /hello HTTP/1.1\nHost: a\n\n", 400},
      {"bare LF after header", get + "Host: a\nX: y\r\n\r\n", 400},
      {"HTTP/2.0", "GET /hello HTTP/2.0\r\n" + host + "\r\n", 505},
      {"HTTP/1.2", "GET /hello HTTP/1.2\r\n" + host + "\r\n", 505},
      {"HTTP/3.7", "GET /hello HTTP/3.7\r\n" + host + "\r\n", 505},
      {"the line of the preface of HTTP/2", "PRI * HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"RTSP", "OPTIONS * RTSP/1.0\r\n\r\n", 505},
      {"TLS", "\x16\x03\x01\x02\x05\x01", 400},
      {"method too long", std::string(65, 'M') + " /hello HTTP/1.1\r\n" + host + "\r\n", 501},
      {"endless method", std::string(9'000, 'M'), 501},
      {"endless blank lines", std::string(70'000, '\n'), 431},
      {"no method", " /hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"method without a target", "BREW\r\n" + host + "\r\n", 400},
      {"tab behind the method", "BREW\t/hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"colon in the method", "BR:EW /hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"high byte in the method", "BR\x80W /hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"NUL in the method", std::string("BR\0W /hello HTTP/1.1\r\n", 22) + host + "\r\n", 400},
      {"unknown method, HTTP/0.9", "BREW /hello\r\n\r\n" + smuggled, 505},
      {"lower-case method, HTTP/0.9", "get /hello\r\n\r\n" + smuggled, 505},
      {"unknown method, HTTP/2.0", "BREW /hello HTTP/2.0\r\n" + host + "\r\n", 505},
      {"unknown method with an asterisk", "BREW * HTTP/1.1\r\n" + host + "\r\n", 400},
      {"unknown method without host", "BREW /hello HTTP/1.1\r\n\r\n", 400},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501},
      {"CONNECT of a path", "CONNECT /hello HTTP/1.1\r\n" + host + "\r\n", 501},
      {"no host", get + "\r\n", 400},
      {"two hosts", get + host + host + "\r\n", 400},
      {"empty host", get + "Host:\r\n\r\n", 400},
      {"host with a path", get + "Host: a/b\r\n\r\n", 400},
      {"host with userinfo", get + "Host: u@a\r\n\r\n", 400},
      {"host with a bad port", get + "Host: a:99999\r\n\r\n", 400},
      {"host differs from target", "GET http://b/hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"target of another scheme", "GET ftp://a/ HTTP/1.1\r\n" + host + "\r\n", 400},
      {"asterisk with GET", "GET * HTTP/1.1\r\n" + host + "\r\n", 400},
      {"relative target", "GET hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"high byte in target", "GET /h\x80 HTTP/1.1\r\n" + host + "\r\n", 400},
      {"NUL in target", std::string("GET /h\0 HTTP/1.1\r\n", 19) + host + "\r\n", 400},
      {"space before colon", get + "Host : a\r\n\r\n", 400},
      {"space before name", get + " Host: a\r\n\r\n", 400},
      {"folded line", get + host + "X: a\r\n b\r\n\r\n", 400},
      {"no colon", get + host + "X\r\n\r\n", 400},
      {"empty name", get + host + ": x\r\n\r\n", 400},
      {"bare CR in value", get + host + "X: a\rb\r\n\r\n", 400},
      {"NUL in value", get + host + std::string("X: a\0b\r\n\r\n", 10), 400},
      {"control byte in value",
       get + host +
           "X: a\x01"
           "b\r\n\r\n",
       400},
      {"head too large", get + host + "X: " + std::string(70'000, 'x') + "\r\n\r\n", 431},
      {"endless head", get + host + "X: " + std::string(200'000, 'x'), 431},
      {"too many headers",
       [&] {
         std::string text = get + host;
         for (int i = 0; i < 200; ++i) text += "X: y\r\n";
         return text + "\r\n";
       }(),
       431},
      {"target too long", "GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n" + host + "\r\n",
       414},
      {"input ends in the head", get + "Ho", 400},
  };
}

std::vector<Refused> refused_framings() {
  std::string post = "POST /read HTTP/1.1\r\nHost: a\r\n";
  std::string smuggled = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  return {
      {"two lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"length list", post + "Content-Length: 3, 3\r\n\r\nabc", 400},
      {"signed length", post + "Content-Length: +3\r\n\r\nabc", 400},
      {"hexadecimal length", post + "Content-Length: 0x3\r\n\r\nabc", 400},
      {"empty length", post + "Content-Length:\r\n\r\nabc", 400},
      {"length above 2^64", post + "Content-Length: 18446744073709551616\r\n\r\n", 400},
      {"length and chunked",
       post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400},
      {"chunked and length",
       post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + smuggled, 400},
      {"x, chunked", post + "Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked, x", post + "Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n", 400},
      {"gzip", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"chunked twice",
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"identity", post + "Transfer-Encoding: identity\r\n\r\n" + smuggled, 501},
      {"xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n" + smuggled, 501},
      {"chunked in HTTP/1.0", "POST /read HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"unknown expectation", post + "Expect: miracles\r\n\r\n", 417},
      {"body too large", post + "Content-Length: 5000\r\n\r\n", 413},
  };
}

TEST(HostileClient, IsRefusedHoweverTheInputIsCut) {
  Limits limits;
  limits.body_bytes = 4000;
  auto requests = refused_heads();
  std::ranges::copy(refused_framings(), std::back_inserter(requests));
  for (const auto& request : requests) {
    for (size_t fragment : {0, 1, 5}) {
      if (fragment > 0 && request.input.size() > 10'000) continue;
      SCOPED_TRACE(testing::Message() << request.name << ", fragments of " << fragment);
      TestServer server(limits, {.fragment = fragment});
      auto output = server.exchange(request.input);
      EXPECT_THAT(output, StartsWith("HTTP/1.1 " + std::to_string(request.status) + " "));
      EXPECT_THAT(output, HasSubstr("connection: close\r\n"));
      // Nothing behind the refused request is taken for another one.
      EXPECT_EQ(output.find("HTTP/1.1 ", 1), std::string::npos) << output;
      EXPECT_EQ(server.server->counters().requests, 0u);
      EXPECT_EQ(server.server->counters().requests_rejected, 1u);
    }
  }
}

TEST(HostileClient, GetsNoSecondAnswerAfterABrokenBody) {
  std::string head = "POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string next = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string& body : {
           std::string("3\nabc\r\n0\r\n\r\n"),
           std::string("3\r\nabcd\r\n0\r\n\r\n"),
           std::string("3\r\nabc\n0\r\n\r\n"),
           std::string("-3\r\nabc\r\n0\r\n\r\n"),
           std::string("0x3\r\nabc\r\n0\r\n\r\n"),
           std::string("10000000000000000\r\nabc\r\n0\r\n\r\n"),
           std::string(" 3\r\nabc\r\n0\r\n\r\n"),
           std::string("\r\n"),
           "3;" + std::string(1000, 'x') + "\r\nabc\r\n0\r\n\r\n",
           "0\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
           std::string("0\r\nX\r\n\r\n"),
           std::string("3\r\nab"),
       }) {
    for (size_t fragment : {0, 1, 3}) {
      if (fragment > 0 && body.size() > 10'000) continue;
      TestServer server({}, {.fragment = fragment});
      bool is_cut = body == "3\r\nab";
      auto output = server.exchange(head + body + (is_cut ? "" : next));
      EXPECT_THAT(output, testing::Not(HasSubstr("hello"))) << body.substr(0, 50);
      EXPECT_THAT(output, testing::Not(HasSubstr("200 OK"))) << body.substr(0, 50);
    }
  }
}

TEST(HostileClient, MeetsTheLimitOnStreamedBodies) {
  Limits limits;
  limits.body_bytes = 5;
  TestServer server(limits);
  server.exchange(
      "POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n");
  ASSERT_EQ(server.errors.size(), 1u);
  EXPECT_THAT(server.errors[0], HasSubstr("more than 5 bytes"));
}

Limits short_times() {
  Limits limits;
  limits.tick = 5ms;
  limits.head_time = 20ms;
  limits.keep_alive_time = 20ms;
  limits.body_idle_time = 20ms;
  limits.write_idle_time = 20ms;
  limits.linger_time = 20ms;
  return limits;
}

TEST(SlowClient, IsToldWhenItsHeadTakesTooLong) {
  TestServer server(short_times(), {.half_close = false});
  EXPECT_THAT(server.exchange("GET /hello HT"), StartsWith("HTTP/1.1 408 "));
}

TEST(SlowClient, IsClosedWhenItIsIdle) {
  TestServer server(short_times(), {.half_close = false});
  EXPECT_EQ(server.exchange(""), "");
  EXPECT_THAT(server.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
}

TEST(SlowClient, MakesReadingTheBodyATimeout) {
  TestServer server(short_times(), {.half_close = false});
  server.exchange("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
  ASSERT_EQ(server.errors.size(), 1u);
  EXPECT_THAT(server.errors[0], HasSubstr("nothing of the request body for too long"));
}

io::Task<void> wait_closed(io::EventLoop& loop, Server& server) {
  while (server.counters().connections_open > 0) co_await io::sleep_for(loop, 1ms);
}

TEST(SlowClient, IsClosedWhenItDoesNotReadTheResponse) {
  TestServer server(short_times(), {.capacity = 500});
  auto client = server.connect();
  server.loop.block_on(send_text(*client, "GET /stream?100000 HTTP/1.1\r\nHost: a\r\n\r\n"));
  server.loop.block_on(wait_closed(server.loop, *server.server));
  EXPECT_EQ(server.server->counters().timeouts, 1u);
}

TEST(LeavingClient, IsNoticedWhileTheHandlerRuns) {
  Limits limits;
  limits.tick = 5ms;
  TestServer server(limits);
  auto client = server.connect();
  server.loop.block_on(send_text(*client, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
  server.loop.block_on(server.handler.entered().wait());
  EXPECT_FALSE(server.handler.gone().is_set());
  client->close();
  server.loop.block_on(server.handler.gone().wait());
  server.loop.block_on(wait_closed(server.loop, *server.server));
  EXPECT_EQ(server.server->counters().clients_gone, 1u);
}

TEST(WaitingHandler, HasItsHeadSentMeanwhile) {
  TestServer server(short_times());
  auto client = server.connect();
  server.loop.block_on(send_text(*client, "GET /wait?start HTTP/1.1\r\nHost: a\r\n\r\n"));
  auto output = server.loop.block_on(receive_until(*client, "\r\n\r\n"));
  EXPECT_THAT(output, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(Drain, ClosesIdleConnectionsAndFinishesRunningOnes) {
  TestServer server(short_times());
  auto idle = server.connect();
  auto busy = server.connect();
  server.loop.block_on(
      send_text(*busy, "POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"));
  server.loop.block_on(server.handler.entered().wait());
  io::TaskGroup group(server.loop);
  group.spawn(server.server->drain(10s));
  EXPECT_EQ(server.loop.block_on(receive_all(*idle)), "");
  server.loop.block_on(send_text(*busy, "abc"));
  auto output = server.loop.block_on(receive_all(*busy));
  EXPECT_THAT(output, HasSubstr("connection: close\r\n"));
  EXPECT_THAT(output, testing::EndsWith("\r\n\r\n3"));
  server.loop.block_on(group.drained());
  server.drained = true;
}

TEST(Drain, BreaksWhatIsLeftAtTheDeadline) {
  TestServer server;
  auto client = server.connect();
  server.loop.block_on(send_text(*client, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
  server.loop.block_on(server.handler.entered().wait());
  server.drain(10ms);
  EXPECT_TRUE(server.handler.gone().is_set());
  EXPECT_EQ(server.loop.block_on(receive_all(*client)), "");
}

TEST(Connections, AboveTheLimitAreToldToComeBack) {
  Limits limits;
  limits.connections = 1;
  TestServer server(limits);
  auto first = server.connect();
  auto output = server.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(output, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(output, HasSubstr("retry-after: 1\r\n"));
  first->close();
  server.loop.block_on(wait_closed(server.loop, *server.server));
  output = server.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(output, StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace spindle::http
