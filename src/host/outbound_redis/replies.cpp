#include "host/outbound_redis/replies.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace spindle::host {
namespace {

using redis::Reply;
using Failed = std::unexpected<RedisFailure>;

// Texts of a server may hold any bytes, strings of a guest may not.
std::string readable(std::string text) {
  if (is_valid_utf8(text)) return text;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

Failed error_of(Reply reply) {
  return Failed(redis_failure(readable(std::move(reply.text))));
}

Failed unexpected_reply() {
  return Failed(redis_failure("the server answered with a reply of another type"));
}

std::vector<uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

// Depth is limited by the reader of replies.
RedisOutcome<void> flatten(Reply reply, std::vector<RedisValue>& values) {
  switch (reply.kind) {
    case Reply::Kind::Nil: values.emplace_back(); return {};
    case Reply::Kind::Status:
      values.emplace_back(RedisStatus{readable(std::move(reply.text))});
      return {};
    case Reply::Kind::Error: return error_of(std::move(reply));
    case Reply::Kind::Integer:
    case Reply::Kind::Boolean: values.emplace_back(reply.integer); return {};
    case Reply::Kind::Bulk:
    case Reply::Kind::Double:
    case Reply::Kind::BigNumber: values.emplace_back(bytes_of(reply.text)); return {};
    case Reply::Kind::Array:
    case Reply::Kind::Set:
      for (auto& element : reply.elements) {
        auto done = flatten(std::move(element), values);
        if (!done) return done;
      }
      return {};
    case Reply::Kind::Map:
    case Reply::Kind::Attribute:
    case Reply::Kind::Push:
    case Reply::Kind::Verbatim: break;
  }
  return Failed(redis_failure("the server answered with a type that has no redis-result"));
}

}  // namespace

RedisOutcome<void> take_done(Reply reply) {
  if (reply.is_error()) return error_of(std::move(reply));
  return {};
}

RedisOutcome<std::optional<std::vector<uint8_t>>> take_payload(Reply reply) {
  if (reply.is_error()) return error_of(std::move(reply));
  if (reply.is_nil()) return std::nullopt;
  if (!reply.is_text()) return unexpected_reply();
  return bytes_of(reply.text);
}

RedisOutcome<int64_t> take_integer(Reply reply) {
  if (reply.is_error()) return error_of(std::move(reply));
  if (reply.kind != Reply::Kind::Integer) return unexpected_reply();
  return reply.integer;
}

RedisOutcome<uint32_t> take_count(Reply reply) {
  auto count = take_integer(std::move(reply));
  if (!count) return Failed(std::move(count).error());
  if (*count < 0 || *count > UINT32_MAX) return unexpected_reply();
  return static_cast<uint32_t>(*count);
}

RedisOutcome<uint32_t> take_count_added(Reply reply) {
  if (!reply.is_error() && reply.kind != Reply::Kind::Integer) {
    return Failed(RedisFailure{.kind = RedisFailure::Kind::TypeError, .message = {}});
  }
  return take_count(std::move(reply));
}

RedisOutcome<std::vector<std::string>> take_strings(Reply reply) {
  if (reply.is_error()) return error_of(std::move(reply));
  if (reply.kind != Reply::Kind::Array && reply.kind != Reply::Kind::Set) return unexpected_reply();
  std::vector<std::string> strings;
  for (auto& element : reply.elements) {
    if (!element.is_text()) return unexpected_reply();
    if (!is_valid_utf8(element.text)) {
      return Failed(redis_failure("a member of the set is not UTF-8"));
    }
    strings.push_back(std::move(element.text));
  }
  return strings;
}

RedisOutcome<std::vector<RedisValue>> take_values(Reply reply) {
  std::vector<RedisValue> values;
  auto done = flatten(std::move(reply), values);
  if (!done) return Failed(std::move(done).error());
  return values;
}

}  // namespace spindle::host
