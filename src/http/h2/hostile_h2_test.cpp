// Clients of HTTP/2 that break the rules, go slowly, or go away.

#include <gmock/gmock.h>

#include "http/h2/test_client.h"

namespace spindle::http::h2 {
namespace {

using namespace std::chrono_literals;

uint32_t number_at(const std::string& payload, size_t at) {
  uint32_t number = 0;
  for (size_t i = at; i < at + 4; ++i) number = number << 8 | static_cast<uint8_t>(payload[i]);
  return number;
}

// What the server said at the end: of the connection or of stream 1.
struct Verdict {
  std::optional<ErrorCode> connection;
  std::optional<ErrorCode> stream;
  std::string status;
};

class VerdictReader final : private CodecOwner, private CodecStream {
 public:
  // Decodes the heads of stream 1 among frames that a server sent.
  static std::string status_of(const std::vector<Frame>& frames) {
    VerdictReader reader;
    auto codec = Codec::create({.role = Role::Client}, reader);
    EXPECT_TRUE(codec.has_value());
    std::vector<Header> fields = {
        {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    auto id = (*codec)->request(reader, fields, HasBody::Yes);
    EXPECT_TRUE(id.has_value());
    std::string unused;
    EXPECT_TRUE((*codec)->produce(unused, 1 << 16).has_value());
    for (const auto& frame : frames) {
      const bool is_wanted = frame.type == Frame::Settings || frame.type == Frame::Headers;
      if (!is_wanted || frame.stream > 1) continue;
      auto bytes = frame.bytes();
      (void)(*codec)->receive(as_bytes(bytes));
    }
    return reader.status_;
  }

 private:
  CodecStream* open_stream(StreamId) override { return nullptr; }
  void note_idle_frame() override {}
  void peer_goes_away(StreamId, ErrorCode) override {}
  void begin_head() override {}
  void field(std::string_view name, std::string_view value) override {
    if (name == ":status") status_ = value;
  }
  void end_head(bool) override {}
  void data(Bytes) override {}
  void end_body() override {}
  BodyStep next_body(size_t) override { return {}; }
  void append_body(size_t, std::string&) override {}
  HeaderView trailers_to_send() override { return {}; }
  void sent_last() override {}
  void closed(ErrorCode) override {}

  std::string status_;
};

Verdict verdict_of(const std::string& output) {
  Verdict verdict;
  const auto frames = parse_frames(output);
  for (const auto& frame : frames) {
    if (frame.type == Frame::GoAway) {
      verdict.connection = static_cast<ErrorCode>(number_at(frame.payload, 4));
    } else if (frame.type == Frame::ResetStream && frame.stream == 1) {
      verdict.stream = static_cast<ErrorCode>(number_at(frame.payload, 0));
    }
  }
  verdict.status = VerdictReader::status_of(frames);
  return verdict;
}

struct Case {
  std::string_view name;
  std::string input;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string request(const Fields& fields, uint8_t flags = kEndStream) {
  return headers(1, block(fields), flags);
}

std::string with(const Fields& more, uint8_t flags = kEndStream) {
  return headers(1, request_block("/hello", more), flags);
}

// The client gets an answer that says why.
struct RefusedRequest {
  std::string_view name;
  std::string input;
  std::string status;
};

std::vector<RefusedRequest> refused_requests() {
  auto target = [](std::string path) { return headers(1, request_block(std::move(path))); };
  auto authority = [](std::string name) {
    return request({{":method", "GET"}, {":scheme", "http"}, {":authority", name}, {":path", "/"}});
  };
  Fields many;
  for (int i = 0; i < 130; ++i) many.emplace_back("x-" + std::to_string(i), "y");
  return {
      {"two hosts",
       request({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "a"}}), "200"},
      {"host differs", with({{"host", "b"}}), "400"},
      {"authority with userinfo", authority("u@a"), "400"},
      {"authority with a bad port", authority("a:99999"), "400"},
      {"target too long", target("/" + std::string(9'000, 'x')), "414"},
      {"another scheme",
       request({{":method", "GET"}, {":scheme", "ftp"}, {":authority", "a"}, {":path", "/"}}),
       "400"},
      {"method too long",
       request({{":method", std::string(65, 'M')},
                {":scheme", "http"},
                {":authority", "a"},
                {":path", "/"}}),
       "501"},
      {"CONNECT", request({{":method", "CONNECT"}, {":authority", "a:80"}}), "501"},
      {"unknown expectation", with({{"expect", "miracles"}}), "417"},
      {"too many fields", headers(1, request_block("/hello", many)), "431"},
      {"fields too large", with({{"x", std::string(9'000, 'x')}}), "431"},
      {"body too large", with({{"content-length", "5000"}}, 0), "413"},
  };
}

Limits narrow() {
  Limits limits;
  limits.tick = 5ms;
  limits.head_time = 20ms;
  limits.keep_alive_time = 20ms;
  limits.body_idle_time = 20ms;
  limits.write_idle_time = 20ms;
  limits.linger_time = 20ms;
  limits.head_bytes = 8'000;
  limits.target_bytes = 7'000;
  limits.body_bytes = 4'000;
  return limits;
}

TEST(HostileHttp2Client, IsToldWhatIsWrongWithARequest) {
  for (const auto& refused : refused_requests()) {
    for (size_t fragment : {0, 5}) {
      SCOPED_TRACE(testing::Message() << refused.name << ", fragments of " << fragment);
      auto limits = narrow();
      // 414 comes first.
      if (refused.status == "414") limits.head_bytes = 20'000;
      TestServer server(limits, {.fragment = fragment, .half_close = false});
      auto verdict = verdict_of(server.exchange(opening() + refused.input));
      const bool is_refused = refused.status != "200" && refused.name != "two hosts";
      if (is_refused) EXPECT_EQ(verdict.status, refused.status);
      EXPECT_EQ(server.server->counters().requests, is_refused ? 0u : 1u);
      EXPECT_EQ(server.server->counters().requests_rejected, is_refused ? 1u : 0u);
      EXPECT_FALSE(verdict.stream.value_or(ErrorCode::None) != ErrorCode::None);
    }
  }
}

// The stream is reset, the connection goes on: it ends when it has been idle.
std::vector<Case> malformed_requests() {
  const Fields get = {
      {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/hello"}};
  auto without = [&](size_t at) {
    auto fields = get;
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(at));
    return request(fields);
  };
  auto behind = get;
  behind.insert(behind.begin(), {"x", "y"});
  return {
      {"no method", without(0)},
      {"no scheme", without(1)},
      {"no path", without(3)},
      {"no authority", without(2)},
      {"target with a space", headers(1, request_block("/a b"))},
      {"absolute target", headers(1, request_block("http://a/"))},
      {"asterisk with GET", headers(1, request_block("*"))},
      {"invalid method",
       request({{":method", "G T"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}})},
      {"pseudo-fields behind others", request(behind)},
      {"method twice", with({{":method", "GET"}})},
      {"unknown pseudo-field", with({{":secret", "x"}})},
      {"status in a request", with({{":status", "200"}})},
      {"connection", with({{"connection", "close"}})},
      {"keep-alive", with({{"keep-alive", "5"}})},
      {"transfer-encoding", with({{"transfer-encoding", "chunked"}})},
      {"upgrade", with({{"upgrade", "websocket"}})},
      {"te other than trailers", with({{"te", "gzip"}})},
      {"upper case", with({{"X-Upper", "y"}})},
      {"name with a space", with({{"x y", "z"}})},
      {"line break in a value", with({{"x", "y\r\nz: w"}})},
      {"NUL in a value", with({{"x", std::string("y\0z", 3)}})},
      {"empty path",
       request({{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", ""}})},
      {"two content-lengths", with({{"content-length", "3"}, {"content-length", "4"}}, 0)},
      {"content-length of an empty body", with({{"content-length", "3"}})},
      {"bad content-length", with({{"content-length", "-3"}}, 0)},
      {"body shorter than announced",
       with({{"content-length", "5"}}, 0) + data(1, "abc", kEndStream)},
      {"body longer than announced", with({{"content-length", "2"}}, 0) + data(1, "abc")},
      {"window of zero", with({}, 0) + Frame{Frame::WindowUpdate, 0, 1, u32(0)}.bytes()},
      {"window overflow", with({}, 0) + Frame{Frame::WindowUpdate, 0, 1, u32(0x7fffffff)}.bytes()},
      {"trailers without an end", with({}, 0) + headers(1, block({{"x", "y"}}), 0)},
      {"pseudo-fields in trailers", with({}, 0) + headers(1, block({{":path", "/"}}))},
  };
}

TEST(HostileHttp2Client, HasMalformedStreamsReset) {
  for (const auto& malformed : malformed_requests()) {
    for (size_t fragment : {0, 3}) {
      SCOPED_TRACE(testing::Message() << malformed.name << ", fragments of " << fragment);
      TestServer server(narrow(), {.fragment = fragment, .half_close = false});
      auto verdict = verdict_of(server.exchange(opening() + malformed.input));
      const bool is_ended = verdict.stream.value_or(ErrorCode::None) != ErrorCode::None ||
                            verdict.connection.value_or(ErrorCode::None) != ErrorCode::None;
      EXPECT_TRUE(is_ended);
      EXPECT_EQ(server.server->counters().requests_active, 0u);
    }
  }
}

std::vector<Case> broken_connections() {
  auto frame = [](uint8_t type, uint32_t stream, std::string payload, uint8_t flags = 0) {
    return Frame{type, flags, stream, std::move(payload)}.bytes();
  };
  std::string continuations = frame(Frame::Headers, 1, request_block());
  for (int i = 0; i < 1000; ++i) continuations += frame(Frame::Continuation, 1, "");
  return {
      {"frame too large", frame(Frame::Data, 1, std::string(20'000, 'x'))},
      {"data before a request", data(1, "abc")},
      {"an even stream", headers(2, request_block())},
      {"stream 0 with fields", headers(0, request_block())},
      {"settings of a stream", frame(Frame::Settings, 1, "")},
      {"settings of a bad size", frame(Frame::Settings, 0, "abc")},
      {"settings with a bad window",
       frame(Frame::Settings, 0, std::string("\0\4\xff\xff\xff\xff", 6))},
      {"many settings", frame(Frame::Settings, 0, std::string(6 * 100, '\x7f'))},
      {"ping of a bad size", frame(Frame::Ping, 0, "abc")},
      {"push promise", frame(Frame::PushPromise, 1, u32(2) + request_block(), kEndHeaders)},
      {"continuation of nothing", frame(Frame::Continuation, 1, request_block(), kEndHeaders)},
      {"fields interrupted",
       frame(Frame::Headers, 1, request_block()) + frame(Frame::Ping, 0, "12345678")},
      {"fields that are no HPACK", headers(1, "\xff\xff\xff\xff\xff\xff\xff\xff")},
      {"continuations without end", continuations},
      {"connection window overflow", frame(Frame::WindowUpdate, 0, u32(0x7fffffff))},
      {"reset of nothing", frame(Frame::ResetStream, 5, u32(8))},
  };
}

TEST(HostileHttp2Client, IsLeftWhenItBreaksTheConnection) {
  for (const auto& broken : broken_connections()) {
    for (size_t fragment : {0, 3}) {
      SCOPED_TRACE(testing::Message() << broken.name << ", fragments of " << fragment);
      TestServer server(narrow(), {.fragment = fragment, .half_close = false});
      auto verdict = verdict_of(server.exchange(opening() + broken.input));
      EXPECT_NE(verdict.connection.value_or(ErrorCode::Internal), ErrorCode::None);
    }
  }
}

TEST(HostileHttp2Client, IsLeftWhenThePrefaceIsBroken) {
  for (std::string preface :
       {"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r"}) {
    TestServer server(narrow(), {.half_close = false});
    auto output = server.exchange(preface + std::string(preface.ends_with('\n') ? 20 : 0, 'x'));
    EXPECT_EQ(server.server->counters().requests, 0u);
  }
}

TEST(HostileHttp2Client, CannotResetStreamsForEver) {
  Limits limits;
  limits.stream_resets = 50;
  for (auto code : {ErrorCode::Cancel, ErrorCode::None}) {
    TestServer server(limits, {.half_close = false});
    std::string input = opening();
    for (uint32_t id = 1; id < 8'000; id += 2) {
      input += headers(id, request_block("/wait"));
      input += Frame{Frame::ResetStream, 0, id, u32(static_cast<uint32_t>(code))}.bytes();
    }
    auto verdict = verdict_of(server.exchange(input));
    EXPECT_EQ(verdict.connection, ErrorCode::EnhanceYourCalm);
    EXPECT_EQ(server.server->counters().requests_active, 0u);
    EXPECT_LT(server.server->counters().requests, 1'000u);
  }
}

TEST(HostileHttp2Client, CannotHaveTheServerResetStreamsForEver) {
  Limits limits;
  limits.stream_resets = 50;
  TestServer server(limits, {.half_close = false});
  std::string input = opening();
  for (uint32_t id = 1; id < 4'000; id += 2) {
    input += headers(id, request_block("/wait"), 0);
    input += Frame{Frame::WindowUpdate, 0, id, u32(0)}.bytes();
  }
  auto verdict = verdict_of(server.exchange(input));
  EXPECT_NE(verdict.connection.value_or(ErrorCode::None), ErrorCode::None);
  EXPECT_LT(server.server->counters().requests, 1'000u);
}

TEST(HostileHttp2Client, CannotAskForNothingForEver) {
  Limits limits;
  limits.idle_frames = 100;
  const std::vector<Case> floods = {
      {"ping", Frame{Frame::Ping, 0, 0, "12345678"}.bytes()},
      {"settings", Frame{.type = Frame::Settings}.bytes()},
      {"priority", Frame{Frame::Priority, 0, 1, u32(3) + "x"}.bytes()},
      {"empty data", data(1, "")},
  };
  for (const auto& flood : floods) {
    SCOPED_TRACE(flood.name);
    TestServer server(limits, {.half_close = false});
    std::string input = opening() + headers(1, request_block("/wait"), 0);
    for (int i = 0; i < 2'000; ++i) input += flood.input;
    auto verdict = verdict_of(server.exchange(input));
    EXPECT_EQ(verdict.connection, ErrorCode::EnhanceYourCalm);
    EXPECT_TRUE(server.handler.gone().is_set());
  }
}

TEST(HostileHttp2Client, MayNotOpenMoreStreamsThanAllowed) {
  Limits limits;
  limits.streams = 10;
  TestServer server(limits);
  auto wire = server.connect();
  std::string input = opening();
  for (uint32_t id = 1; id <= 41; id += 2) input += headers(id, request_block("/wait"));
  server.loop.block_on(send_text(*wire, input));
  server.loop.block_on(server.handler.entered().wait());
  server.loop.poll();
  EXPECT_LE(server.server->counters().requests, 10u);
  wire->close();
}

TEST(HostileHttp2Client, MeetsTheLimitsOnBodiesAndTrailers) {
  Limits limits;
  limits.body_bytes = 5;
  limits.trailer_bytes = 50;
  TestServer server(limits);
  TestClient client(server);
  EXPECT_EQ(client.finish(client.ask({.method = "POST", .path = "/read", .body = "abcdef"})).status,
            "500");
  const std::string value(100, 'x');
  client.finish(client.ask({.method = "POST", .path = "/read", .trailers = {{"x", value}}}));
  ASSERT_EQ(server.errors.size(), 2u);
  EXPECT_THAT(server.errors[0], testing::HasSubstr("more than 5 bytes"));
  EXPECT_THAT(server.errors[1], testing::HasSubstr("trailers"));
}

TEST(SlowHttp2Client, IsLeftWhenItIsIdle) {
  TestServer server(narrow(), {.half_close = false});
  auto verdict = verdict_of(server.exchange(opening()));
  EXPECT_EQ(verdict.connection, ErrorCode::None);
  verdict = verdict_of(server.exchange(opening() + headers(1, request_block())));
  EXPECT_EQ(verdict.status, "200");
  EXPECT_EQ(verdict.connection, ErrorCode::None);
  EXPECT_EQ(server.server->counters().timeouts, 2u);
}

TEST(SlowHttp2Client, IsLeftWhenAHeadTakesTooLong) {
  auto limits = narrow();
  limits.keep_alive_time = 1h;
  TestServer server(limits, {.half_close = false});
  auto input = opening() + headers(1, request_block("/wait")) +
               Frame{Frame::Headers, kEndStream, 3, request_block()}.bytes();
  auto verdict = verdict_of(server.exchange(input));
  EXPECT_EQ(verdict.connection, ErrorCode::EnhanceYourCalm);
  EXPECT_TRUE(server.handler.gone().is_set());
}

TEST(SlowHttp2Client, MakesReadingTheBodyATimeout) {
  TestServer server(narrow());
  TestClient client(server);
  auto id = client.ask({.method = "POST", .path = "/read", .body = "abc", .is_open = true});
  client.finish(id);
  ASSERT_EQ(server.errors.size(), 1u);
  EXPECT_THAT(server.errors[0], testing::HasSubstr("nothing of the request body for too long"));
}

TEST(SlowHttp2Client, LosesTheResponseThatItDoesNotTake) {
  auto limits = narrow();
  limits.keep_alive_time = limits.head_time = 1h;
  TestServer server(limits);
  TestClient client(server, 1'000);
  auto stuck = client.ask({.path = "/stream?100000", .is_stuck = true});
  EXPECT_EQ(client.finish(stuck).closed, ErrorCode::Cancel);
  EXPECT_EQ(client.reply(stuck).body.size(), 1'000u);
  EXPECT_EQ(server.server->counters().timeouts, 1u);
  // What fits into the server's own buffers is given up as well, though its handler is over.
  auto small = client.ask({.path = "/stream?2000", .is_stuck = true});
  EXPECT_EQ(client.finish(small).closed, ErrorCode::Cancel);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST(SlowHttp2Client, IsLeftWhenItReadsNothing) {
  auto limits = narrow();
  limits.keep_alive_time = limits.head_time = 1h;
  TestServer server(limits, {.capacity = 500});
  auto wire = server.connect();
  std::string input = opening() + Frame{Frame::WindowUpdate, 0, 0, u32(1 << 20)}.bytes();
  for (uint32_t id = 1; id < 19; id += 2) input += headers(id, request_block("/stream?50000"));
  io::TaskGroup group(server.loop);
  group.spawn(send_text(*wire, input));
  server.loop.block_on(server.handler.entered().wait());
  server.drain(10s);
  EXPECT_GE(server.server->counters().timeouts, 1u);
  wire->close();
  server.loop.block_on(group.drained());
}

TEST(Http2Drain, FinishesWhatHasBegunAndTellsTheClient) {
  TestServer server;
  TestClient idle(server);
  TestClient busy(server);
  busy.get("/hello");
  idle.get("/hello");
  Ask ask{.method = "POST", .path = "/echo", .body = "abc", .is_open = true};
  auto id = busy.ask(ask);
  busy.talk_until([&] { return busy.reply(id).body == "abc"; });
  io::TaskGroup group(server.loop);
  group.spawn(server.server->drain(300ms));
  idle.talk_until([] { return false; });
  EXPECT_EQ(idle.goaway(), ErrorCode::None);
  busy.talk_until([&] { return busy.has_goaway(); });
  EXPECT_FALSE(busy.is_closed_by_server());
  EXPECT_FALSE(busy.reply(id).closed.has_value());
  // The body does not end: the deadline breaks it.
  busy.talk_until([] { return false; });
  EXPECT_FALSE(busy.reply(id).is_complete);
  server.loop.block_on(group.drained());
  server.drained = true;
}

TEST(Http2Drain, BreaksWhatIsLeftAtTheDeadline) {
  TestServer server;
  TestClient client(server);
  client.ask({.path = "/wait"});
  server.loop.block_on(server.handler.entered().wait());
  server.drain(10ms);
  EXPECT_TRUE(server.handler.gone().is_set());
}

}  // namespace
}  // namespace spindle::http::h2
