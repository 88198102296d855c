#include "http/server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <charconv>

#include "http/request_parser.h"
#include "http/test_fixture.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGet = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

struct Dialogue {
  std::string_view name;
  std::string input;
  std::string output;
};

std::vector<Dialogue> dialogues() {
  std::string get(kGet), hello(kHello);
  std::string last_hello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
  std::string chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  std::string post = "POST /read HTTP/1.1\r\nHost: a\r\n";
  auto sized = [](std::string text) {
    return "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  };
  return {
      {"keep-alive", get + get, hello + hello},
      {"blank lines first", "\r\n\r\n" + get, hello},
      {"asked to close", "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get,
       last_hello},
      {"HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n" + get, last_hello},
      {"HTTP/1.0 kept alive", "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
       "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\nhello"},
      {"HTTP/1.0 streamed", "POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
       "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc"},
      {"HEAD", "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" + get,
       "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" + hello},
      {"no content", "GET /status?204 HTTP/1.1\r\nHost: a\r\n\r\n" + get,
       "HTTP/1.1 204 No Content\r\n\r\n" + hello},
      {"not modified", "GET /status?304 HTTP/1.1\r\nHost: a\r\n\r\n" + get,
       "HTTP/1.1 304 Not Modified\r\n\r\n" + hello},
      {"empty body", "GET /status?404 HTTP/1.1\r\nHost: a\r\n\r\n",
       "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"},
      {"unregistered status", "GET /status?299 HTTP/1.1\r\nHost: a\r\n\r\n",
       "HTTP/1.1 299 \r\ncontent-length: 0\r\n\r\n"},
      {"sized body", post + "Content-Length: 5\r\n\r\nabcde" + get, sized("5") + hello},
      {"length of zero", post + "Content-Length: 0\r\n\r\n" + get, sized("0") + hello},
      {"chunked body",
       post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n" + get,
       sized("7") + hello},
      {"unread body", "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get,
       hello + hello},
      {"unread chunked body",
       "POST /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
       "3\r\nabc\r\n0\r\nx: y\r\n\r\n" +
           get,
       hello + hello},
      {"announced length", "GET /announced HTTP/1.1\r\nHost: a\r\n\r\n", sized("12345")},
      {"handler closes", "GET /close HTTP/1.1\r\nHost: a\r\n\r\n" + get,
       "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
       "5\r\n12345\r\n0\r\n\r\n"},
      {"handler's date", "GET /dated HTTP/1.1\r\nHost: a\r\n\r\n",
       "HTTP/1.1 200 OK\r\nDate: today\r\ntransfer-encoding: chunked\r\n\r\n"
       "5\r\n12345\r\n0\r\n\r\n"},
      {"handler's transfer-encoding", "GET /te HTTP/1.1\r\nHost: a\r\n\r\n",
       chunked + "5\r\n12345\r\n0\r\n\r\n"},
      {"pieces and trailers", "GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n",
       chunked + "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\nx-sum: 11\r\n\r\n"},
      {"no response", "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + get,
       "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n" + hello},
      {"failing handler", "GET /fail HTTP/1.1\r\nHost: a\r\n\r\n",
       "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"},
      {"too long a body", "GET /long HTTP/1.1\r\nHost: a\r\n\r\n", sized("abc")},
      {"header injection", "GET /splitting HTTP/1.1\r\nHost: a\r\n\r\n",
       "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"},
  };
}

TEST(Server, AnswersHoweverTheInputIsCut) {
  for (const auto& dialogue : dialogues()) {
    for (size_t fragment : {0, 1, 2, 3, 7, 40}) {
      SCOPED_TRACE(testing::Message() << dialogue.name << ", fragments of " << fragment);
      TestServer server({}, {.fragment = fragment});
      EXPECT_EQ(server.exchange(dialogue.input), dialogue.output);
    }
  }
}

TEST(Server, EchoesChunksWithTrailersHoweverTheyAreCut) {
  std::string input =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n1;e=\"f\"\r\nd\r\n00\r\nX-Sum:  4 \r\nEmpty:\r\n\r\n";
  for (size_t fragment = 0; fragment < 12; ++fragment) {
    TestServer server({}, {.fragment = fragment});
    auto output = server.exchange(input);
    EXPECT_THAT(output, testing::EndsWith("0\r\nx-sum: 4\r\nempty: \r\n\r\n")) << fragment;
    EXPECT_THAT(output, StartsWith("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"));
  }
}

TEST(Server, AnswersASmallRequestWithOneWrite) {
  TestServer server;
  auto client = server.connect();
  server.loop.block_on(send_text(*client, std::string(kGet)));
  server.loop.block_on(receive_until(*client, "hello"));
  EXPECT_EQ(server.counts.writes, 1u);
  EXPECT_LE(server.counts.reads, 2u);
}

TEST(Server, AnswersAPipelinedBurstWithOneWrite) {
  TestServer server;
  std::string input, expected;
  for (int i = 0; i < 10; ++i) {
    input += kGet;
    expected += kHello;
  }
  EXPECT_EQ(server.exchange(input), expected);
  EXPECT_EQ(server.counts.writes, 1u);
  EXPECT_EQ(server.server->counters().requests, 10u);
}

TEST(Server, AnswersALongPipelineInOrder) {
  TestServer server;
  std::string input, expected;
  for (int i = 0; i < 200; ++i) {
    input += kGet;
    expected += kHello;
  }
  EXPECT_EQ(server.exchange(input), expected);
}

TEST(Server, ShowsTheHandlerTheRequest) {
  TestServer server;
  server.exchange(
      "PROPFIND /read?x=1 HTTP/1.1\r\nHost: Example.com:80\r\nX-Odd: \x80\xff \t\r\nEmpty:\r\n"
      "Empty: b\r\n\r\nOPTIONS http://b/read HTTP/1.1\r\nHost: b\r\n\r\n");
  EXPECT_THAT(server.handler.notes,
              testing::ElementsAre("PROPFIND Example.com:80 /read?x=1 [host=Example.com:80] "
                                   "[x-odd=\x80\xff] [empty=] [empty=b]",
                                   "OPTIONS b /read [host=b]"));
}

TEST(Server, TakesAnyTokenForAMethodHoweverTheInputIsCut) {
  std::string rest = " /read HTTP/1.1\r\nHost: a\r\n";
  std::string zero = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n0";
  std::string three = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n3";
  std::string get(kGet), hello(kHello);
  for (const std::string& method :
       {std::string("BREW"), std::string("get"), std::string("POSTS"), std::string("GE"),
        std::string("PROPFIND"), std::string("DESCRIBE"), std::string("SOURCE"), std::string("PRI"),
        std::string("CONNECTED"), std::string("HEADS"), std::string("!#$%&'*+-.^_`|~09azAZ"),
        std::string(64, 'M')}) {
    std::string bare = method + rest + "\r\n";
    std::string sized = method + rest + "Content-Length: 3\r\n\r\nabc";
    std::string chunked = method + rest + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    // Behind another request, behind bodies of either framing, behind blank lines.
    std::string input = get + bare + sized + bare + chunked + bare + "\r\n\r\n" + bare + get;
    std::string output = hello + zero + three + zero + three + zero + zero + hello;
    for (size_t fragment = 0; fragment < 70; ++fragment) {
      SCOPED_TRACE(testing::Message() << method << ", fragments of " << fragment);
      TestServer server({}, {.fragment = fragment});
      ASSERT_EQ(server.exchange(input), output);
      EXPECT_THAT(server.handler.notes, testing::SizeIs(6));
      EXPECT_THAT(server.handler.notes, testing::Each(StartsWith(method + " a /read [host=a]")));
    }
  }
}

TEST(Server, TellsKnownMethodsFromOthers) {
  using enum Method;
  std::pair<std::string_view, Method> methods[] = {
      {"GET", Get},         {"HEAD", Head},   {"POST", Post},   {"PUT", Put},    {"DELETE", Delete},
      {"OPTIONS", Options}, {"TRACE", Trace}, {"PATCH", Patch}, {"BREW", Other}, {"Get", Other}};
  Limits limits;
  for (auto [name, method] : methods) {
    std::string input = std::string(name) + " / HTTP/1.1\r\nHost: a\r\n\r\n";
    // In two parts, cut at every byte; the second finds the bytes moved.
    for (size_t cut = 0; cut <= input.size(); ++cut) {
      RequestParser parser(limits);
      auto part = input.substr(0, cut);
      auto bytes = [](std::string& text) {
        return std::span(reinterpret_cast<uint8_t*>(text.data()), text.size());
      };
      auto progress = parser.parse_head(bytes(part));
      if (cut < input.size()) {
        EXPECT_EQ(progress, RequestParser::Progress::NeedMore) << name << " cut at " << cut;
        part.assign(part.size(), '?');
        progress = parser.parse_head(bytes(input));
      }
      ASSERT_EQ(progress, RequestParser::Progress::Complete) << name << " cut at " << cut;
      EXPECT_EQ(parser.head().method, method) << name;
      EXPECT_EQ(parser.head().method_name, name);
      EXPECT_EQ(parser.head().target, "/");
      EXPECT_EQ(parser.head_size(), input.size());
      EXPECT_TRUE(parser.wants_keep_alive());
    }
  }
}

TEST(Server, BreaksTheConnectionWhereABodyIsCut) {
  for (std::string path : {"/short", "/abort"}) {
    for (size_t fragment : {0, 1}) {
      TestServer server({}, {.fragment = fragment});
      auto output = server.exchange("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_THAT(output, testing::Not(HasSubstr("0\r\n\r\n"))) << path;
      EXPECT_THAT(output, testing::Not(HasSubstr("HTTP/1.1 500"))) << path;
      EXPECT_EQ(server.server->counters().requests_active, 0u);
    }
  }
}

TEST(Server, SendsContinueOnlyWhenTheBodyIsRead) {
  std::string head = " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  {
    TestServer server;
    auto client = server.connect();
    server.loop.block_on(send_text(*client, "POST /read" + head));
    auto first = server.loop.block_on(receive_until(*client, "\r\n\r\n"));
    EXPECT_EQ(first, "HTTP/1.1 100 Continue\r\n\r\n");
    server.loop.block_on(send_text(*client, "abc"));
    auto second = server.loop.block_on(receive_until(*client, "\r\n\r\n3"));
    EXPECT_THAT(second, HasSubstr("200 OK"));
  }
  TestServer server;
  auto output = server.exchange("POST /hello" + head);
  EXPECT_EQ(output, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
}

TEST(Server, SurvivesTheFailureOfEveryOperation) {
  std::string input =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "GET /stream?50000 HTTP/1.1\r\nHost: a\r\n\r\nGET /pieces HTTP/1.1\r\nHost: a\r\n\r\n";
  bool complete = false;
  for (size_t n = 0; n < 200 && !complete; ++n) {
    TestServer server({}, {.fragment = 0, .capacity = 1000, .fail_at = n});
    complete = server.exchange(input).ends_with("x-sum: 11\r\n\r\n");
    EXPECT_EQ(server.server->counters().connections_open, 0u) << n;
  }
  EXPECT_TRUE(complete);
}

TEST(Server, StreamsBigBodiesThroughSmallBuffers) {
  constexpr size_t kSize = 3'000'000;
  TestServer server({}, {.capacity = 2000});
  auto output = server.exchange("POST /echo HTTP/1.0\r\nContent-Length: " + std::to_string(kSize) +
                                "\r\n\r\n" + std::string(kSize, 'y'));
  EXPECT_TRUE(output.ends_with("\r\n\r\n" + std::string(kSize, 'y')));
  TestServer other({}, {.capacity = 1500});
  output = other.exchange("GET /stream?2000000 HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet));
  EXPECT_TRUE(output.ends_with(std::string(2'000'000, 'x') + std::string(kHello)));
}

// The body of a response, whichever way it is framed.
std::string body_of(std::string_view response) {
  const size_t head_end = response.find("\r\n\r\n") + 4;
  std::string_view rest = response.substr(head_end);
  if (!response.substr(0, head_end).contains("chunked")) return std::string(rest);
  std::string body;
  while (true) {
    const size_t line_end = rest.find("\r\n");
    size_t size = 0;
    if (line_end == rest.npos) return body + " cut";
    std::from_chars(rest.data(), rest.data() + line_end, size, 16);
    if (size == 0) return body;
    body += rest.substr(line_end + 2, size);
    rest.remove_prefix(line_end + 2 + size + 2);
  }
}

TEST(Server, BodiesLeaveInStepsThatKeepNoBytes) {
  for (const size_t size : {1uz, 4'096uz, 5'000uz, 300'000uz, 2'000'000uz}) {
    std::string expected(size, ' ');
    for (size_t at = 0; at < size; ++at) expected[at] = step_byte(at);
    for (const Wire& wire : {Wire{}, Wire{.fragment = 999}, Wire{.capacity = 700}}) {
      for (const char* path : {"/steps", "/sized-steps"}) {
        TestServer server({}, wire);
        const std::string response = server.exchange(
            fmt::format("GET {}?{} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", path, size));
        EXPECT_EQ(body_of(response) == expected, true)
            << path << " " << size << " capacity " << wire.capacity;
        EXPECT_THAT(server.errors, testing::IsEmpty());
      }
    }
  }
}

}  // namespace
}  // namespace spindle::http
