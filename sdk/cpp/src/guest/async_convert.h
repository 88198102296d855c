#pragma once

// What the capabilities of coroutines share: bindings' objects that are borrowed while something is
// awaited, and results that come as a stream.

#include <spindle/async.h>
#include <spindle/stream.h>

#include <tuple>

#include "guest/capability_convert.h"

namespace spindle::guest {

// The bindings' object of a handle that somebody else owns, also where the coroutine is dropped.
template <typename R>
class Borrowed {
 public:
  explicit Borrowed(const detail::Handle& handle) : resource_(abi::Adopt{handle.id()}) {}
  Borrowed(const Borrowed&) = delete;
  ~Borrowed() { resource_.release(); }
  const R* operator->() const { return &resource_; }

 private:
  R resource_;
};

// `stream` gives all, then `end` says whether that was all.
template <typename T, typename E>
Task<Result<std::vector<T>>> collect(Stream<T> stream, Future<std::expected<void, E>> end,
                                     auto explain) {
  std::vector<T> all;
  while (true) {
    std::vector<T> part = co_await stream.read(64);
    if (part.empty()) break;
    for (T& each : part) all.push_back(std::move(each));
  }
  const auto done = co_await end.read();
  if (!done.has_value()) co_return std::unexpected(explain(done.error()));
  co_return all;
}

template <typename Row>
Result<SqlRows> sql_rows(std::vector<std::string> columns, Result<std::vector<Row>> found,
                         const auto& values_of) {
  if (!found.has_value()) return std::unexpected(std::move(found.error()));
  SqlRows rows{std::move(columns), {}};
  for (Row& each : *found) {
    Result<SqlRow> row = sql_row(std::move(values_of(each)));
    if (!row.has_value()) return std::unexpected(std::move(row.error()));
    rows.rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace spindle::guest
