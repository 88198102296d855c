#pragma once

// Handlers that are coroutines, over WASI 0.3: while one waits, the instance serves other requests.
//
//   Task<Response> handle(Request& request) {
//     auto [tea, milk] = co_await when_all(fetch({"GET", tea_url}), fetch({"GET", milk_url}));
//     co_return text(std::string(tea->content()) + std::string(milk->content()));
//   }
//   SPINDLE_HTTP(handle)
//
// The request's body has been read when such a handler starts. One that takes a TaskReader besides
// reads it itself, piece by piece:
//
//   Task<Response> handle(Request& request, TaskReader body) {
//     size_t size = 0;
//     for (auto part = co_await body.read(); part && !part->empty(); part = co_await body.read())
//       size += part->size();
//     co_return text(std::to_string(size));
//   }
//
// A response can be streamed by a coroutine, which runs on after the handler has returned, and may
// go on reading the request:
//
//   co_return stream_task([](TaskWriter& out) -> Task<void> {
//     for (int i = 0; i < 3 && co_await out.write("tick\n"); ++i) co_await sleep_for(1s);
//   });
//
// A response whose body is a plain function is sent when that has returned. Capabilities
// that are awaited are in async.h; while a call of key_value.h and the like runs, nothing else in
// the instance does.
// Instances serve several requests, so global variables are shared between them.

#include <chrono>
#include <functional>

#include <spindle/http.h>
#include <spindle/task.h>

namespace spindle {

Task<void> sleep_for(std::chrono::nanoseconds duration);

namespace http {

class TaskWriter {
 public:
  virtual ~TaskWriter() = default;
  // False where nobody reads any more. Takes its time where the client is slow.
  virtual Task<bool> write(std::string bytes) = 0;
};

// The body of a request that came in, or of a response. Copies read from the same body.
class TaskReader {
 public:
  // Where the bytes come from. Implemented by the SDK and by tests.
  class Source {
   public:
    virtual ~Source() = default;
    virtual Task<Result<std::string>> read() = 0;
  };

  explicit TaskReader(std::shared_ptr<Source> source) : source_(std::move(source)) {}
  // Some bytes; none at the end; an error where the other side broke off.
  Task<Result<std::string>> read() { return source_->read(); }
  // All that is left.
  Task<Result<std::string>> read_all();

 private:
  std::shared_ptr<Source> source_;
};

inline Task<Result<std::string>> TaskReader::read_all() {
  const std::shared_ptr<Source> source = source_;
  std::string all;
  while (true) {
    Result<std::string> part = co_await source->read();
    if (!part.has_value()) co_return std::move(part);
    if (part->empty()) co_return all;
    all += *part;
  }
}

// The function lives as long as its coroutine, so that its captures may be used there.
inline Response stream_task(BodyTask body, int status = 200) {
  Response response(status);
  response.body = std::make_shared<BodyTask>(std::move(body));
  return response;
}

// Sends a request; the whole answer. Dropping the task cancels it.
Task<Result<Response>> fetch(Request request);

// Sends a request; the answer as soon as it begins. Dropping the reader ends it.
struct Fetched {
  int status = 200;
  Headers headers;
  TaskReader body;
};
Task<Result<Fetched>> fetch_streamed(Request request);

}  // namespace http
}  // namespace spindle
