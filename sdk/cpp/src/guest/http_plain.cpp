// The trigger of plain handlers: wasi:http/incoming-handler@0.2.

#include <spindle/http.h>

#include <algorithm>

#include "guest/http_convert.h"
#include "http_plain.h"

namespace spindle::http {
namespace {

namespace types = bindings::wasi::http_0_2::types;
namespace streams = bindings::wasi::io_0_2::streams;

constexpr uint64_t kReadBytes = 64 * 1024;
constexpr size_t kWriteBytes = 4096;  // what one blocking write may take

Error closed(const streams::StreamError& error) {
  if (const auto* failed = std::get_if<streams::StreamError::LastOperationFailed>(&error.value)) {
    return {ErrorKind::Other, failed->value.to_debug_string()};
  }
  return {ErrorKind::Canceled, "the other side is gone"};
}

class IncomingReader final : public BodyReader {
 public:
  IncomingReader(types::IncomingBody body, streams::InputStream stream)
      : body_(std::move(body)), stream_(std::move(stream)) {}

  Result<std::string> read() override {
    while (true) {
      auto part = stream_.blocking_read(kReadBytes);
      if (part.has_value() && part->empty()) continue;
      if (part.has_value()) return std::string(part->begin(), part->end());
      if (std::holds_alternative<streams::StreamError::Closed>(part.error().value)) return "";
      return std::unexpected(closed(part.error()));
    }
  }

 private:
  // In this order: the stream goes first.
  types::IncomingBody body_;
  streams::InputStream stream_;
};

class OutgoingWriter final : public BodyWriter {
 public:
  explicit OutgoingWriter(streams::OutputStream stream) : stream_(std::move(stream)) {}

  Result<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const size_t size = std::min(bytes.size(), kWriteBytes);
      auto done = stream_.blocking_write_and_flush(guest::bytes(bytes.substr(0, size)));
      if (!done.has_value()) return std::unexpected(closed(done.error()));
      bytes.remove_prefix(size);
    }
    return {};
  }

 private:
  streams::OutputStream stream_;
};

// Reads nothing until it is asked: most requests have no body.
class LazyReader final : public BodyReader {
 public:
  explicit LazyReader(types::IncomingRequest request) : request_(std::move(request)) {}

  Result<std::string> read() override {
    if (reader_ == nullptr) {
      auto body = request_.consume();
      if (!body.has_value()) return "";
      auto stream = body->stream();
      if (!stream.has_value()) return "";
      reader_ = std::make_unique<IncomingReader>(std::move(*body), std::move(*stream));
    }
    return reader_->read();
  }

 private:
  types::IncomingRequest request_;
  std::unique_ptr<IncomingReader> reader_;
};

Request read_head(types::IncomingRequest incoming) {
  Request request(guest::method_text(incoming.method()), incoming.path_with_query().value_or("/"));
  guest::append_headers(request.headers(), incoming.headers().entries());
  request.set_body(std::make_unique<LazyReader>(std::move(incoming)));
  return request;
}

void respond(Response response, types::ResponseOutparam out) {
  if (std::holds_alternative<std::shared_ptr<BodyTask>>(response.body)) {
    response = text("a plain handler cannot stream with a coroutine\n", 500);
  }
  types::OutgoingResponse outgoing(guest::to_fields<types::Fields>(response.headers));
  (void)outgoing.set_status_code(static_cast<uint16_t>(response.status));
  auto body = outgoing.body();
  types::ResponseOutparam::set(std::move(out), std::move(outgoing));
  if (!body.has_value()) return;
  if (auto stream = body->write(); stream.has_value()) {
    OutgoingWriter writer(std::move(*stream));
    if (auto* function = std::get_if<BodyFunction>(&response.body)) {
      (*function)(writer);
    } else {
      (void)writer.write(response.content());
    }
  }
  (void)types::OutgoingBody::finish(std::move(*body), std::nullopt);
}

}  // namespace

namespace detail {
const char kPlainTrigger = 0;
}

}  // namespace spindle::http

namespace spindle::bindings::exports::wasi::http_0_2::incoming_handler {

void handle(bindings::wasi::http_0_2::types::IncomingRequest request,
            bindings::wasi::http_0_2::types::ResponseOutparam response_out) {
  http::Request read = http::read_head(std::move(request));
  http::respond(http::detail::kHandlers.plain(read), std::move(response_out));
}

}  // namespace spindle::bindings::exports::wasi::http_0_2::incoming_handler
