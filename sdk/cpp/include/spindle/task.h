#pragma once

// Task<T>: a coroutine that produces a T when it is awaited.
//
//   Task<Response> handle(Request& request) {
//     auto [one, other] = co_await when_all(fetch(a), fetch(b));
//     co_return text(one + other);
//   }
//
// A task starts when it is awaited, and belongs to who holds it: dropping one that waits cancels
// what it waits for. One is awaited once. Parameters that are references must outlive the task.

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace spindle {

template <typename T>
class [[nodiscard]] Task;

namespace detail {

// Without tail calls a chain of coroutines that resume each other would grow the stack. So a task
// that ends while it is being started resumes nobody: who awaits it goes on by itself.
struct PromiseBase {
  struct Finish {
    bool await_ready() const noexcept { return false; }
    template <typename P>
    void await_suspend(std::coroutine_handle<P> done) const noexcept {
      if (!done.promise().is_starting) done.promise().continuation.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Finish final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const { std::terminate(); }

  std::coroutine_handle<> continuation = std::noop_coroutine();
  bool is_starting = false;
};

template <typename T>
struct Promise : PromiseBase {
  Task<T> get_return_object();
  template <typename U>
  void return_value(U&& value) {
    result.emplace(std::forward<U>(value));
  }
  std::optional<T> result;
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const {}
};

}  // namespace detail

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) {
    promise_type& promise = handle_.promise();
    promise.continuation = awaiting;
    promise.is_starting = true;
    handle_.resume();
    promise.is_starting = false;
    return !handle_.done();
  }
  T await_resume() { return take(); }

  // For those who drive a task themselves: start once, then ask whether it is done.
  void start() { handle_.resume(); }
  bool is_done() const { return handle_.done(); }
  T take() {
    if constexpr (!std::is_void_v<T>) return std::move(*handle_.promise().result);
  }

 private:
  Handle handle_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(Task<void>::Handle::from_promise(*this));
}

// Counts tasks that run side by side; the last one resumes who waits, which may drop them all.
struct Countdown {
  size_t left = 0;
  std::coroutine_handle<> waiting;
};

struct CountDown {
  Countdown& countdown;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) const {
    if (--countdown.left == 0 && countdown.waiting) countdown.waiting.resume();
  }
  void await_resume() const {}
};

template <typename T>
using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <typename T>
Task<void> run_into(Task<T> task, std::optional<Stored<T>>& result, Countdown& countdown) {
  if constexpr (std::is_void_v<T>) {
    co_await task;
    result.emplace();
  } else {
    result.emplace(co_await task);
  }
  co_await CountDown{countdown};
}

// Starts `all`, and waits until each is done.
struct AwaitAll {
  std::vector<Task<void>>& all;
  Countdown& countdown;

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) {
    // One more, so that those that finish at once do not resume who is not suspended yet.
    countdown.left = all.size() + 1;
    for (Task<void>& each : all) each.start();
    if (--countdown.left == 0) return false;
    countdown.waiting = awaiting;
    return true;
  }
  void await_resume() const {}
};

template <typename... Ts, size_t... kIndex>
Task<std::tuple<Stored<Ts>...>> all_of(std::index_sequence<kIndex...>, Task<Ts>... tasks) {
  std::tuple<std::optional<Stored<Ts>>...> results;
  Countdown countdown;
  std::vector<Task<void>> running;
  (running.push_back(run_into(std::move(tasks), std::get<kIndex>(results), countdown)), ...);
  co_await AwaitAll{running, countdown};
  co_return std::tuple<Stored<Ts>...>{std::move(*std::get<kIndex>(results))...};
}

}  // namespace detail

// All at once; the results in the order of the tasks, std::monostate for a Task<void>.
template <typename... Ts>
Task<std::tuple<detail::Stored<Ts>...>> when_all(Task<Ts>... tasks) {
  return detail::all_of(std::index_sequence_for<Ts...>(), std::move(tasks)...);
}

template <typename T>
Task<std::vector<detail::Stored<T>>> when_all(std::vector<Task<T>> tasks) {
  std::vector<std::optional<detail::Stored<T>>> results(tasks.size());
  detail::Countdown countdown;
  std::vector<Task<void>> running;
  for (size_t i = 0; i < tasks.size(); ++i) {
    running.push_back(detail::run_into(std::move(tasks[i]), results[i], countdown));
  }
  co_await detail::AwaitAll{running, countdown};
  std::vector<detail::Stored<T>> all;
  for (auto& each : results) all.push_back(std::move(*each));
  co_return all;
}

}  // namespace spindle
