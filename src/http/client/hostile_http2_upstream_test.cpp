// Servers of HTTP/2 that break the rules, go slowly, refuse, or go away: frames as bytes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client/test_upstream.h"
#include "http/h2/test_client.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;
using enum FailureCode;
using h2::Frame;

// Ends a request's head: Huffman's code would make it longer, so it is sent as it is.
const std::string kEnd = "^^^^";

Sent request(Sent sent = {}) {
  sent.headers.push_back({"x-end", kEnd});
  return sent;
}

const std::string kSettings = Frame{.type = Frame::Settings}.bytes();

std::string head(uint32_t stream, uint8_t flags = 0,
                 const std::vector<std::pair<std::string, std::string>>& more = {}) {
  return h2::headers(stream, h2::block({{":status", "200"}}) + h2::block(more), flags);
}

std::string hello(uint32_t stream = 1) {
  return head(stream) + h2::data(stream, "hello", h2::kEndStream);
}

std::string reset(uint32_t stream, h2::ErrorCode code) {
  return Frame{
      .type = Frame::ResetStream, .stream = stream, .payload = h2::u32(static_cast<uint32_t>(code))}
      .bytes();
}

std::string goaway(uint32_t last, h2::ErrorCode code = h2::ErrorCode::None) {
  return Frame{.type = Frame::GoAway,
               .payload = h2::u32(last) + h2::u32(static_cast<uint32_t>(code))}
      .bytes();
}

Script script(std::string answer, Ending ending = Ending::Hold, std::string end = kEnd) {
  return {.answers = {kSettings + std::move(answer)}, .ending = ending, .request_end = end};
}

struct Run {
  Seen seen;
  Pool::Counters counters;
  size_t connections = 0;
};

Run ask(std::vector<Script> scripts, Sent sent = request(), UpstreamOptions options = {},
        ClientLimits limits = {}) {
  options.protocol = Protocol::Http2;
  io::EventLoop loop;
  Upstream upstream(loop, std::move(scripts), options);
  Client client(loop, upstream, limits);
  auto seen = loop.block_on(exchange(client, std::move(sent)));
  Run run{std::move(seen), client.counters(), upstream.connections()};
  client.close_idle();
  loop.poll();
  EXPECT_EQ(client.counters().open, 0u);
  return run;
}

struct Bad {
  std::string_view name;
  std::string raw;
  FailureCode code;
  bool has_head = false;
};

std::string fields(const std::vector<std::pair<std::string, std::string>>& list) {
  return h2::headers(1, h2::block(list));
}

std::string interims(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += h2::headers(1, h2::block({{":status", "103"}}), 0);
  return text;
}

std::vector<Bad> bad_responses() {
  std::vector<std::pair<std::string, std::string>> many = {{":status", "200"}};
  for (int i = 0; i < 300; ++i) many.push_back({"x", "y"});
  const std::string ping = Frame{.type = Frame::Ping, .payload = std::string(8, 'p')}.bytes();
  std::string pings;
  for (int i = 0; i < 3'000; ++i) pings += ping;
  std::string empty;
  for (int i = 0; i < 3'000; ++i) empty += h2::data(1, "");
  return {
      {"nothing", "", ConnectionTerminated},
      {"half a head", head(1).substr(0, 12), ConnectionTerminated},
      {"no HEADERS", h2::data(1, "x", h2::kEndStream), ProtocolError},
      {"HTTP/1.1", "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n", ProtocolError},
      {"no status", fields({{"x", "y"}}), ProtocolError},
      {"two statuses", fields({{":status", "200"}, {":status", "200"}}), ProtocolError},
      {"a status that is none", fields({{":status", "abc"}}), ProtocolError},
      {"a status below 100", fields({{":status", "099"}}), ProtocolError},
      {"switching protocols", fields({{":status", "101"}}), ProtocolError},
      {"a request", fields({{":method", "GET"}}), ProtocolError},
      {"upper case", fields({{":status", "200"}, {"X", "y"}}), ProtocolError},
      {"connection", fields({{":status", "200"}, {"connection", "close"}}), ProtocolError},
      {"CR in a value", fields({{":status", "200"}, {"x", "a\rb"}}), ProtocolError},
      {"too many fields", fields(many), ResponseHeaderSectionSize},
      {"too many interims", interims(20) + hello(), ProtocolError},
      {"a stream of the server's", head(2), ProtocolError},
      {"a stream that nobody opened", head(3), ProtocolError},
      {"a push",
       Frame{.type = Frame::Settings, .flags = h2::kAck}.bytes() +
           Frame{Frame::PushPromise, h2::kEndHeaders, 1, h2::u32(2)}.bytes(),
       ProtocolError},
      {"a frame that is too long", Frame{.payload = std::string(20'000, 'x')}.bytes(),
       ProtocolError},
      {"compression that is none", h2::headers(1, "\xff\xff\xff\xff\xff\xff"), ProtocolError},
      {"endless pings", pings, ProtocolError},
      {"reset", reset(1, h2::ErrorCode::Internal), ConnectionTerminated},
      {"reset for our errors", reset(1, h2::ErrorCode::Protocol), ProtocolError},
      {"HTTP/1.1 wanted", reset(1, h2::ErrorCode::Http11Required), ProtocolError},
      {"going away with an error", goaway(1, h2::ErrorCode::EnhanceYourCalm), ConnectionTerminated},
      {"more than announced", head(1, 0, {{"content-length", "3"}}) + h2::data(1, "hello"),
       ProtocolError, true},
      {"less than announced",
       head(1, 0, {{"content-length", "9"}}) + h2::data(1, "hello", h2::kEndStream), ProtocolError,
       true},
      {"a body cut short", head(1) + h2::data(1, "hello"), ResponseIncomplete, true},
      {"a body reset", head(1) + h2::data(1, "hello") + reset(1, h2::ErrorCode::Cancel),
       ResponseIncomplete, true},
      {"a body refused", head(1) + reset(1, h2::ErrorCode::RefusedStream), ResponseIncomplete,
       true},
      {"frames without data", head(1) + empty, ProtocolError, true},
      {"too long trailers",
       head(1) + h2::headers(1, h2::block({{"x", std::string(10'000, 'y')},
                                           {"x", std::string(5'000, 'y')}})),
       ResponseTrailerSectionSize, true},
  };
}

TEST(HostileHttp2Upstream, GetsNothingButAnErrorThrough) {
  for (const auto& bad : bad_responses()) {
    for (size_t fragment : {0u, 1u, 5u}) {
      if (fragment == 1 && bad.raw.size() > 10'000) continue;
      SCOPED_TRACE(fmt::format("{}, fragments of {}", bad.name, fragment));
      const auto run = ask({script(bad.raw, Ending::Close)}, request({.method = "POST"}),
                           {.fragment = fragment}, {.trailer_bytes = 12'000});
      EXPECT_EQ(run.seen.failure, bad.code) << run.seen.message;
      if (!bad.has_head) EXPECT_EQ(run.seen.status, 0);
      EXPECT_EQ(run.connections, 1u);
    }
  }
}

TEST(HostileHttp2Upstream, OneBadResponseIsNotTheEndOfTheOthers) {
  io::EventLoop loop;
  Upstream upstream(
      loop,
      {{.answers = {kSettings + reset(1, h2::ErrorCode::Internal), hello(3)}, .request_end = kEnd}},
      {.protocol = Protocol::Http2});
  Client client(loop, upstream);
  EXPECT_EQ(loop.block_on(exchange(client, request())).failure, ConnectionTerminated);
  // Fields that were sent before are sent as a number.
  const Sent second{.headers = {{"x-other", kEnd}}};
  EXPECT_EQ(loop.block_on(exchange(client, second)).body, "hello");
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST(Http2Repeats, WhatTheServerDidNotLookAt) {
  struct Case {
    std::string_view name;
    std::string first;
    Sent sent;
  };
  const std::string refused = reset(1, h2::ErrorCode::RefusedStream);
  const std::vector<Header> trailers = {{"x-sum", "1"}};
  // A second connection answers, so the first has to go.
  for (const auto& item : std::vector<Case>{
           {"GOAWAY", goaway(0), request()},
           {"GOAWAY, POST", goaway(0), request({.method = "POST"})},
           {"GOAWAY, a body", goaway(0), request({.method = "POST", .body = "some"})},
           {"REFUSED_STREAM and GOAWAY", refused + goaway(1), request({.method = "POST"})},
           {"a streamed body with trailers", goaway(0),
            request({.method = "POST", .body = "some", .is_streamed = true, .trailers = trailers})},
       }) {
    const std::string end = item.sent.body ? "some" : kEnd;
    const auto run =
        ask({script(item.first, Ending::Hold, end), script(hello(), Ending::Hold, end)}, item.sent);
    EXPECT_EQ(run.seen.body, "hello") << item.name << ": " << run.seen.message;
    EXPECT_EQ(run.connections, 2u) << item.name;
  }
}

TEST(Http2Repeats, OnTheSameConnectionToo) {
  io::EventLoop loop;
  Upstream upstream(loop,
                    {{.answers = {kSettings + reset(1, h2::ErrorCode::RefusedStream), hello(3)},
                      .request_end = "some"}},
                    {.protocol = Protocol::Http2});
  Client client(loop, upstream);
  const auto seen = loop.block_on(exchange(client, {.method = "POST", .body = "some"}));
  EXPECT_EQ(seen.body, "hello") << seen.message;
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST(Http2Repeats, NotForEver) {
  const auto refuses = script(goaway(0), Ending::Close);
  const auto run = ask({refuses});
  EXPECT_EQ(run.seen.failure, ConnectionTerminated) << run.seen.message;
  EXPECT_EQ(run.connections, 1 + ClientLimits{}.refusals);
}

TEST(Http2Repeats, NotABodyThatIsNoLongerThere) {
  const std::string big = std::string(65'535 - 4, 'x') + "some" + std::string(60'000, 'x');
  const auto run = ask({script(goaway(0), Ending::Hold, "some"), script(hello())},
                       request({.method = "POST", .body = big}), {.capacity = 1'000'000});
  EXPECT_EQ(run.seen.failure, ConnectionTerminated) << run.seen.message;
  EXPECT_EQ(run.connections, 1u);
}

TEST(Http2Repeats, OnlyWhatMayBeRepeatedWhenAnOldConnectionDies) {
  for (const std::string method : {"GET", "DELETE", "POST"}) {
    io::EventLoop loop;
    Upstream upstream(
        loop,
        {{.answers = {kSettings + hello(), ""}, .ending = Ending::Close, .request_end = kEnd},
         script(hello(), Ending::Hold)},
        {.protocol = Protocol::Http2});
    Client client(loop, upstream);
    EXPECT_EQ(loop.block_on(exchange(client, request())).body, "hello");
    Sent second{.method = method, .headers = {{"x-other", kEnd}}};
    const auto seen = loop.block_on(exchange(client, second));
    if (method == "POST") {
      EXPECT_EQ(seen.failure, ConnectionTerminated);
    } else {
      EXPECT_EQ(seen.body, "hello") << method << seen.message;
    }
  }
}

TEST(SlowHttp2Upstream, EveryWaitHasItsTimeout) {
  struct Case {
    std::string_view name;
    Script script;
    Sent sent;
    FailureCode code;
    bool is_dead;
  };
  const std::string silence;
  for (auto& item : std::vector<Case>{
           {"no response", {}, request(), ConnectionReadTimeout, true},
           {"settings only", script(silence), request(), ConnectionReadTimeout, false},
           {"half a body", script(head(1) + h2::data(1, "he")), request(), ConnectionReadTimeout,
            false},
           {"half a body, in steps", script(head(1) + h2::data(1, "he")),
            request({.read_size = 4096}), ConnectionReadTimeout, false},
           {"a window that stays closed", script(silence),
            request({.method = "POST", .body = std::string(200'000, 'x')}), ConnectionWriteTimeout,
            false},
       }) {
    item.sent.timeouts = {.connect = 30ms, .first_byte = 30ms, .between_bytes = 30ms};
    const auto run = ask({item.script}, item.sent);
    EXPECT_EQ(run.seen.failure, item.code) << item.name << ": " << run.seen.message;
    // Nothing came: no other request is given to it.
    EXPECT_EQ(run.counters.open, item.is_dead ? 0u : 1u) << item.name;
  }
}

TEST(Http2Upstream, InterimResponsesAreSkipped) {
  const auto run = ask({script(interims(3) + hello())});
  EXPECT_EQ(run.seen.body, "hello") << run.seen.message;
  EXPECT_EQ(run.seen.headers, "");
}

TEST(Http2Upstream, AServerThatWantsNoMoreOfTheRequestHasAnswered) {
  const auto answer = hello() + reset(1, h2::ErrorCode::None);
  io::EventLoop loop;
  Upstream upstream(loop, {script(answer)}, {.protocol = Protocol::Http2});
  Client client(loop, upstream);
  struct Early {
    static io::Task<std::string> run(Client& client) {
      const auto sent = request({.method = "POST", .body = "", .is_streamed = true});
      auto opening = client.open(request_of(sent));
      auto exchange = (co_await std::move(opening)).take_value();
      auto receiving = exchange->receive_head();
      EXPECT_TRUE((co_await std::move(receiving)).has_value());
      auto next = exchange->response().read();
      auto piece = co_await io::Eventual<Bytes>::wait(std::move(next));
      const std::string text(piece->begin(), piece->end());
      EXPECT_FALSE(exchange->request().try_write(Bytes(*piece)).has_value());
      co_return text;
    }
  };
  EXPECT_EQ(loop.block_on(Early::run(client)), "hello");
}

TEST(Pool, ThoseWhoComeWhileTheFirstConnectsShareItsSessionOrItsFailure) {
  struct Case {
    UpstreamOptions options;
    bool is_reached;
    size_t connections;
  };
  struct Note {
    static io::Task<void> run(Client& client, std::vector<Seen>& all) {
      Sent sent;
      sent.timeouts.connect = 50ms;
      Origin origin = test_origin();
      origin.plain = Protocol::Http2;
      auto running = exchange(client, std::move(sent), origin);
      all.push_back(co_await std::move(running));
    }
  };
  for (const auto& item :
       {Case{{.never_connects = true}, false, 0}, Case{{.protocol = Protocol::Http1}, true, 10},
        Case{{.protocol = Protocol::Http2}, true, 1}}) {
    std::string answers = kSettings;
    for (uint32_t stream = 1; stream < 20; stream += 2) answers += hello(stream);
    const bool is_h2 = item.options.protocol == Protocol::Http2;
    const Script answer{.answers = {is_h2 ? answers
                                          : "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n"
                                            "\r\nhello"},
                        .request_end = is_h2 ? std::string("\x82", 1) : "\r\n\r\n"};
    io::EventLoop loop;
    Upstream upstream(loop, {answer}, item.options);
    Client client(loop, upstream);
    io::TaskGroup group(loop);
    std::vector<Seen> all;
    for (int i = 0; i < 10; ++i) group.spawn(Note::run(client, all));
    loop.block_on(group.drained());
    ASSERT_EQ(all.size(), 10u);
    for (const auto& seen : all) {
      if (item.is_reached) {
        EXPECT_EQ(seen.body, "hello") << seen.message;
      } else {
        EXPECT_EQ(seen.failure, ConnectionTimeout) << seen.message;
      }
    }
    EXPECT_EQ(upstream.connections(), item.connections);
    client.close_idle();
    EXPECT_EQ(client.counters().open, 0u);
  }
}

}  // namespace
}  // namespace spindle::http
