#include "static_files/conditions.h"

#include "static_files/http_date.h"
#include "static_files/list_header.h"

namespace spindle::static_files {
namespace {

enum class Compare : uint8_t { Strong, Weak };

// Whether a list of entity tags names that of the file, which is a strong one.
bool names(std::string_view list, const FoundFile& file, Compare compare) {
  ListHeader tags(list);
  while (auto tag = tags.next()) {
    if (*tag == "*") return true;
    if (compare == Compare::Weak && tag->starts_with("W/")) tag->remove_prefix(2);
    if (*tag == file.etag) return true;
  }
  return false;
}

// Whether the client's part is of the file as it is now.
bool is_current(std::string_view if_range, const FoundFile& file) {
  const std::string_view validator = trim_spaces(if_range);
  if (validator == file.etag) return true;
  return parse_http_date(validator) == file.modified;
}

bool is_precondition_met(http::HeaderView headers, const FoundFile& file) {
  if (const auto match = headers.find("if-match")) return names(*match, file, Compare::Strong);
  const auto since = headers.find("if-unmodified-since");
  const auto date = since ? parse_http_date(*since) : std::nullopt;
  return !date || file.modified <= *date;
}

bool is_not_modified(http::HeaderView headers, const FoundFile& file) {
  if (const auto none = headers.find("if-none-match")) return names(*none, file, Compare::Weak);
  const auto since = headers.find("if-modified-since");
  const auto date = since ? parse_http_date(*since) : std::nullopt;
  return date && file.modified <= *date;
}

}  // namespace

Decision decide(const http::RequestHead& head, const FoundFile& file) {
  using Kind = Decision::Kind;
  const http::HeaderView headers = head.headers;
  if (!is_precondition_met(headers, file)) return {.kind = Kind::PreconditionFailed, .parts = {}};
  if (is_not_modified(headers, file)) return {.kind = Kind::NotModified, .parts = {}};
  const auto range = headers.find("range");
  if (!range || head.method != http::Method::Get) return {};
  const auto if_range = headers.find("if-range");
  if (if_range && !is_current(*if_range, file)) return {};
  auto parts = parse_ranges(*range, file.size);
  if (!parts) return {};
  if (parts->empty()) return {.kind = Kind::OutOfRange, .parts = {}};
  return {.kind = Kind::Parts, .parts = std::move(*parts)};
}

}  // namespace spindle::static_files
