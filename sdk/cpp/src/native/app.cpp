// App: who calls the handlers, and what is scripted.

#include <spindle/http_task.h>
#include <spindle/test.h>

#include <cstdio>
#include <cstdlib>
#include <ranges>

#include "clock.h"
#include "databases.h"

namespace spindle {

// A program has one of the two, or both.
namespace http::detail {
const char kPlainTrigger = 0;
const char kTaskTrigger = 0;
extern const Handlers kHandlers __attribute__((weak));
}  // namespace http::detail
namespace detail {
const char kRedisTrigger = 0;
extern const RedisHandler kRedisHandler __attribute__((weak));
}  // namespace detail

namespace test {
namespace {

App* the_app = nullptr;

[[noreturn]] void misused(const char* message) {
  std::fprintf(stderr, "spindle::test: %s\n", message);
  std::abort();
}

// The weak symbol's address, through a volatile so that no compiler knows that it is not null.
template <typename T>
const T* if_there(const T& maybe) {
  const T* volatile address = &maybe;
  return address;
}

// A body in the pieces in which a client sends it.
class Pieces {
 public:
  Pieces(std::string first, const Client& client)
      : all_{std::move(first)}, breaks_off_(client.breaks_off) {
    all_.insert(all_.end(), client.more.begin(), client.more.end());
    std::erase(all_, "");
  }
  Result<std::string> next() {
    if (at_ < all_.size()) return all_[at_++];
    if (breaks_off_) return fail(ErrorKind::Canceled, "the body broke off");
    return "";
  }

 private:
  std::vector<std::string> all_;
  bool breaks_off_;
  size_t at_ = 0;
};

struct PlainBody final : http::BodyReader {
  explicit PlainBody(Pieces all) : pieces(std::move(all)) {}
  Result<std::string> read() override { return pieces.next(); }
  Pieces pieces;
};

struct TaskBody final : http::TaskReader::Source {
  explicit TaskBody(Pieces all) : pieces(std::move(all)) {}
  Task<Result<std::string>> read() override { co_return pieces.next(); }
  Pieces pieces;
};

class Reading final : public http::BodyWriter, public http::TaskWriter {
 public:
  Reading(Answer& answer, const Client& client) : answer_(answer), client_(client) {}

  bool take(std::string_view bytes) {
    if (answer_.pieces.size() >= client_.pieces_max) return false;
    if (bytes.empty()) return true;
    answer_.pieces.emplace_back(bytes);
    answer_.body += bytes;
    return true;
  }
  Result<void> write(std::string_view bytes) override {
    if (take(bytes)) return {};
    return fail(ErrorKind::Canceled, "the other side is gone");
  }
  Task<bool> write(std::string bytes) override { co_return take(bytes); }

 private:
  Answer& answer_;
  const Client& client_;
};

template <typename T>
bool finish(Task<T>& task, Clock& clock) {
  task.start();
  while (!task.is_done()) {
    if (!clock.step()) return false;
  }
  return true;
}

Answer stuck(std::string_view what) {
  Answer answer;
  answer.body = std::string(what) + " waits for something that cannot happen";
  return answer;
}

Task<http::Response> begin(http::Request& request, const http::detail::Handlers& handlers,
                           const Client& client) {
  Pieces pieces(request.body(), client);
  if (handlers.streamed != nullptr) {
    request.set_body("");
    return handlers.streamed(request,
                             http::TaskReader(std::make_shared<TaskBody>(std::move(pieces))));
  }
  request.set_body(std::make_unique<PlainBody>(std::move(pieces)));
  (void)request.body();
  return handlers.task(request);
}

Result<http::Response> call(http::Request& request, const http::detail::Handlers& handlers,
                            const Client& client, Clock& clock) {
  if (handlers.plain != nullptr) {
    request.set_body(std::make_unique<PlainBody>(Pieces(request.body(), client)));
    return handlers.plain(request);
  }
  Task<http::Response> task = begin(request, handlers, client);
  if (!finish(task, clock)) return fail(ErrorKind::Canceled, "stuck");
  return task.take();
}

}  // namespace

App::App() : clock_(std::make_unique<Clock>()), sqlite_(std::make_unique<Databases>()) {
  if (the_app != nullptr) misused("two Apps at once");
  the_app = this;
}

App::~App() {
  the_app = nullptr;
}

App& App::current() {
  if (the_app == nullptr) misused("the host was called while no App was alive");
  return *the_app;
}

std::chrono::nanoseconds App::elapsed() const {
  return clock_->now();
}

Answer App::send(http::Request request, const Client& client) {
  const auto* handlers = if_there(http::detail::kHandlers);
  if (handlers == nullptr) misused("the program has no SPINDLE_HTTP");
  Result<http::Response> response = call(request, *handlers, client, *clock_);
  if (!response.has_value()) return stuck("the handler");
  Answer answer{response->status, std::move(response->headers), {}, {}};
  Reading reading(answer, client);
  if (const auto* body = std::get_if<std::string>(&response->body)) {
    reading.take(*body);
  } else if (const auto* function = std::get_if<http::BodyFunction>(&response->body)) {
    (*function)(reading);
  } else if (handlers->plain != nullptr) {
    answer = Answer{500, {}, "a plain handler cannot stream with a coroutine\n", {}};
  } else {
    Task<void> task = (*std::get<std::shared_ptr<http::BodyTask>>(response->body))(reading);
    if (!finish(task, *clock_)) return stuck("the body");
  }
  return answer;
}

Answer App::post(std::string uri, std::string body, std::string_view content_type) {
  http::Request request("POST", std::move(uri), std::move(body));
  if (!content_type.empty()) request.headers().append("content-type", content_type);
  return send(std::move(request));
}

Result<void> App::publish(std::string_view message) {
  const auto* handler = if_there(detail::kRedisHandler);
  if (handler == nullptr) misused("the program has no SPINDLE_REDIS");
  return handler->function(message);
}

void App::on(std::string method, std::string url, HttpFunction function,
             std::chrono::nanoseconds delay) {
  scripts_.push_back({std::move(method), std::move(url), std::move(function), delay});
}

void App::on(std::string method, std::string url, http::Response response,
             std::chrono::nanoseconds delay) {
  on(
      std::move(method), std::move(url),
      [response](const SentRequest&) -> Result<http::Response> { return response; }, delay);
}

void App::on(std::string method, std::string url, Error error, std::chrono::nanoseconds delay) {
  on(
      std::move(method), std::move(url),
      [error](const SentRequest&) -> Result<http::Response> { return std::unexpected(error); },
      delay);
}

App::Reply App::reply(const http::Request& request) {
  const SentRequest sent{request.method(), request.uri(), request.headers(), request.body()};
  if (sent.url.find("://") == std::string::npos) {
    return {fail(ErrorKind::Invalid, "not an absolute URL: " + sent.url), {}};
  }
  if (!is_allowed(sent.url)) {
    return {fail(ErrorKind::Denied, "the manifest does not allow requests to this host"), {}};
  }
  requests.push_back(sent);
  for (const Script& script : std::views::reverse(scripts_)) {
    if (script.method == sent.method && script.url == sent.url) {
      return {script.function(sent), script.delay};
    }
  }
  return {fail(ErrorKind::Unavailable, "no test has scripted " + sent.method + " " + sent.url), {}};
}

int32_t App::open(std::string address) {
  opened_.push_back(std::move(address));
  return static_cast<int32_t>(opened_.size());
}

const std::string& App::address(int32_t handle) const {
  if (handle < 1 || static_cast<size_t>(handle) > opened_.size()) {
    misused("a connection, store or database of another App");
  }
  return opened_[static_cast<size_t>(handle) - 1];
}

void SqlScript::on(std::string part, Function function) {
  answers_.emplace_back(std::move(part), std::move(function));
}

void SqlScript::on(std::string part, SqlAnswer answer) {
  on(std::move(part), [answer](const SqlCall&) -> Result<SqlAnswer> { return answer; });
}

void SqlScript::on(std::string part, Error error) {
  on(std::move(part),
     [error](const SqlCall&) -> Result<SqlAnswer> { return std::unexpected(error); });
}

Result<SqlAnswer> SqlScript::answer(SqlCall call) {
  calls_.push_back(call);
  for (const auto& [part, function] : std::views::reverse(answers_)) {
    if (call.statement.find(part) != std::string::npos) return function(call);
  }
  return fail(ErrorKind::Other, "no test has scripted the statement " + call.statement);
}

}  // namespace test
}  // namespace spindle
