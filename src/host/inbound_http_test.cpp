#include "host/inbound_http.h"

#include <gtest/gtest.h>

#include "bindings/fermyon/spin/http_types_abi.h"
#include "component/fixture/fake_call.h"
#include "io/event_loop.h"

namespace spindle::host {
namespace {

using component::RawValue;
using component::testing::FakeCall;
namespace http_types = bindings::fermyon::spin::http_types;

// A guest whose handle-request is a function here.
class FakeGuest final : public component::ExportCaller {
 public:
  using Handler = std::function<http_types::Response(const http_types::Request&)>;
  explicit FakeGuest(Handler handler) : handler_(std::move(handler)) {}

  Result<void> enter() override { return {}; }
  component::CallContext& context() override { return call_; }
  Result<void> run(std::span<RawValue> values) override {
    http_types::Request request;
    component::RawReader flat(values);
    TRY(component::Abi<http_types::Request>::lift(call_, flat, request));
    http_types::Response response = handler_(request);
    using Out = component::Abi<http_types::Response>;
    const uint32_t at = call_.reserve(Out::kSize, Out::kAlign);
    TRY(Out::store(call_, at, response));
    values[0].i64 = at;
    return {};
  }
  Result<void> leave(std::span<const RawValue>) override { return {}; }
  Error fail(Error error) override { return error; }
  io::Task<Result<void>> on_guest_stack(std::move_only_function<Result<void>()> body) override {
    co_return body();
  }

 private:
  FakeCall call_;
  Handler handler_;
};

TEST(InboundHttp, PassesTheWholeRequestAndResponse) {
  FakeGuest guest([](const http_types::Request& request) {
    EXPECT_EQ(request.method, http_types::Method::Post);
    EXPECT_EQ(request.uri, "/a?b=c");
    EXPECT_EQ(request.headers, (http_types::Headers{{"host", "localhost"}, {"x", "1"}}));
    EXPECT_TRUE(request.params.empty());
    return http_types::Response{
        .status = 201, .headers = http_types::Headers{{"y", "2"}}, .body = request.body};
  });
  const std::vector<uint8_t> body = {1, 2, 3};
  io::EventLoop loop;
  auto answering = call_inbound_http(guest, {.method = InboundHttpMethod::Post,
                                             .uri = "/a?b=c",
                                             .headers = {{"host", "localhost"}, {"x", "1"}},
                                             .params = {},
                                             .body = std::span<const uint8_t>(body)});
  auto response = loop.block_on(std::move(answering));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->headers, (http_types::Headers{{"y", "2"}}));
  EXPECT_EQ(response->body, body);
}

TEST(InboundHttp, TellsAbsentPartsFromEmptyOnes) {
  FakeGuest guest([](const http_types::Request& request) {
    return http_types::Response{.status = request.body ? uint16_t{200} : uint16_t{204}};
  });
  io::EventLoop loop;
  auto answering = call_inbound_http(guest, {});
  auto response = loop.block_on(std::move(answering));
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(response->headers, std::nullopt);
  EXPECT_EQ(response->body, std::nullopt);
}

}  // namespace
}  // namespace spindle::host
