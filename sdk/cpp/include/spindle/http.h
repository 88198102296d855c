#pragma once

// HTTP: requests that come in, responses that go out, requests of one's own.
//
//   #include <spindle/http.h>
//
//   using namespace spindle::http;
//
//   Response handle(const Request& request) {
//     return text("Hello, " + std::string(request.query("name").value_or("you")));
//   }
//   SPINDLE_HTTP(handle)
//
// SPINDLE_HTTP takes a function of a Request that returns a Response or a Task<Response>
// (http_task.h), or a function without parameters that returns a Router (router.h) or a TaskRouter
// (task_router.h). One a program.
//
// A body is read when it is asked for. A response whose body is a function is streamed: what the
// function writes goes out while it runs.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <spindle/error.h>
#include <spindle/headers.h>

namespace spindle {
template <typename T>
class Task;
}

namespace spindle::http {

// Where the bytes of a body come from. Implemented by the SDK and by tests.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // Some bytes; none at the end. Waits for them.
  virtual Result<std::string> read() = 0;
};

// Where they go to.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Waits until they are on their way. An error means that nobody reads any more.
  virtual Result<void> write(std::string_view bytes) = 0;
};

struct Parameter {
  std::string name;
  std::string value;
};

class Request {
 public:
  Request() = default;
  Request(std::string method, std::string uri, std::string body = {});

  const std::string& method() const { return method_; }
  // `/path?query` of a request that came in, an absolute URL of one that goes out.
  const std::string& uri() const { return uri_; }
  std::string_view path() const;
  // The first value of that name in the query, with escapes undone.
  std::optional<std::string> query(std::string_view name) const;

  Headers& headers() { return headers_; }
  const Headers& headers() const { return headers_; }
  std::optional<std::string_view> header(std::string_view name) const { return headers_.get(name); }

  // All of it; an error while reading ends it early.
  const std::string& body() const;
  // What has not been read yet, piece by piece.
  Result<std::string> read() const;
  void set_body(std::string body);
  void set_body(std::unique_ptr<BodyReader> reader);

  // What a route's `:name` stands for in this path, with escapes undone; empty if there is none.
  std::string_view parameter(std::string_view name) const;
  void set_parameters(std::vector<Parameter> parameters) { parameters_ = std::move(parameters); }

 private:
  std::string method_ = "GET";
  std::string uri_ = "/";
  Headers headers_;
  mutable std::string body_;
  mutable std::unique_ptr<BodyReader> reader_;
  std::vector<Parameter> parameters_;
};

using BodyFunction = std::function<void(BodyWriter&)>;
class TaskReader;
class TaskWriter;
// <spindle/http_task.h>
using BodyTask = std::function<Task<void>(TaskWriter&)>;

struct Response {
  int status = 200;
  Headers headers;
  std::variant<std::string, BodyFunction, std::shared_ptr<BodyTask>> body;

  Response() = default;
  Response(int status_code) : status(status_code) {}  // NOLINT: `return 404;`
  Response(int status_code, std::string content) : status(status_code), body(std::move(content)) {}

  // The body, if it is not streamed.
  std::string_view content() const;
  Response& with(std::string_view name, std::string_view value) {
    headers.set(name, value);
    return *this;
  }
};

Response text(std::string content, int status = 200);
Response html(std::string content, int status = 200);
// `content` is JSON already; <spindle/json.h> takes values.
Response json_text(std::string content, int status = 200);
Response stream(BodyFunction body, int status = 200);
Response redirect(std::string_view location, int status = 302);

// `%41` and, in queries, `+`.
std::string unescape(std::string_view text, char plus = '+');

// Sends a request and waits for the whole answer. The manifest's `allowed_outbound_hosts` decides
// where to; `http://name.spin.internal/` is a component of the same application.
Result<Response> send(const Request& request);
inline Result<Response> get(std::string url) {
  return send(Request("GET", std::move(url)));
}
inline Result<Response> post(std::string url, std::string body, std::string_view content_type) {
  Request request("POST", std::move(url), std::move(body));
  request.headers().append("content-type", content_type);
  return send(request);
}

class Router;
class TaskRouter;

namespace detail {

using PlainHandler = Response (*)(Request& request);
using TaskHandler = Task<Response> (*)(Request& request);
using StreamHandler = Task<Response> (*)(Request& request, TaskReader body);

// What a program answers requests with: one of the three. `link` makes the linker take the side of
// the trigger that calls it.
struct Handlers {
  PlainHandler plain = nullptr;
  TaskHandler task = nullptr;
  StreamHandler streamed = nullptr;
  const char* link = nullptr;
};
extern const char kPlainTrigger;
extern const char kTaskTrigger;
Response route(const Router& router, Request& request);
Task<Response> route(const TaskRouter& router, Request& request);

template <auto kHandler>
auto call_handler(Request& request) {
  if constexpr (std::is_invocable_v<decltype(kHandler)>) {
    static const auto router = kHandler();
    return route(router, request);
  } else if constexpr (std::is_invocable_v<decltype(kHandler), Request&>) {
    return kHandler(request);
  } else {
    return kHandler(std::move(request));
  }
}

template <auto kHandler>
consteval Handlers handlers() {
  if constexpr (std::is_convertible_v<decltype(kHandler), StreamHandler>) {
    return {nullptr, nullptr, kHandler, &kTaskTrigger};
  } else if constexpr (std::is_same_v<decltype(call_handler<kHandler>(std::declval<Request&>())),
                                      Response>) {
    return {&call_handler<kHandler>, nullptr, nullptr, &kPlainTrigger};
  } else {
    return {nullptr, &call_handler<kHandler>, nullptr, &kTaskTrigger};
  }
}

extern const Handlers kHandlers;

}  // namespace detail
}  // namespace spindle::http

#define SPINDLE_HTTP(handler)                                                          \
  constinit const ::spindle::http::detail::Handlers spindle::http::detail::kHandlers = \
      ::spindle::http::detail::handlers<&handler>();
