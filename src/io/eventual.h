#pragma once

// Eventual<T>: what a host function that may wait returns. It is either there already (the common
// case, which costs no coroutine) or a task that brings it.
//
//   Eventual<Bytes> read(Stream& stream, uint64_t length) {
//     if (stream.has_data()) return stream.take(length);   // Result<Bytes>, at once
//     return wait_and_read(stream, length);                // Task<Result<Bytes>>
//   }

#include <optional>
#include <utility>
#include <variant>

#include "base/result.h"
#include "io/task.h"

namespace spindle::io {

template <typename T>
class [[nodiscard]] Eventual {
 public:
  using value_type = T;

  Eventual(Result<T> ready) : state_(std::in_place_index<0>, std::move(ready)) {}
  Eventual(Error error) : state_(std::in_place_index<0>, std::move(error)) {}
  template <typename U>
    requires(!std::is_void_v<T> && std::is_convertible_v<U &&, T> &&
             !std::same_as<std::remove_cvref_t<U>, Eventual> &&
             !std::same_as<std::remove_cvref_t<U>, Result<T>> &&
             !std::same_as<std::remove_cvref_t<U>, Error>)
  Eventual(U&& value) : state_(std::in_place_index<0>, T(std::forward<U>(value))) {}
  Eventual(Task<Result<T>> task) : state_(std::in_place_index<1>, std::move(task)) {}

  bool is_ready() const { return state_.index() == 0; }
  Result<T> take_ready() { return std::move(*std::get_if<0>(&state_)); }
  Task<Result<T>> take_task() { return std::move(*std::get_if<1>(&state_)); }

  // The value either way; for callers that are coroutines themselves.
  static Task<Result<T>> wait(Eventual eventual) {
    if (eventual.is_ready()) co_return eventual.take_ready();
    auto task = eventual.take_task();
    auto result = co_await std::move(task);
    co_return result;
  }

 private:
  std::variant<Result<T>, Task<Result<T>>> state_;
};

}  // namespace spindle::io
