#pragma once

// What went wrong, as a value.
//
// An Error is a kind from a small closed set, a message for people, the offset or position in the
// input where that is known, and the context that callers added on the way up. Kinds decide HTTP
// status and exit code; messages are lower case, without a full stop, and name the offending value
// and what was expected. The command line prints the whole chain:
//
//   Error: loading application "shop"
//
//   Caused by:
//       0: component `cart`
//       1: invalid component binary: unknown section id 13 (at offset 0x2f)

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spindle {

enum class ErrorKind : uint8_t {
  InvalidInput,   // the input breaks a rule of its format
  NotFound,       // a named thing does not exist
  Denied,         // policy forbids it
  LimitExceeded,  // a named limit was reached
  Timeout,        // a deadline passed
  Canceled,       // whoever asked no longer wants it
  Unavailable,    // an outside service or the system refused
  NotSupported,   // valid, but not built
  Trap,           // the guest did something that ends its instance
  Internal,       // our own fault
};

std::string_view to_string(ErrorKind kind);

class [[nodiscard]] Error {
 public:
  Error(ErrorKind kind, std::string message)
      : state_(std::make_unique<State>(State{kind, std::move(message), {}, {}})) {}
  Error(const Error& other) : state_(std::make_unique<State>(*other.state_)) {}
  Error& operator=(const Error& other) {
    if (this != &other) state_ = std::make_unique<State>(*other.state_);
    return *this;
  }
  Error(Error&&) noexcept = default;
  Error& operator=(Error&&) noexcept = default;
  ~Error() = default;

  static Error invalid_input(std::string message) {
    return {ErrorKind::InvalidInput, std::move(message)};
  }
  static Error not_found(std::string message) { return {ErrorKind::NotFound, std::move(message)}; }
  static Error denied(std::string message) { return {ErrorKind::Denied, std::move(message)}; }
  static Error limit_exceeded(std::string message) {
    return {ErrorKind::LimitExceeded, std::move(message)};
  }
  static Error timeout(std::string message) { return {ErrorKind::Timeout, std::move(message)}; }
  static Error canceled(std::string message) { return {ErrorKind::Canceled, std::move(message)}; }
  static Error unavailable(std::string message) {
    return {ErrorKind::Unavailable, std::move(message)};
  }
  static Error not_supported(std::string message) {
    return {ErrorKind::NotSupported, std::move(message)};
  }
  static Error trap(std::string message) { return {ErrorKind::Trap, std::move(message)}; }
  static Error internal(std::string message) { return {ErrorKind::Internal, std::move(message)}; }
  // From errno; `action` says what was being done ("opening spin.toml").
  static Error from_errno(int number, std::string_view action);

  ErrorKind kind() const { return state_->kind; }
  const std::string& message() const { return state_->message; }
  // Byte offset into the input being read, where the failure has one.
  std::optional<uint64_t> offset() const { return state_->offset; }
  // What callers were doing; the innermost first.
  const std::vector<std::string>& contexts() const { return state_->contexts; }

  Error&& with_context(std::string context) && {
    state_->contexts.push_back(std::move(context));
    return std::move(*this);
  }
  Error&& with_offset(uint64_t offset) && {
    if (!state_->offset) state_->offset = offset;
    return std::move(*this);
  }

  // The message with its offset: `unknown section id 13 (at offset 0x2f)`.
  std::string located_message() const;
  // One line, outermost context first: `component `cart`: unknown section id 13 (at offset 0x2f)`.
  std::string to_string() const;
  // Outermost first, the message last.
  std::vector<std::string> chain() const;

 private:
  struct State {
    ErrorKind kind;
    std::string message;
    std::vector<std::string> contexts;
    std::optional<uint64_t> offset;
  };
  std::unique_ptr<State> state_;
};

}  // namespace spindle
