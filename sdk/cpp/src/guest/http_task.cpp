// The trigger of handlers that are coroutines, and what they can await: wasi:http@0.3.

#include <spindle/http_task.h>

#include "guest/http_convert.h"
#include "http_task.h"

namespace spindle {
namespace {

namespace types = task_bindings::wasi::http_0_3::types;
namespace client = task_bindings::wasi::http_0_3::client;
namespace clock = task_bindings::wasi::clocks_0_3::monotonic_clock;

using Trailers = std::expected<std::optional<types::Fields>, types::ErrorCode>;
using Sent = std::expected<void, types::ErrorCode>;
using http::Request;
using http::Response;

// A future that somebody must write, though nobody has something to say.
template <typename T>
Task<void> write_future(FutureWriter<T> writer) {
  co_await writer.write(T());
}

// The body of a request or a response: a stream, and behind it whether that was all.
class BodySource final : public http::TaskReader::Source {
 public:
  BodySource(Stream<uint8_t> stream, Future<Trailers> trailers)
      : stream_(std::move(stream)), trailers_(std::move(trailers)) {}

  Task<Result<std::string>> read() override {
    if (is_over_) co_return "";
    const std::vector<uint8_t> part = co_await stream_.read();
    if (!part.empty()) co_return guest::text(part);
    is_over_ = true;
    const Trailers end = co_await trailers_.read();
    if (!end.has_value()) co_return fail(ErrorKind::Canceled, "the body broke off");
    co_return "";
  }

 private:
  Stream<uint8_t> stream_;
  Future<Trailers> trailers_;
  bool is_over_ = false;
};

template <typename Message>
http::TaskReader reader_of(Message message) {
  auto [writer, done] = make_future<Sent>();
  auto [stream, trailers] = Message::consume_body(std::move(message), std::move(done));
  abi::spawn(write_future(std::move(writer)));
  return http::TaskReader(std::make_shared<BodySource>(std::move(stream), std::move(trailers)));
}

class StreamTaskWriter final : public http::TaskWriter {
 public:
  explicit StreamTaskWriter(StreamWriter<uint8_t> writer) : writer_(std::move(writer)) {}
  Task<bool> write(std::string bytes) override {
    const bool is_written = co_await writer_.write(guest::bytes(bytes));
    co_return is_written;
  }

 private:
  StreamWriter<uint8_t> writer_;
};

class Collector final : public http::BodyWriter {
 public:
  Result<void> write(std::string_view bytes) override {
    all += bytes;
    return {};
  }
  std::string all;
};

using Body = decltype(Response::body);

// The body, then the trailers, of which there are none.
Task<void> send_body(StreamWriter<uint8_t> writer, FutureWriter<Trailers> trailers, Body body) {
  {
    StreamTaskWriter out(std::move(writer));
    if (auto* task = std::get_if<std::shared_ptr<http::BodyTask>>(&body)) {
      co_await (**task)(out);
    } else {
      co_await out.write(std::move(std::get<std::string>(body)));
    }
  }
  co_await trailers.write(Trailers());
}

struct OutgoingBody {
  std::optional<Stream<uint8_t>> stream;
  Future<Trailers> trailers;
};

// Begins to send.
OutgoingBody send(Body body) {
  if (auto* function = std::get_if<http::BodyFunction>(&body)) {
    Collector collector;
    (*function)(collector);
    body = std::move(collector.all);
  }
  auto [trailers_writer, trailers] = make_future<Trailers>();
  const auto* text = std::get_if<std::string>(&body);
  if (text != nullptr && text->empty()) {
    abi::spawn(write_future(std::move(trailers_writer)));
    return {std::nullopt, std::move(trailers)};
  }
  auto [writer, stream] = make_stream<uint8_t>();
  abi::spawn(send_body(std::move(writer), std::move(trailers_writer), std::move(body)));
  return {std::move(stream), std::move(trailers)};
}

types::Response to_response(Response response) {
  OutgoingBody body = send(std::move(response.body));
  auto [made, sent] = types::Response::new_(guest::to_fields<types::Fields>(response.headers),
                                            std::move(body.stream), std::move(body.trailers));
  (void)made.set_status_code(static_cast<uint16_t>(response.status));
  return std::move(made);
}

}  // namespace

Task<void> sleep_for(std::chrono::nanoseconds duration) {
  co_await clock::wait_for(
      static_cast<uint64_t>(std::max(duration.count(), decltype(duration.count()){0})));
}

namespace http {

Task<Result<Fetched>> fetch_streamed(Request request) {
  const auto url = guest::split_url(request.uri());
  if (!url.has_value()) co_return fail(ErrorKind::Invalid, "not an absolute URL: " + request.uri());
  OutgoingBody body = spindle::send(request.body());
  auto [made, sent] =
      types::Request::new_(guest::to_fields<types::Fields>(request.headers()),
                           std::move(body.stream), std::move(body.trailers), std::nullopt);
  if (!guest::set_target<types::Scheme, types::Method>(made, request.method(), *url)) {
    co_return fail(ErrorKind::Invalid, "not a request that can be sent: " + request.uri());
  }
  auto answer = co_await client::send(std::move(made));
  if (!answer.has_value()) co_return std::unexpected(guest::explain(answer.error()));
  const int status = answer->get_status_code();
  Headers headers;
  guest::append_headers(headers, answer->get_headers().copy_all());
  co_return Fetched{status, std::move(headers), reader_of(std::move(*answer))};
}

Task<Result<Response>> fetch(Request request) {
  Result<Fetched> fetched = co_await fetch_streamed(std::move(request));
  if (!fetched.has_value()) co_return std::unexpected(std::move(fetched.error()));
  Result<std::string> body = co_await fetched->body.read_all();
  if (!body.has_value()) co_return std::unexpected(std::move(body.error()));
  Response response(fetched->status, std::move(*body));
  response.headers = std::move(fetched->headers);
  co_return response;
}

namespace detail {
const char kTaskTrigger = 0;
}

}  // namespace http
}  // namespace spindle

namespace spindle::task_bindings::exports::wasi::http_0_3::handler {

Task<std::expected<types::Response, types::ErrorCode>> handle(types::Request incoming) {
  http::Request request(guest::method_text(incoming.get_method()),
                        incoming.get_path_with_query().value_or("/"));
  guest::append_headers(request.headers(), incoming.get_headers().copy_all());
  http::TaskReader body = reader_of(std::move(incoming));
  const auto& handlers = http::detail::kHandlers;
  if (handlers.streamed != nullptr) {
    Response response = co_await handlers.streamed(request, std::move(body));
    co_return to_response(std::move(response));
  }
  // A client that breaks off is gone; there is nobody to answer.
  request.set_body((co_await body.read_all()).value_or(""));
  Response response = co_await handlers.task(request);
  co_return to_response(std::move(response));
}

}  // namespace spindle::task_bindings::exports::wasi::http_0_3::handler
