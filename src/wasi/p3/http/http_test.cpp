#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wasi/p3/http/types.h"

namespace spindle::wasi::p3 {
namespace {

using http_types::HeaderError;
using http_types::RequestOptionsError;
using testing::ElementsAre;

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// A body that arrives in pieces.
class PiecewiseReader final : public http::BodyReader {
 public:
  explicit PiecewiseReader(io::EventLoop& loop) : arrived_(loop) {}
  void arrive(std::string_view piece) {
    waiting_ += piece;
    arrived_.set();
  }
  void end() {
    is_ended_ = true;
    arrived_.set();
  }
  void fail() {
    failure_ = Error::unavailable("the client left");
    arrived_.set();
  }

  std::optional<uint64_t> length() const override { return std::nullopt; }
  io::Eventual<http::Bytes> read(size_t max) override {
    if (failure_) return *failure_;
    if (waiting_.empty() && !is_ended_) return wait_and_read(max);
    given_ = waiting_.substr(0, max);
    waiting_.erase(0, given_.size());
    return Result<http::Bytes>(bytes_of(given_));
  }
  io::Eventual<void> wait_readable() override {
    if (failure_ || is_ended_ || !waiting_.empty()) return Result<void>();
    return wait();
  }
  http::HeaderView trailers() const override {
    static const std::vector<http::Header> kTrailers{{"x-sum", "3"}};
    return is_ended_ ? http::HeaderView(kTrailers) : http::HeaderView();
  }

 private:
  io::Task<Result<void>> wait() {
    arrived_.reset();
    co_await arrived_.wait();
    co_return Result<void>();
  }
  io::Task<Result<http::Bytes>> wait_and_read(size_t max) {
    auto waiting = wait();
    (void)co_await std::move(waiting);
    auto next = read(max);
    co_return next.take_ready();
  }

  io::Event arrived_;
  std::string waiting_;
  std::string given_;
  bool is_ended_ = false;
  std::optional<Error> failure_;
};

struct HttpP3 : testing::Test {
  ~HttpP3() override {
    tasks.cancel();
    loop.block_on(tasks.drained());
  }
  // Reads a stream to its end, in the background.
  io::Task<void> read_all(BodyStream stream) {
    std::array<uint8_t, 2> buffer;
    while (true) {
      auto reading = stream.next(std::span<uint8_t>(buffer));
      const component::StreamStep step = co_await std::move(reading);
      text.append(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(step.count));
      if (step.is_ended) break;
    }
    text += "|";
  }
  io::Task<void> read_trailers(TrailersFuture future) {
    auto getting = future.get();
    std::optional<Trailers> got = co_await std::move(getting);
    if (!got) {
      text += "nothing";
    } else if (!*got) {
      text += "error";
    } else {
      text += **got ? std::string((***got)->view()[0].value) : "none";
    }
  }
  MessageBody receive() {
    body = std::make_shared<ReceivedBody>(loop, reader, tasks);
    return received_body(body);
  }
  TrailersFuture no_trailers() { return TrailersFuture::of(Trailers(std::nullopt)); }

  io::EventLoop loop;
  io::TaskGroup tasks{loop};
  HttpTypes types{loop};
  PiecewiseReader reader{loop};
  std::shared_ptr<ReceivedBody> body;
  std::string text;
};

TEST_F(HttpP3, FieldsFollowTheRulesOfTheCoreInWordsOfTheInterface) {
  auto fields = types.fields_new().value();
  EXPECT_TRUE(types.fields_append(*fields, "X-A", bytes_of("1")).value());
  EXPECT_TRUE(types.fields_append(*fields, "x-a", bytes_of("2")).value());
  EXPECT_EQ(types.fields_append(*fields, "upgrade", bytes_of("h2c")).value().error(),
            HeaderError{.value = HeaderError::Forbidden{}});
  EXPECT_EQ(types.fields_append(*fields, "x y", bytes_of("1")).value().error(),
            HeaderError{.value = HeaderError::InvalidSyntax{}});
  const std::string large(Fields::kBytesMax, 'x');
  EXPECT_EQ(types.fields_append(*fields, "x-large", bytes_of(large)).value().error(),
            HeaderError{.value = HeaderError::SizeExceeded{}});
  EXPECT_EQ(types.fields_copy_all(*fields).value().size(), 2u);
  auto values = types.fields_get_and_delete(*fields, "x-a").value().value();
  EXPECT_EQ(values.size(), 2u);
  EXPECT_FALSE(types.fields_has(*fields, "x-a").value());
}

TEST_F(HttpP3, WhatIsPartOfAMessageDoesNotChangeAndOutlivesIt) {
  auto fields = types.fields_new().value();
  ASSERT_TRUE(types.fields_append(*fields, "a", bytes_of("1")).value());
  auto options = types.request_options_new().value();
  ASSERT_TRUE(types.request_options_set_connect_timeout(*options, 5).value());
  auto made = types.request_new_(std::move(fields), std::nullopt, no_trailers(), std::move(options))
                  .value();
  auto& request = *std::get<0>(made);
  auto headers = types.request_get_headers(request).value();
  auto same = types.request_get_options(request).value().value();
  std::get<0>(made).reset();
  EXPECT_EQ(types.fields_append(*headers, "b", bytes_of("2")).value().error(),
            HeaderError{.value = HeaderError::Immutable{}});
  EXPECT_THAT(types.fields_get(*headers, "a").value(), ElementsAre(ElementsAre('1')));
  EXPECT_EQ(types.request_options_get_connect_timeout(*same).value(), 5u);
  EXPECT_EQ(types.request_options_set_connect_timeout(*same, 6).value().error(),
            RequestOptionsError{.value = RequestOptionsError::Immutable{}});
  auto copy = types.request_options_clone(*same).value();
  EXPECT_TRUE(types.request_options_set_connect_timeout(*copy, 6).value());
  EXPECT_TRUE(
      types.fields_append(*types.fields_clone(*headers).value(), "b", bytes_of("2")).value());
}

TEST_F(HttpP3, RequestsRefuseWhatIsNoMethodPathSchemeOrAuthority) {
  using http_types::MethodView;
  using http_types::SchemeView;
  auto made = types.request_new_(types.fields_new().value(), std::nullopt, no_trailers(), {});
  auto& request = *std::get<0>(made.value());
  EXPECT_FALSE(types.request_set_method(request, {.value = MethodView::Other{"a b"}}).value());
  EXPECT_TRUE(types.request_set_method(request, {.value = MethodView::Other{"PURGE"}}).value());
  EXPECT_EQ(request.method, "PURGE");
  EXPECT_FALSE(types.request_set_path_with_query(request, "/a b").value());
  EXPECT_TRUE(types.request_set_path_with_query(request, "/a?b").value());
  EXPECT_FALSE(types.request_set_authority(request, "").value());
  EXPECT_FALSE(
      types.request_set_scheme(request, SchemeView{.value = SchemeView::Other{"1"}}).value());
  EXPECT_TRUE(types.request_set_scheme(request, SchemeView{.value = SchemeView::Https{}}).value());
  EXPECT_EQ(request.scheme, "https");
}

TEST_F(HttpP3, AReceivedBodyIsReadInStepsAndThenItsTrailers) {
  MessageBody received = receive();
  tasks.spawn(read_trailers(std::move(received.trailers)));
  tasks.spawn(read_all(std::move(received.contents)));
  loop.poll();
  EXPECT_EQ(text, "");
  reader.arrive("abc");
  loop.poll();
  EXPECT_EQ(text, "abc");
  reader.end();
  loop.poll();
  EXPECT_EQ(text, "abc|3");
}

TEST_F(HttpP3, TrailersOfAnUnreadBodyComeOnceItsStreamIsDropped) {
  MessageBody received = receive();
  tasks.spawn(read_trailers(std::move(received.trailers)));
  reader.arrive("abc");
  loop.poll();
  EXPECT_EQ(text, "");
  received.contents = {};
  loop.poll();
  reader.arrive("def");
  loop.poll();
  EXPECT_EQ(text, "");
  reader.end();
  loop.poll();
  EXPECT_EQ(text, "3");
}

TEST_F(HttpP3, ABodyThatBreaksOffEndsWithAnError) {
  MessageBody received = receive();
  tasks.spawn(read_all(std::move(received.contents)));
  tasks.spawn(read_trailers(std::move(received.trailers)));
  reader.arrive("ab");
  loop.poll();
  reader.fail();
  loop.poll();
  EXPECT_EQ(text, "ab|error");
}

TEST_F(HttpP3, AReaderMayOutliveTheMessage) {
  io::TaskGroup readers(loop);
  MessageBody received = receive();
  readers.spawn(read_all(std::move(received.contents)));
  readers.spawn(read_trailers(std::move(received.trailers)));
  loop.poll();
  tasks.cancel();
  loop.block_on(tasks.drained());
  body->detach();
  loop.poll();
  EXPECT_EQ(text, "|error");
  EXPECT_EQ(readers.size(), 0u);
}

TEST_F(HttpP3, ConsumingAMessagePassesItsBodyOnUnread) {
  MessageBody received = receive();
  auto* source = &received.contents.source();
  auto made = types.response_new_(types.fields_new().value(), std::move(received.contents),
                                  std::move(received.trailers));
  auto& [response, transmitted] = made.value();
  auto consumed = types.response_consume_body(std::move(response), {}).value();
  EXPECT_EQ(&std::get<0>(consumed).source(), source);
  EXPECT_TRUE(std::get<1>(consumed).has_source());
}

TEST_F(HttpP3, WhoMadeAMessageHearsWhatBecameOfIt) {
  auto hear = [&](auto&& act) {
    auto made =
        types.response_new_(types.fields_new().value(), std::nullopt, no_trailers()).value();
    act(std::move(std::get<0>(made)));
    auto heard = loop.block_on(std::get<1>(made).get());
    return heard && heard->has_value() ? "well" : heard ? "error" : "nothing";
  };
  const Transmission failed = std::unexpected(ErrorCode{.value = ErrorCode::HttpProtocolError{}});
  EXPECT_STREQ(hear([](auto response) { response.reset(); }), "well");
  EXPECT_STREQ(hear([&](auto response) { response->take_body().outcome.settle(failed); }), "error");
  EXPECT_STREQ(hear([&](auto response) {
                 (void)types.response_consume_body(std::move(response),
                                                   TransmissionFuture::of(Transmission(failed)));
               }),
               "error");
  // The guest that consumed it was destroyed.
  EXPECT_STREQ(hear([&](auto response) {
                 auto promised = component::make_future<Transmission>(loop);
                 (void)types.response_consume_body(std::move(response), std::move(promised.future));
               }),
               "well");
}

TEST_F(HttpP3, AResponseStatusHasThreeDigits) {
  auto made = types.response_new_(types.fields_new().value(), std::nullopt, no_trailers()).value();
  auto& response = *std::get<0>(made);
  EXPECT_EQ(types.response_get_status_code(response).value(), 200);
  EXPECT_FALSE(types.response_set_status_code(response, 99).value());
  EXPECT_FALSE(types.response_set_status_code(response, 1000).value());
  EXPECT_TRUE(types.response_set_status_code(response, 418).value());
  EXPECT_EQ(response.take_body().length, 0u);
}

}  // namespace
}  // namespace spindle::wasi::p3
