// A coroutine that reads its request's body piece by piece, while it answers.
#include <spindle/http_task.h>

using namespace spindle;
using namespace spindle::http;

namespace {

Task<void> copy(TaskReader from, TaskWriter& to) {
  for (auto part = co_await from.read(); part && !part->empty(); part = co_await from.read()) {
    const bool is_written = co_await to.write(std::move(*part));
    if (!is_written) co_return;
  }
}

Task<Response> count(TaskReader body) {
  size_t size = 0;
  while (true) {
    auto part = co_await body.read();
    if (!part) co_return text(part.error().message, 400);
    if (part->empty()) co_return text(std::to_string(size));
    size += part->size();
  }
}

Task<Response> relay(std::string url) {
  auto answer = co_await fetch_streamed(Request("GET", std::move(url)));
  if (!answer) co_return text(answer.error().message, 502);
  Response response = stream_task(
      [body = answer->body](TaskWriter& out) { return copy(body, out); }, answer->status);
  co_return response;
}

}  // namespace

Task<Response> handle(Request& request, TaskReader body) {
  if (request.path() == "/reader/echo") {
    co_return stream_task([body](TaskWriter& out) { return copy(body, out); });
  }
  if (request.path() == "/reader/count") co_return co_await count(body);
  if (request.path() == "/reader/relay") {
    co_return co_await relay(request.query("url").value_or(""));
  }
  co_return text("nothing was read");
}
SPINDLE_HTTP(handle)
