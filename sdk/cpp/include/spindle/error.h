#pragma once

// What the SDK's calls return when they fail: a kind that programs look at and a message for
// people.

#include <expected>
#include <string>
#include <utility>

namespace spindle {

enum class ErrorKind : unsigned char {
  Other,
  Denied,       // the manifest does not allow it
  NotFound,     // no such store, database, variable, key
  Invalid,      // what was passed makes no sense
  Unavailable,  // the other side does not answer
  Full,
  Canceled,
};

struct Error {
  ErrorKind kind = ErrorKind::Other;
  std::string message;

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}

}  // namespace spindle
