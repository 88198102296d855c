#pragma once

// JSON in and out, through nlohmann::json, without exceptions: what does not parse is an Error,
// what has another type than asked for is nothing.
//
//   Response add(const Request& request) {
//     auto body = parse_json(request.body());
//     if (!body) return text(body.error().message, 400);
//     return json({{"name", get<std::string>(*body, "name").value_or("?")}});
//   }

#define JSON_NOEXCEPTION 1
#define JSON_NO_IO 1
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

#include <spindle/error.h>
#include <spindle/http.h>

namespace spindle {

using Json = nlohmann::json;

inline Result<Json> parse_json(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return fail(ErrorKind::Invalid, "not JSON");
  return value;
}

// A member of an object, if it is there and a T.
template <typename T>
std::optional<T> get(const Json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  if constexpr (std::is_same_v<T, std::string>) {
    if (!found->is_string()) return std::nullopt;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!found->is_boolean()) return std::nullopt;
  } else if constexpr (std::is_integral_v<T>) {
    if (!found->is_number_integer()) return std::nullopt;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!found->is_number()) return std::nullopt;
  }
  return found->get<T>();
}

namespace http {

// Text that is not UTF-8 is replaced.
inline Response json(const Json& value, int status = 200) {
  return json_text(value.dump(-1, ' ', false, Json::error_handler_t::replace), status);
}

}  // namespace http
}  // namespace spindle
