// Handlers that are coroutines.
#include <spindle/http_task.h>

#include <charconv>

using namespace spindle;
using namespace spindle::http;
using namespace std::chrono_literals;

namespace {

Task<int> later(int value, std::chrono::milliseconds after) {
  co_await sleep_for(after);
  co_return value;
}

Task<Response> timers() {
  auto [two, one, nothing] = co_await when_all(later(2, 20ms), later(1, 10ms), sleep_for(0ms));
  std::vector<Task<int>> many;
  for (int i = 0; i < 5; ++i) many.push_back(later(i, std::chrono::milliseconds(5 - i)));
  std::string all = std::to_string(two) + std::to_string(one);
  for (int each : co_await when_all(std::move(many))) all += std::to_string(each);
  co_return text(all);
}

// Starts to wait, and does not finish.
Task<Response> dropped() {
  {
    Task<int> forgotten = later(1, 1h);
    forgotten.start();
    if (forgotten.is_done()) co_return text("done too early", 500);
  }
  co_return text("dropped");
}

Task<Response> fetch_all(Request& request) {
  const std::string url = request.query("url").value_or("");
  auto [one, other] =
      co_await when_all(fetch(Request("GET", url)), fetch(Request("POST", url, "body")));
  if (!one)
    co_return text((one.error().kind == ErrorKind::Denied ? "denied: " : "") + one.error().message,
                   500);
  if (!other) co_return text(other.error().message, 500);
  co_return text(std::to_string(one->status) + std::string(one->content()) +
                 std::to_string(other->status) + std::string(other->content()));
}

Task<void> tick(int count, TaskWriter& out) {
  for (int i = 0; i < count; ++i) {
    const bool is_written = co_await out.write("tick " + std::to_string(i) + "\n");
    if (!is_written) co_return;
    co_await sleep_for(1ms);
  }
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Task<Response> handle(Request& request) {
  const std::string_view path = request.path();
  if (path == "/task/timers") co_return co_await timers();
  if (path == "/task/dropped") co_return co_await dropped();
  if (path == "/task/fetch") co_return co_await fetch_all(request);
  if (path == "/task/forever") co_await sleep_for(1h);
  if (path == "/task/echo") {
    Response answer(201, request.body());
    answer.headers.append("x-method", request.method());
    answer.headers.append("x-kind", request.header("x-kind").value_or("none"));
    co_return answer;
  }
  if (path == "/task/ticks") {
    const int count = number(request.query("count").value_or("3"));
    co_return stream_task([count](TaskWriter& out) { return tick(count, out); });
  }
  if (path == "/task/plain") {
    co_return stream([](BodyWriter& out) { (void)out.write("all at once"); });
  }
  if (path == "/task/large") co_return text(std::string(1'000'000, 'x'));
  co_return Response(204);
}
SPINDLE_HTTP(handle)
