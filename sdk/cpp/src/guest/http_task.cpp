// The trigger of handlers that are coroutines, and what they can await: wasi:http@0.3.

#include <spindle/http_task.h>

#include "guest/convert.h"
#include "guest/url.h"
#include "http_task.h"

namespace spindle {
namespace {

namespace types = task_bindings::wasi::http_0_3::types;
namespace client = task_bindings::wasi::http_0_3::client;
namespace clock = task_bindings::wasi::clocks_0_3::monotonic_clock;

using Trailers = std::expected<std::optional<types::Fields>, types::ErrorCode>;
using Sent = std::expected<void, types::ErrorCode>;
using http::Headers;
using http::Request;
using http::Response;

// Callbacks of a future that somebody must write, though nobody has something to say.
Task<void> write_future(FutureWriter<Sent> writer) {
  co_await writer.write(Sent());
}

// Of a request or a response.
template <typename Message>
Task<std::string> read_body(Message message) {
  auto [writer, done] = make_future<Sent>();
  auto [stream, trailers] = Message::consume_body(std::move(message), std::move(done));
  std::string all;
  while (true) {
    const std::vector<uint8_t> part = co_await stream.read();
    if (part.empty()) break;
    all += guest::text(part);
  }
  abi::spawn(write_future(std::move(writer)));
  co_return all;
}

Headers read_headers(const types::Fields& fields) {
  Headers headers;
  for (const auto& [name, value] : fields.copy_all()) headers.append(name, guest::text(value));
  return headers;
}

types::Fields to_fields(const Headers& headers) {
  types::Fields fields;
  for (const auto& [name, value] : headers) (void)fields.append(name, guest::bytes(value));
  return fields;
}

std::string method_text(types::Method method) {
  static constexpr const char* kNames[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                           "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  if (auto* other = std::get_if<types::Method::Other>(&method.value)) {
    return std::move(other->value);
  }
  return kNames[method.value.index()];
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

Task<void> send_no_body(FutureWriter<Trailers> trailers) {
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
    abi::spawn(send_no_body(std::move(trailers_writer)));
    return {std::nullopt, std::move(trailers)};
  }
  auto [writer, stream] = make_stream<uint8_t>();
  abi::spawn(send_body(std::move(writer), std::move(trailers_writer), std::move(body)));
  return {std::move(stream), std::move(trailers)};
}

types::Response to_response(Response response) {
  OutgoingBody body = send(std::move(response.body));
  auto [made, sent] = types::Response::new_(to_fields(response.headers), std::move(body.stream),
                                            std::move(body.trailers));
  (void)made.set_status_code(static_cast<uint16_t>(response.status));
  return std::move(made);
}

Error explain(const types::ErrorCode& code) {
  using C = types::ErrorCode;
  if (std::holds_alternative<C::HttpRequestDenied>(code.value)) {
    return {ErrorKind::Denied, "the manifest does not allow requests to this host"};
  }
  if (const auto* internal = std::get_if<C::InternalError>(&code.value)) {
    return {ErrorKind::Other, internal->value.value_or("internal error")};
  }
  return {ErrorKind::Unavailable,
          "the request failed (wasi:http error " + std::to_string(code.value.index()) + ")"};
}

types::Method to_method(const std::string& name) {
  using M = types::Method;
  if (name == "GET") return {M::Get{}};
  if (name == "HEAD") return {M::Head{}};
  if (name == "POST") return {M::Post{}};
  if (name == "PUT") return {M::Put{}};
  if (name == "DELETE") return {M::Delete{}};
  if (name == "OPTIONS") return {M::Options{}};
  if (name == "PATCH") return {M::Patch{}};
  return {M::Other{name}};
}

bool set_target(types::Request& request, const std::string& method, const guest::Url& url) {
  using S = types::Scheme;
  const types::Scheme scheme = url.scheme == "https"  ? S{S::Https{}}
                               : url.scheme == "http" ? S{S::Http{}}
                                                      : S{S::Other{std::string(url.scheme)}};
  return request.set_method(to_method(method)) && request.set_scheme(scheme) &&
         request.set_authority(std::string(url.authority)) &&
         request.set_path_with_query(url.path_with_slash());
}

}  // namespace

Task<void> sleep_for(std::chrono::nanoseconds duration) {
  co_await clock::wait_for(
      static_cast<uint64_t>(std::max(duration.count(), decltype(duration.count()){0})));
}

namespace http {

Task<Result<Response>> fetch(Request request) {
  const auto url = guest::split_url(request.uri());
  if (!url.has_value()) co_return fail(ErrorKind::Invalid, "not an absolute URL: " + request.uri());
  OutgoingBody body = spindle::send(request.body());
  auto [made, sent] = types::Request::new_(to_fields(request.headers()), std::move(body.stream),
                                           std::move(body.trailers), std::nullopt);
  if (!set_target(made, request.method(), *url)) {
    co_return fail(ErrorKind::Invalid, "not a request that can be sent: " + request.uri());
  }
  auto answer = co_await client::send(std::move(made));
  if (!answer.has_value()) co_return std::unexpected(explain(answer.error()));
  Response response(answer->get_status_code());
  response.headers = read_headers(answer->get_headers());
  response.body = co_await read_body(std::move(*answer));
  co_return response;
}

namespace detail {
const char kTaskTrigger = 0;
}

}  // namespace http
}  // namespace spindle

namespace spindle::task_bindings::exports::wasi::http_0_3::handler {

Task<std::expected<types::Response, types::ErrorCode>> handle(types::Request incoming) {
  http::Request request(method_text(incoming.get_method()),
                        incoming.get_path_with_query().value_or("/"));
  request.headers() = read_headers(incoming.get_headers());
  request.set_body(co_await read_body(std::move(incoming)));
  Response response = co_await http::detail::kHandlers.task(request);
  co_return to_response(std::move(response));
}

}  // namespace spindle::task_bindings::exports::wasi::http_0_3::handler
