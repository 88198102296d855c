#include "base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace spindle {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput: return "invalid input";
    case ErrorKind::NotFound: return "not found";
    case ErrorKind::Denied: return "denied";
    case ErrorKind::LimitExceeded: return "limit exceeded";
    case ErrorKind::Timeout: return "timeout";
    case ErrorKind::Canceled: return "canceled";
    case ErrorKind::Unavailable: return "unavailable";
    case ErrorKind::NotSupported: return "not supported";
    case ErrorKind::Trap: return "trap";
    case ErrorKind::Internal: return "internal error";
  }
  return "unknown error kind";
}

Error Error::from_errno(int number, std::string_view action) {
  ErrorKind kind = ErrorKind::Unavailable;
  if (number == ENOENT || number == ENOTDIR) kind = ErrorKind::NotFound;
  if (number == EACCES || number == EPERM || number == EROFS) kind = ErrorKind::Denied;
  return {kind, fmt::format("{}: {}", action, std::generic_category().message(number))};
}

std::string Error::located_message() const {
  if (!state_->offset) return state_->message;
  return fmt::format("{} (at offset {:#x})", state_->message, *state_->offset);
}

std::vector<std::string> Error::chain() const {
  std::vector<std::string> lines(state_->contexts.rbegin(), state_->contexts.rend());
  lines.push_back(located_message());
  return lines;
}

std::string Error::to_string() const {
  return fmt::format("{}", fmt::join(chain(), ": "));
}

}  // namespace spindle
