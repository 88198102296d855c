#pragma once

// What the capabilities share: bindings' objects for handles, bytes as text, errors.

#include <spindle/abi.h>
#include <spindle/error.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spindle::guest {

// Calls with the bindings' object of a handle that somebody else owns.
template <typename R>
auto with(int32_t id, const auto& function) {
  const R resource(abi::Adopt{id});
  auto done = function(resource);
  resource.release();
  return done;
}

template <typename R>
void drop(int32_t id) {
  R::drop_handle(id);
}

inline std::span<const uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::vector<uint8_t> byte_vector(std::string_view text) {
  const std::span<const uint8_t> view = bytes(text);
  return {view.begin(), view.end()};
}
inline std::string text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// `convert` makes the value, `explain` the error.
template <typename T>
Result<T> result(auto done, const auto& explain, const auto& convert) {
  if (!done.has_value()) return std::unexpected(explain(done.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return convert(std::move(*done));
  }
}
template <typename T>
Result<T> result(auto done, const auto& explain) {
  return result<T>(std::move(done), explain, [](auto&& value) { return std::move(value); });
}

}  // namespace spindle::guest
