#include "host/outbound_http/spin_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/outbound_http/canned_server.h"

namespace spindle::host {
namespace {

namespace types = bindings::fermyon::spin::http_types;
using Answer = std::expected<types::Response, types::HttpError>;
using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

struct World {
  explicit World(std::vector<std::string> allowed = {"http://*:*"}) {
    app::LockedComponent component;
    component.allowed_outbound_hosts = std::move(allowed);
    access = OutboundAccess::create(component, resolver, {}).value();
  }

  Answer send(const types::RequestView& request) {
    auto answer = io::Eventual<Answer>::wait(http.send_request(request));
    return loop.block_on(std::move(answer)).value();
  }
  types::HttpError failure(std::string_view uri) { return send({.uri = uri}).error(); }

  io::EventLoop loop;
  testing::CannedServer server{loop};
  app::Resolver resolver = app::Resolver::create({}, {}).value();
  OutboundAccess access;
  OutboundPermission permission{access};
  OutboundHttpConfig config;
  wasi::Services services = server.services();
  HttpGate gate{permission, config, {.services = services.outbound}};
  SpinHttpV1 http{services, gate};
};

std::string text_of(const types::Response& response) {
  return {response.body->begin(), response.body->end()};
}

TEST(SpinHttp, SendsARequestAndBringsTheResponse) {
  World world;
  world.server.answers = {{.status = 201, .body = "made"}};
  const std::string body = "hello";
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(body.data()), body.size());
  const auto response = world.send({.method = types::Method::Put,
                                    .uri = "http://a.example/x?y",
                                    .headers = {{"X-Color", "red"}, {"host", "other"}},
                                    .params = {{"p", "q"}},
                                    .body = bytes});
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(text_of(*response), "made");
  EXPECT_THAT(*response->headers, Contains(std::tuple("x-number", "7")));
  ASSERT_EQ(world.server.seen.size(), 1u);
  const auto& seen = world.server.seen[0];
  EXPECT_EQ(seen.origin, "http://a.example:80");
  EXPECT_EQ(seen.line, "PUT /x?y");
  EXPECT_EQ(seen.body, body);
  EXPECT_THAT(seen.headers, Contains(Pair("host", "a.example")));
}

TEST(SpinHttp, FollowsRedirects) {
  struct Case {
    uint16_t status;
    std::string line;
    std::string body;
  };
  for (const Case& one : {Case{301, "GET /b", ""}, Case{302, "GET /b", ""}, Case{303, "GET /b", ""},
                          Case{307, "POST /b", "hello"}, Case{308, "POST /b", "hello"}}) {
    World world;
    world.server.answers = {{.status = one.status, .location = "../b"}, {.body = "there"}};
    const std::string body = "hello";
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(body.data()),
                                         body.size());
    const auto response = world.send({.method = types::Method::Post,
                                      .uri = "http://a.example/x/y",
                                      .headers = {{"authorization", "secret"}},
                                      .body = bytes});
    EXPECT_EQ(text_of(*response), "there");
    ASSERT_EQ(world.server.seen.size(), 2u);
    EXPECT_EQ(world.server.seen[1].line, one.line);
    EXPECT_EQ(world.server.seen[1].body, one.body);
    EXPECT_THAT(world.server.seen[1].headers, Contains(Pair("authorization", "secret")));
  }
}

TEST(SpinHttp, EachHopNeedsPermission) {
  World world({"http://a.example"});
  world.server.answers = {{.status = 302, .location = "http://b.example/"}, {.body = "no"}};
  EXPECT_EQ(world.failure("http://a.example/"), types::HttpError::DestinationNotAllowed);
  EXPECT_EQ(world.server.seen.size(), 1u);
}

TEST(SpinHttp, SecretsStayWithTheirServer) {
  World world;
  world.server.answers = {{.status = 302, .location = "http://b.example/"}, {.body = "there"}};
  (void)world.send({.uri = "http://a.example/",
                    .headers = {{"Authorization", "secret"}, {"cookie", "c"}, {"x-a", "b"}}});
  ASSERT_EQ(world.server.seen.size(), 2u);
  EXPECT_THAT(world.server.seen[1].headers, Not(Contains(Key("authorization"))));
  EXPECT_THAT(world.server.seen[1].headers, Not(Contains(Key("cookie"))));
  EXPECT_THAT(world.server.seen[1].headers, Contains(Pair("x-a", "b")));
}

TEST(SpinHttp, GivesUpAfterTenRedirects) {
  World world;
  world.server.answers.assign(20, {.status = 302, .location = "/again"});
  EXPECT_EQ(world.failure("http://a.example/"), types::HttpError::RuntimeError);
  EXPECT_EQ(world.server.seen.size(), 1u + kRedirectsMax);
}

TEST(SpinHttp, ARedirectToNowhereIsTheAnswer) {
  World world;
  world.server.answers = {{.status = 302, .location = "file:///etc/passwd"}, {.status = 302}};
  EXPECT_EQ(world.send({.uri = "http://a.example/"})->status, 302);
  EXPECT_EQ(world.send({.uri = "http://a.example/"})->status, 302);
}

TEST(SpinHttp, NamesWhatIsWrong) {
  World world({"http://a.example"});
  EXPECT_EQ(world.failure("http://b.example/"), types::HttpError::DestinationNotAllowed);
  EXPECT_EQ(world.failure("http://a.example:81/"), types::HttpError::DestinationNotAllowed);
  EXPECT_EQ(world.failure(""), types::HttpError::InvalidUrl);
  EXPECT_EQ(world.failure("http://"), types::HttpError::InvalidUrl);
  EXPECT_EQ(world.failure("ftp://a.example/"), types::HttpError::InvalidUrl);
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"a\r\nb", "c"}, {"", "c"}, {"a", "b\r\nc: d"}}) {
    const Answer answer = world.send({.uri = "http://a.example/", .headers = {{name, value}}});
    EXPECT_EQ(answer.error(), types::HttpError::RuntimeError);
  }
  EXPECT_EQ(world.server.seen.size(), 0u);
}

}  // namespace
}  // namespace spindle::host
