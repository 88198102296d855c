#pragma once

// Result<T>: a value or an Error. Member names follow std::expected, so that an alias could replace
// it; misuse stops the process with the caller's position.
//
//   Result<Header> parse_header(ByteReader& reader) {
//     auto magic = TRY(reader.u32());
//     if (magic != kMagic) return Error::invalid_input("not a wasm binary");
//     ...
//   }
//
// TRY (CO_TRY in coroutines) is a whole statement or the whole initializer of a declaration; it is
// never written inside an argument list or braces. Failures that a guest is to see are values one
// layer inside: Result<std::expected<T, WitError>>.

#include <concepts>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/verify.h"

namespace spindle {

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(const T& value) : storage_(std::in_place_index<0>, value) {}
  Result(T&& value) : storage_(std::in_place_index<0>, std::move(value)) {}
  template <typename U>
    requires(std::constructible_from<T, U &&> && !std::same_as<std::remove_cvref_t<U>, Result> &&
             !std::same_as<std::remove_cvref_t<U>, Error> && std::is_convertible_v<U &&, T>)
  Result(U&& value) : storage_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error) : storage_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return storage_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value(std::source_location at = std::source_location::current()) & {
    verify_value(at);
    return *std::get_if<0>(&storage_);
  }
  const T& value(std::source_location at = std::source_location::current()) const& {
    verify_value(at);
    return *std::get_if<0>(&storage_);
  }
  T value(std::source_location at = std::source_location::current()) && { return take_value(at); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error(std::source_location at = std::source_location::current()) & {
    verify_error(at);
    return *std::get_if<1>(&storage_);
  }
  const Error& error(std::source_location at = std::source_location::current()) const& {
    verify_error(at);
    return *std::get_if<1>(&storage_);
  }

  T take_value(std::source_location at = std::source_location::current()) {
    verify_value(at);
    return std::move(*std::get_if<0>(&storage_));
  }
  Error take_error(std::source_location at = std::source_location::current()) {
    verify_error(at);
    return std::move(*std::get_if<1>(&storage_));
  }
  template <typename U>
  T value_or(U&& fallback) && {
    return has_value() ? take_value() : static_cast<T>(std::forward<U>(fallback));
  }

  // The same result; an error gains what the caller was doing.
  Result context(std::string text) && {
    if (has_value()) return std::move(*this);
    return std::move(error()).with_context(std::move(text));
  }
  template <std::invocable F>
  Result context(F&& make_text) && {
    if (has_value()) return std::move(*this);
    return std::move(error()).with_context(std::forward<F>(make_text)());
  }

 private:
  void verify_value(std::source_location at) const {
    if (!has_value()) [[unlikely]]
      verify_failed("Result has a value", std::get_if<1>(&storage_)->to_string(), at);
  }
  void verify_error(std::source_location at) const {
    if (has_value()) [[unlikely]]
      verify_failed("Result has an error", "it has a value", at);
  }

  std::variant<T, Error> storage_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value(std::source_location at = std::source_location::current()) const { take_value(at); }
  void take_value(std::source_location at = std::source_location::current()) const {
    if (error_) [[unlikely]]
      verify_failed("Result has a value", error_->to_string(), at);
  }
  const Error& error(std::source_location at = std::source_location::current()) const& {
    verify_error(at);
    return *error_;
  }
  Error take_error(std::source_location at = std::source_location::current()) {
    verify_error(at);
    return std::move(*error_);
  }

  Result context(std::string text) && {
    if (!error_) return {};
    return std::move(*error_).with_context(std::move(text));
  }
  template <std::invocable F>
  Result context(F&& make_text) && {
    if (!error_) return {};
    return std::move(*error_).with_context(std::forward<F>(make_text)());
  }

 private:
  void verify_error(std::source_location at) const {
    if (!error_) [[unlikely]]
      verify_failed("Result has an error", "it has a value", at);
  }
  std::optional<Error> error_;
};

}  // namespace spindle

#define SPINDLE_CONCAT_(a, b) a##b
#define SPINDLE_CONCAT(a, b) SPINDLE_CONCAT_(a, b)
#define SPINDLE_TRY_(name, return_word, ...) \
  __extension__({                            \
    auto name = (__VA_ARGS__);               \
    if (!name.has_value()) [[unlikely]]      \
      return_word name.take_error();         \
    name.take_value();                       \
  })

// The value of a Result expression; returns its error from this function otherwise.
#define TRY(...) SPINDLE_TRY_(SPINDLE_CONCAT(try_result_, __COUNTER__), return, __VA_ARGS__)
// The same in a coroutine.
#define CO_TRY(...) SPINDLE_TRY_(SPINDLE_CONCAT(try_result_, __COUNTER__), co_return, __VA_ARGS__)
