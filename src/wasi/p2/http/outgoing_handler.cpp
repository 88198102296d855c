#include "wasi/core/http/outbound_call.h"
#include "wasi/core/pollable.h"
#include "wasi/p2/http/types.h"

// Requests that leave, and their responses.

namespace spindle::wasi::p2 {
namespace {

using http_types::ErrorCode;

// What the guest writes through a pipe.
class PipedBody final : public RequestBody {
 public:
  explicit PipedBody(std::shared_ptr<BodyPipe> pipe) : pipe_(std::move(pipe)) {}
  ~PipedBody() override { pipe_->close_reader(); }

  http::BodyLength length() override {
    const bool is_whole = pipe_->state() == BodyPipe::State::Finished && !pipe_->has_trailers();
    return is_whole ? http::BodyLength::known(pipe_->written()) : http::BodyLength::streamed();
  }
  void fail(const http::Failure&) override { pipe_->close_reader(); }

  io::Task<void> send(http::RequestSink& writer) override {
    std::vector<uint8_t> piece;
    while (pipe_->has_bytes() || pipe_->state() == BodyPipe::State::Open) {
      if (!pipe_->has_bytes()) {
        auto flushing = writer.flush();
        if (!co_await std::move(flushing)) co_return;
        co_await pipe_->changed();
        continue;
      }
      piece = pipe_->take(std::move(piece));
      auto writing = writer.write(piece);
      if (!co_await std::move(writing)) co_return;
    }
    if (pipe_->state() == BodyPipe::State::Aborted) {
      writer.abort();
      co_return;
    }
    const auto trailers = pipe_->take_trailers();
    auto finishing = writer.finish(trailers ? trailers->view() : http::HeaderView());
    // The response says what came of it.
    (void)co_await std::move(finishing);
  }

 private:
  std::shared_ptr<BodyPipe> pipe_;
};

// The source of a body together with the call that it belongs to, for the guest's resources; the
// call's own tasks hold the source alone.
struct HeldSource {
  std::shared_ptr<OutboundCall> call;
  std::shared_ptr<IncomingBodySource> source;
};

}  // namespace

FutureIncomingResponse::FutureIncomingResponse(io::EventLoop& loop,
                                               std::shared_ptr<OutboundCall> call)
    : ReadySource(loop), call_(std::move(call)) {
  call_->on_done([this] { notify(); });
}

FutureIncomingResponse::~FutureIncomingResponse() {
  call_->on_done({});
}

IncomingResponse::IncomingResponse(io::EventLoop& loop, std::shared_ptr<OutboundCall> call)
    : call_(std::move(call)) {
  auto source = std::make_shared<IncomingBodySource>(call_->response(), call_->tasks());
  call_->on_end([source] { source->detach(); });
  auto held = std::make_shared<HeldSource>(call_, source);
  body_ = std::make_unique<IncomingBody>(
      loop, std::shared_ptr<IncomingBodySource>(held, held->source.get()));
}

Result<std::expected<std::unique_ptr<FutureIncomingResponse>, http_types::ErrorCode>>
OutgoingHandler::handle(std::unique_ptr<OutgoingRequest> request,
                        std::optional<std::unique_ptr<RequestOptions>> options) {
  OutboundRequest sent{.method = std::move(request->method),
                       .scheme = std::move(request->scheme),
                       .authority = std::move(request->authority),
                       .path_with_query = std::move(request->path_with_query)};
  sent.headers = http::Headers(request->headers().view());
  if (options) {
    sent.timeouts = {.connect = (*options)->connect_timeout,
                     .first_byte = (*options)->first_byte_timeout,
                     .between_bytes = (*options)->between_bytes_timeout};
  }
  std::unique_ptr<RequestBody> body;
  if (request->pipe) body = std::make_unique<PipedBody>(request->pipe);
  auto call = TRY(OutboundCall::start(services_, gate_, std::move(sent), std::move(body)));
  std::expected<std::unique_ptr<FutureIncomingResponse>, ErrorCode> future =
      std::make_unique<FutureIncomingResponse>(services_.loop, std::move(call));
  return future;
}

Result<std::unique_ptr<Pollable>> HttpTypes::future_incoming_response_subscribe(
    FutureIncomingResponse& self) {
  return std::make_unique<Pollable>(self);
}

Result<std::optional<std::expected<
    std::expected<std::unique_ptr<IncomingResponse>, http_types::ErrorCode>, std::monostate>>>
HttpTypes::future_incoming_response_get(FutureIncomingResponse& self) {
  using Answer = std::expected<std::unique_ptr<IncomingResponse>, ErrorCode>;
  using Once = std::expected<Answer, std::monostate>;
  if (!self.is_ready()) return std::optional<Once>();
  auto call = self.take();
  if (!call) return std::optional<Once>(std::unexpected(std::monostate{}));
  if (!call->outcome()) {
    return std::optional<Once>(
        Answer(std::unexpected(to_error_code<ErrorCode>(call->outcome().error()))));
  }
  return std::optional<Once>(Answer(std::make_unique<IncomingResponse>(loop_, std::move(call))));
}

Result<uint16_t> HttpTypes::incoming_response_status(IncomingResponse& self) {
  return self.status();
}

Result<std::unique_ptr<Fields>> HttpTypes::incoming_response_headers(IncomingResponse& self) {
  return std::make_unique<Fields>(http::Headers(self.headers()), Mutability::Immutable);
}

HttpTypes::Taken<IncomingBody> HttpTypes::incoming_response_consume(IncomingResponse& self) {
  std::expected<std::unique_ptr<IncomingBody>, std::monostate> taken = self.take_body();
  if (*taken == nullptr) taken = std::unexpected(std::monostate{});
  return taken;
}

}  // namespace spindle::wasi::p2
