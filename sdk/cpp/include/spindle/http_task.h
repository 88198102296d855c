#pragma once

// Handlers that are coroutines, over WASI 0.3: while one waits, the instance serves other requests.
//
//   Task<Response> handle(Request& request) {
//     auto [tea, milk] = co_await when_all(fetch({"GET", tea_url}), fetch({"GET", milk_url}));
//     co_return text(std::string(tea->content()) + std::string(milk->content()));
//   }
//   SPINDLE_HTTP(handle)
//
// The request's body has been read when the handler starts. A response can be streamed by a
// coroutine, which runs on after the handler has returned:
//
//   co_return stream_task([](TaskWriter& out) -> Task<void> {
//     for (int i = 0; i < 3 && co_await out.write("tick\n"); ++i) co_await sleep_for(1s);
//   });
//
// A response whose body is a plain function is sent when that has returned. Calls of capabilities
// (key_value.h and others) are not awaited: while one runs, nothing else in the instance does.
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

// The function lives as long as its coroutine, so that its captures may be used there.
inline Response stream_task(BodyTask body, int status = 200) {
  Response response(status);
  response.body = std::make_shared<BodyTask>(std::move(body));
  return response;
}

// Sends a request; the whole answer. Dropping the task cancels it.
Task<Result<Response>> fetch(Request request);

}  // namespace http
}  // namespace spindle
