// Bindings of async functions, streams and futures, on the interface `flows` of the fixture.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bindings/test/shapes_0_1/flows.h"
#include "component/fixture/blob.h"
#include "component/fixture/fake_call.h"
#include "io/event_loop.h"

namespace spindle::component {
namespace {

namespace flows = bindings::test::shapes_0_1::flows;
namespace base = bindings::test::shapes_0_1::base;
using testing::FakeCall;
using testing::function_named;

class Flows final : public flows::Host {
 public:
  explicit Flows(io::EventLoop& loop) : loop_(&loop) {}

  io::Eventual<std::expected<std::string, flows::Failure>> later(std::string_view name,
                                                                 bool fail) override {
    if (fail) return std::unexpected(flows::Failure{flows::Failure::Refused{}});
    return wait_and_answer(name);
  }
  io::Eventual<uint64_t> count(Stream<uint8_t> body) override { return count_all(std::move(body)); }
  io::Eventual<std::expected<Future<uint32_t>, flows::Failure>> send(
      flows::UploadView value) override {
    if (value.name.empty()) return std::unexpected(flows::Failure{flows::Failure::Other{"empty"}});
    return Future<uint32_t>::of(static_cast<uint32_t>(value.name.size()));
  }
  Result<std::tuple<Stream<std::string>, Future<std::expected<void, flows::Failure>>>> names()
      override {
    using Done = Future<std::expected<void, flows::Failure>>;
    return std::tuple(Stream<std::string>::of({"a", "b"}), Done::of({}));
  }
  Result<Stream<base::Named>> label(Stream<std::unique_ptr<testing::Blob>>) override {
    return Stream<base::Named>::of({{"only", 1.5F}});
  }
  Result<std::optional<Stream<uint8_t>>> open(flows::SourceView value) override {
    auto* body = std::get_if<flows::SourceView::Body>(&value.value);
    if (body == nullptr) return std::optional<Stream<uint8_t>>();
    return std::optional(std::move(body->value));
  }
  Result<Stream<void>> ticks(Future<void>) override { return Stream<void>(); }

 private:
  io::Task<Result<std::expected<std::string, flows::Failure>>> wait_and_answer(
      std::string_view name) {
    auto turn = io::yield(*loop_);
    co_await std::move(turn);
    co_return std::string(name);
  }
  io::Task<Result<uint64_t>> count_all(Stream<uint8_t> body) {
    uint64_t count = 0;
    while (true) {
      auto reading = body.next();
      const auto next = co_await std::move(reading);
      if (!next) co_return count;
      ++count;
    }
  }

  io::EventLoop* loop_;
};

TEST(Flows, TablesHaveTheTextsOfWit) {
  constexpr std::string_view kFailure = "variant{refused,other(string)}";
  const std::vector<std::pair<std::string_view, std::string>> cases{
      {"later", fmt::format("async func(name:string,fail:bool)->result<string,{}>", kFailure)},
      {"count", "async func(body:stream<u8>)->u64"},
      {"send", fmt::format("async func(value:record{{name:string,body:stream<u8>}})->"
                           "result<future<u32>,{}>",
                           kFailure)},
      {"names", fmt::format("func()->tuple<stream<string>,future<result<_,{}>>>", kFailure)},
      {"label",
       "func(values:stream<own<test:shapes/base@0.1.blob>>)->stream<record{name:string,"
       "weight:f32}>"},
      {"open", "func(value:variant{none,text(string),body(stream<u8>)})->option<stream<u8>>"},
      {"ticks", "func(until:future)->stream"},
  };
  for (const auto& [name, type] : cases) {
    EXPECT_EQ(function_named(flows::interface(), name).type, type);
  }
}

TEST(Flows, EndsAreOneHandleEach) {
  struct Case {
    std::string_view name;
    size_t params;
    size_t results;
  };
  // `names` and `send` return more than fits: their results go by pointer.
  const std::vector<Case> cases{{"count", 1, 1}, {"send", 4, 0},  {"names", 1, 0},
                                {"label", 1, 1}, {"ticks", 1, 1}, {"open", 4, 0}};
  for (const Case& item : cases) {
    const HostFunction& function = function_named(flows::interface(), item.name);
    EXPECT_EQ(function.core.params.size(), item.params) << item.name;
    EXPECT_EQ(function.core.results.size(), item.results) << item.name;
  }
}

TEST(Flows, AnAsyncFunctionMayWaitAndOthersDoNot) {
  for (std::string_view name : {"later", "count", "send"}) {
    EXPECT_TRUE(function_named(flows::interface(), name).may_wait()) << name;
  }
  for (std::string_view name : {"names", "label", "open", "ticks"}) {
    EXPECT_FALSE(function_named(flows::interface(), name).may_wait()) << name;
  }
}

TEST(Flows, AnAsyncFunctionAnswersAtOnceOrLater) {
  using Answer = std::expected<std::string, flows::Failure>;
  io::EventLoop loop;
  Flows host(loop);
  flows::Host& face = host;
  EXPECT_EQ(face.later("x", true).take_ready().value().error(),
            flows::Failure{flows::Failure::Refused{}});
  EXPECT_EQ(loop.block_on(io::Eventual<Answer>::wait(face.later("x", false))).value(), "x");
  auto counting = face.count(Stream<uint8_t>::of({1, 2, 3}));
  EXPECT_EQ(loop.block_on(counting.take_task()).value(), 3U);
}

}  // namespace
}  // namespace spindle::component
