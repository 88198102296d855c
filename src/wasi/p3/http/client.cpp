#include "wasi/p3/http/client.h"

#include <array>

#include "wasi/core/http/outbound_call.h"

namespace spindle::wasi::p3 {
namespace {

constexpr size_t kStepBytes = 64 * 1024;
// How much goes out before others have a turn.
constexpr size_t kBytesInARow = 1024 * 1024;

// What a guest's streams bring, on its way to a server.
class SentBody final : public RequestBody {
 public:
  SentBody(io::EventLoop& loop, MessageBody body) : loop_(loop), body_(std::move(body)) {}

  http::BodyLength length() override {
    return body_.length ? http::BodyLength::known(*body_.length) : http::BodyLength::streamed();
  }
  void fail(const http::Failure& failure) override {
    body_.outcome.settle(std::unexpected(to_error_code<ErrorCode>(failure)));
  }

  io::Task<void> send(http::RequestSink& writer) override {
    auto sending = send_all(writer);
    auto sent = co_await std::move(sending);
    body_.outcome.settle(std::move(sent));
    // Its writer sees that nobody reads any more.
    body_.contents = {};
  }

 private:
  io::Task<Transmission> send_all(http::RequestSink& writer);
  io::Task<http::Outcome<void>> send_contents(http::RequestSink& writer);
  http::Outcome<component::StreamStep> step(http::RequestSink& writer);
  http::Outcome<component::StreamStep> step_by_buffer(http::RequestSink& writer);

  io::EventLoop& loop_;
  MessageBody body_;
  // Where contents have no view; what the writer has not taken yet.
  std::vector<uint8_t> buffer_;
  std::span<const uint8_t> rest_;
  bool is_full_ = false;
};

http::Outcome<component::StreamStep> SentBody::step(http::RequestSink& writer) {
  is_full_ = false;
  if (!body_.contents.has_view()) return step_by_buffer(writer);
  http::Outcome<void> outcome;
  const auto step = body_.contents.view([&](std::span<const uint8_t> bytes) -> size_t {
    if (bytes.empty()) return 0;
    auto taken = writer.try_write(bytes);
    if (!taken) outcome = taken.take_error();
    is_full_ = taken.value_or(1) == 0;
    return taken.value_or(0);
  });
  if (!outcome) return outcome.take_error();
  return step;
}

http::Outcome<component::StreamStep> SentBody::step_by_buffer(http::RequestSink& writer) {
  component::StreamStep step;
  if (rest_.empty()) {
    buffer_.resize(kStepBytes);
    step = body_.contents.read(buffer_);
    rest_ = std::span(buffer_).first(step.count);
  }
  size_t sent = 0;
  while (!rest_.empty()) {
    const size_t taken = TRY(writer.try_write(rest_));
    rest_ = rest_.subspan(taken);
    sent += taken;
    is_full_ = taken == 0;
    if (is_full_) break;
  }
  return component::StreamStep{sent,
                               rest_.empty() && (step.is_ended || !body_.contents.has_source())};
}

io::Task<http::Outcome<void>> SentBody::send_contents(http::RequestSink& writer) {
  size_t in_a_row = 0;
  while (true) {
    const auto step = CO_TRY(this->step(writer));
    if (step.is_ended) co_return http::Outcome<void>();
    in_a_row += step.count;
    if (is_full_) {
      auto waiting = writer.writable();
      CO_TRY(co_await std::move(waiting));
    } else if (step.count == 0) {
      auto flushing = writer.flush();
      CO_TRY(co_await std::move(flushing));
      auto waiting = body_.contents.ready();
      co_await std::move(waiting);
    } else if (in_a_row < kBytesInARow) {
      continue;
    } else {
      co_await io::yield(loop_);
    }
    in_a_row = 0;
  }
}

io::Task<Transmission> SentBody::send_all(http::RequestSink& writer) {
  auto sending = send_contents(writer);
  auto sent = co_await std::move(sending);
  if (!sent) co_return std::unexpected(to_error_code<ErrorCode>(sent.error()));
  http::Headers trailers;
  if (body_.trailers.has_source()) {
    auto getting = body_.trailers.get();
    auto got = co_await std::move(getting);
    if (!got || !*got) {
      // The guest, or its end, says that the body is not what it should be.
      writer.abort();
      if (!got) co_return std::unexpected(ErrorCode{.value = ErrorCode::ConnectionTerminated{}});
      co_return std::unexpected(std::move(got->error()));
    }
    if (**got) trailers = http::Headers((**got)->get()->view());
  }
  auto finishing = writer.finish(trailers.view());
  auto finished = co_await std::move(finishing);
  if (!finished) co_return std::unexpected(to_error_code<ErrorCode>(finished.error()));
  co_return Transmission();
}

// The body of a response together with the call that it belongs to, for the guest's streams; the
// call's own tasks hold the body alone.
struct HeldBody {
  std::shared_ptr<OutboundCall> call;
  std::shared_ptr<ReceivedBody> body;
};

std::unique_ptr<Response> make_response(io::EventLoop& loop, std::shared_ptr<OutboundCall> call) {
  auto& received = call->response();
  auto body = std::make_shared<ReceivedBody>(loop, received, call->tasks());
  call->on_end([body] { body->detach(); });
  auto headers = std::make_shared<const SharedHeaders>(http::Headers(received.headers()));
  const uint16_t status = received.status();
  const auto length = received.length();
  auto held = std::make_shared<HeldBody>(std::move(call), std::move(body));
  auto contents = received_body(std::shared_ptr<ReceivedBody>(held, held->body.get()));
  contents.length = length;
  auto response = std::make_unique<Response>(std::move(headers), std::move(contents));
  response->status = status;
  return response;
}

// Of a call that is done.
HttpClient::Answer answer(io::EventLoop& loop, std::shared_ptr<OutboundCall> call) {
  if (call->outcome()) return make_response(loop, std::move(call));
  return std::unexpected(to_error_code<ErrorCode>(call->outcome().error()));
}

io::Task<Result<HttpClient::Answer>> answer_later(io::EventLoop& loop,
                                                  std::shared_ptr<OutboundCall> call) {
  co_await call->done();
  co_return answer(loop, std::move(call));
}

}  // namespace

io::Eventual<HttpClient::Answer> HttpClient::send(std::unique_ptr<Request> request) {
  OutboundRequest sent{.method = std::move(request->method),
                       .scheme = std::move(request->scheme),
                       .authority = std::move(request->authority),
                       .path_with_query = std::move(request->path_with_query)};
  sent.headers = http::Headers(request->headers()->view());
  if (request->options) sent.timeouts = *request->options;
  auto body = std::make_unique<SentBody>(services_.loop, request->take_body());
  auto call = TRY(OutboundCall::start(services_, gate_, std::move(sent), std::move(body)));
  if (call->is_done()) return Result<Answer>(answer(services_.loop, std::move(call)));
  return answer_later(services_.loop, std::move(call));
}

}  // namespace spindle::wasi::p3
