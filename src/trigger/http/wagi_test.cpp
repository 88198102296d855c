#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.h"
#include "http/held_request.h"
#include "trigger/http/wagi_request.h"
#include "trigger/http/wagi_response.h"

namespace spindle::trigger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Asked {
  std::string_view path = "/r/x";
  std::vector<http::Header> headers;
  std::string_view authority = "shop.test:8080";
  std::string_view arguments = kWagiArguments;
  std::vector<std::pair<std::string, std::string>> own_variables;
};

wasi::GuestEnvironment environment_of(const Asked& asked) {
  http::HeldRequest request;
  request.head().method_name = "GET";
  request.head().path_and_query = asked.path;
  request.head().authority = asked.authority;
  request.head().headers = asked.headers;
  const Route route = Route::parse("/r/...").value();
  RouteTable::Match match{.route = &route, .target = 0, .captures = {}};
  match.captures = *route.match(request.head().path());
  const auto headers =
      RequestHeaders::make(request, match, RequestHeaders::NotText::LeftOut).value();
  wasi::GuestEnvironment component;
  component.variables = asked.own_variables;
  return wagi_environment(component, {.request = request,
                                      .headers = headers,
                                      .match = match,
                                      .arguments = asked.arguments,
                                      .body_bytes = 3});
}

std::string variable(const Asked& asked, std::string_view name) {
  std::string found = "none";
  for (const auto& [key, value] : environment_of(asked).variables) {
    EXPECT_TRUE(is_valid_utf8(value)) << key;
    if (key == name) found = found == "none" ? value : "twice";
  }
  return found;
}

TEST(WagiRequest, IsInTheVariablesOfCgi) {
  struct Case {
    Asked asked;
    std::string_view name;
    std::string_view value;
  };
  const std::vector<Case> cases{
      {{}, "CONTENT_LENGTH", "3"},
      {{}, "SCRIPT_NAME", "/r"},
      {{}, "PATH_INFO", "/x"},
      {{.path = "/r"}, "PATH_INFO", ""},
      {{.path = "/r/a%2fb"}, "PATH_INFO", "/a%2fb"},
      {{.path = "/r/a%2fb"}, "X_RAW_PATH_INFO", "/a%2fb"},
      {{.path = "/r/a%2fb"}, "PATH_TRANSLATED", "/a/b"},
      {{.path = "/r/a%2"}, "PATH_TRANSLATED", "/a%2"},
      {{.path = "/r/a%00b"}, "PATH_TRANSLATED", "CORRUPT VALUE"},
      {{.path = "/r/a%ff"}, "PATH_TRANSLATED", "CORRUPT VALUE"},
      {{.path = "/r/\xff"}, "PATH_INFO", "CORRUPT VALUE"},
      {{.path = "/r/x?a=%20&b"}, "QUERY_STRING", "a=%20&b"},
      {{}, "QUERY_STRING", ""},
      {{}, "SERVER_NAME", "shop.test"},
      {{}, "SERVER_PORT", "8080"},
      {{.authority = "[::1]:81"}, "SERVER_NAME", "[::1]"},
      {{.authority = "[::1]"}, "SERVER_PORT", "80"},
      {{.authority = ""}, "SERVER_NAME", "default_host"},
      {{}, "REMOTE_ADDR", "10.0.0.1"},
      {{}, "X_CLIENT_ADDR", "10.0.0.1:7"},
      {{.headers = {{"host", "shop.test"}}}, "X_FULL_URL", "http://shop.test/r/x"},
      {{.headers = {{"x-a", "1"}, {"x-a", "2"}}}, "HTTP_X_A", "1, 2"},
      {{.headers = {{"cookie", "a"}, {"cookie", "b"}}}, "HTTP_COOKIE", "a; b"},
      {{.headers = {{"x-a", "\xff"}}}, "HTTP_X_A", "CORRUPT VALUE"},
      {{.headers = {{"authorization", "a"}}}, "HTTP_AUTHORIZATION", "none"},
      {{.headers = {{"proxy", "a"}}}, "HTTP_PROXY", "none"},
      {{.headers = {{"spin-path-info", "a"}}}, "HTTP_SPIN_PATH_INFO", "none"},
      {{.headers = {{"x-a", "1"}}, .own_variables = {{"HTTP_X_A", "own"}}}, "HTTP_X_A", "own"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(variable(each.asked, each.name), each.value) << each.name << " " << each.asked.path;
  }
}

TEST(WagiRequest, HasArgumentsByTheTemplate) {
  auto arguments = [](std::string_view path, std::string_view form) {
    return environment_of({.path = path, .arguments = form}).arguments;
  };
  EXPECT_THAT(arguments("/r/x", kWagiArguments), ElementsAre("/r/x", ""));
  EXPECT_THAT(arguments("/r/x?a&b=1", kWagiArguments), ElementsAre("/r/x", "a", "b=1"));
  EXPECT_THAT(arguments("/r/${ARGS}?q", "${SCRIPT_NAME}"), ElementsAre("/r/${ARGS}"));
  EXPECT_THAT(arguments("/r/x?q", "a  $ ${ARGS}${"), ElementsAre("a", "", "$", "q${"));
  EXPECT_THAT(arguments("/r/\xff", "${SCRIPT_NAME}"), ElementsAre("CORRUPT VALUE"));
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// `status|headers|body`.
std::string answer(std::string_view output) {
  const auto read = read_wagi_output(bytes_of(output));
  if (!read) return read.error().to_string();
  std::string all = std::to_string(read->status) + "|";
  for (const auto& [name, value] : read->headers.view()) {
    all += std::string(name) + "=" + std::string(value) + ";";
  }
  return all + "|" + std::string(read->body.begin(), read->body.end());
}

TEST(WagiResponse, IsHeadersAnEmptyLineAndABody) {
  struct Case {
    std::string_view output;
    std::string_view answer;
  };
  const std::vector<Case> cases{
      {"content-type: a/b\n\nbody", "200|content-type=a/b;|body"},
      {"Content-Type:a/b\r\n\r\nbo\r\n\r\ndy", "200|Content-Type=a/b;|bo\r\n\r\ndy"},
      {"content-type: a/b", "200|content-type=a/b;|"},
      {"content-type: a/b\n", "200|content-type=a/b;|"},
      {"content-type: a/b\n\n", "200|content-type=a/b;|"},
      {"status: 404 Not Found\n\nx", "404||x"},
      {"location: /x\n\n", "302|location=/x;|"},
      {"status: 200\nlocation: /x\n\n", "200|location=/x;|"},
      {"location: /x\nstatus: 201\n\n", "201|location=/x;|"},
      {"status: many\n\nx", "502||"},
      {"status: 42\n\nx", "502||"},
      {"status: 199\n\nx", "502||"},
      {"status: 99999999999999999999\n\nx", "502||"},
      {"x-a: 1\nX-A: 2\ncontent-type: t\n\n", "200|X-A=2;content-type=t;|"},
      {"x-a: b: c\nstatus: 200\n\n", "200|x-a=b: c;|"},
      {"no colon\nbad name: 1\n: 1\nx: a\x01\nstatus: 200\n\n", "200||"},
      {"content-length: 5\ntransfer-encoding: chunked\nstatus: 200\n\nx", "200||x"},
  };
  for (const auto& each : cases) EXPECT_EQ(answer(each.output), each.answer) << each.output;
}

TEST(WagiResponse, SaysWhatItLacks) {
  for (std::string_view output :
       {"\n", "text", "x-a: 1\n\nbody", "\ncontent-type: a\n\n", "content-type: a\x01\n\nx"}) {
    EXPECT_THAT(answer(output), HasSubstr("500|content-type=text/plain;|the command printed none"))
        << output;
  }
  EXPECT_THAT(answer(""), HasSubstr("printed nothing"));
}

TEST(WagiResponse, HasLimitsForItsHead) {
  const std::string type = "content-type: a\n";
  std::string lines = type;
  for (size_t i = 1; i < kWagiHeadersMax; ++i) lines += "a: b\n";
  EXPECT_THAT(answer(lines + "\n"), HasSubstr("200|"));
  EXPECT_THAT(answer(lines + "a: b\n\n"), HasSubstr("more than 256 headers"));
  const std::string body(2 * kWagiHeadBytesMax, 'x');
  EXPECT_EQ(answer(type + "\n" + body), "200|content-type=a;|" + body);
  EXPECT_THAT(answer(type + "x: " + body), HasSubstr("more than 65536 bytes of headers"));
}

TEST(WagiOutput, TellsOnceWhenThereIsTooMuchOfIt) {
  io::EventLoop loop;
  int told = 0;
  const auto output = std::make_shared<WagiOutput>(loop, [&told] { ++told; });
  const std::vector<uint8_t> piece(kWagiOutputBytesMax / 4 + 1, 'x');
  for (int i = 0; i < 6; ++i) output->write(piece);
  EXPECT_EQ(output->bytes().size(), 3 * piece.size());
  EXPECT_EQ(told, 0) << "not while the guest is at it";
  loop.poll();
  EXPECT_EQ(told, 1);
}

TEST(WagiOutput, TellsNobodyAfterItsRequest) {
  io::EventLoop loop;
  int told = 0;
  auto output = std::make_shared<WagiOutput>(loop, [&told] { ++told; });
  output->write(std::vector<uint8_t>(kWagiOutputBytesMax + 1));
  output->detach();
  output.reset();
  loop.poll();
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace spindle::trigger
