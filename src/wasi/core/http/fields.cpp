#include "wasi/core/http/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace spindle::wasi {
namespace {

constexpr std::array<std::string_view, 8> kForbidden = {
    "connection",       "http2-settings",      "keep-alive",        "proxy-authenticate",
    "proxy-connection", "proxy-authorization", "transfer-encoding", "upgrade",
};

std::string lower_case(std::string_view name) {
  std::string lowered(name);
  std::ranges::transform(lowered, lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lowered;
}

std::string_view text_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

bool is_forbidden_field(std::string_view name) {
  return std::ranges::find(kForbidden, name) != kForbidden.end();
}

std::vector<std::string_view> Fields::get(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& header : view()) {
    if (http::equals_ignoring_case(header.name, name)) values.push_back(header.value);
  }
  return values;
}

std::expected<void, FieldsError> Fields::check_name(std::string_view name) const {
  if (is_immutable()) return std::unexpected(FieldsError::Immutable);
  if (!http::is_valid_header_name(name)) return std::unexpected(FieldsError::InvalidSyntax);
  if (is_forbidden_field(lower_case(name))) return std::unexpected(FieldsError::Forbidden);
  return {};
}

Result<void> Fields::charge(size_t bytes) {
  bytes_ += bytes;
  if (bytes_ > kBytesMax) {
    return Error::limit_exceeded(
        fmt::format("fields of {} bytes, at most {} are allowed", bytes_, kBytesMax));
  }
  if (owned_.size() >= kCountMax) {
    return Error::limit_exceeded(fmt::format("more than {} fields in one list", kCountMax));
  }
  return {};
}

void Fields::count_bytes() {
  bytes_ = 0;
  for (const auto& header : owned_.view()) bytes_ += header.name.size() + header.value.size();
}

Fields::Change Fields::append(std::string_view name, std::span<const uint8_t> value) {
  auto allowed = check_name(name);
  if (!allowed) return allowed;
  auto text = text_of(value);
  if (!http::is_valid_header_value(text)) {
    return std::expected<void, FieldsError>(std::unexpected(FieldsError::InvalidSyntax));
  }
  TRY(charge(name.size() + text.size()));
  owned_.add(lower_case(name), text);
  return allowed;
}

Fields::Change Fields::set(std::string_view name,
                           std::span<const std::span<const uint8_t>> values) {
  auto allowed = check_name(name);
  if (!allowed) return allowed;
  for (const auto& value : values) {
    if (http::is_valid_header_value(text_of(value))) continue;
    return std::expected<void, FieldsError>(std::unexpected(FieldsError::InvalidSyntax));
  }
  owned_.remove(name);
  count_bytes();
  for (const auto& value : values) {
    TRY(charge(name.size() + value.size()));
    owned_.add(lower_case(name), text_of(value));
  }
  return allowed;
}

Fields::Change Fields::remove(std::string_view name) {
  auto allowed = check_name(name);
  if (!allowed) return allowed;
  owned_.remove(name);
  count_bytes();
  return allowed;
}

}  // namespace spindle::wasi
