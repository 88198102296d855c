#pragma once

// From what a backend brings to what an interface answers: a failure of the backend becomes the
// interface's own error, so that the guest sees it; only cancellation stays an Error. Answers that
// are there at once stay so.

#include <expected>
#include <string>
#include <type_traits>
#include <utility>

#include "io/eventual.h"

namespace spindle::host {

template <typename U, typename T, typename F>
io::Task<Result<U>> convert_later(io::Task<Result<T>> task, F convert) {
  Result<T> brought = co_await std::move(task);
  co_return convert(std::move(brought));
}

// `convert` takes a Result<T> and gives another Result.
template <typename T, typename F>
auto then(io::Eventual<T> eventual, F convert) {
  using U = typename std::invoke_result_t<F, Result<T>>::value_type;
  if (eventual.is_ready()) return io::Eventual<U>(convert(eventual.take_ready()));
  return io::Eventual<U>(convert_later<U>(eventual.take_task(), std::move(convert)));
}

// `Failure` makes the interface's error from a message.
template <auto Failure, typename T>
auto answer(io::Eventual<T> eventual) {
  using Answer = std::expected<T, std::invoke_result_t<decltype(Failure), std::string>>;
  return then(std::move(eventual), [](Result<T> brought) -> Result<Answer> {
    if (!brought.has_value()) {
      if (brought.error().kind() == ErrorKind::Canceled) return brought.take_error();
      return Answer(std::unexpect, Failure(brought.error().to_string()));
    }
    if constexpr (std::is_void_v<T>) {
      return Answer();
    } else {
      return Answer(brought.take_value());
    }
  });
}

}  // namespace spindle::host
