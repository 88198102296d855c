#include "wasi/p3/http/types.h"

// The resource `fields` of wasi:http/types@0.3.

namespace spindle::wasi::p3 {
namespace {

using http_types::HeaderError;
using Changed = std::expected<void, HeaderError>;

HeaderError to_header_error(FieldsError error) {
  switch (error) {
    case FieldsError::InvalidSyntax: return {.value = HeaderError::InvalidSyntax{}};
    case FieldsError::Forbidden: return {.value = HeaderError::Forbidden{}};
    case FieldsError::Immutable: break;
  }
  return {.value = HeaderError::Immutable{}};
}

// The core reports a list beyond its limit as an error of the call, for versions that have no word
// for it.
Result<Changed> to_change(const Fields::Change& change) {
  if (!change) {
    if (change.error().kind() != ErrorKind::LimitExceeded) return change.error();
    return Changed(std::unexpect, HeaderError{.value = HeaderError::SizeExceeded{}});
  }
  if (*change) return Changed();
  return Changed(std::unexpect, to_header_error(change->error()));
}

std::vector<uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace

Result<std::unique_ptr<Fields>> HttpTypes::fields_new() {
  return std::make_unique<Fields>();
}

Result<std::expected<std::unique_ptr<Fields>, HeaderError>> HttpTypes::fields_from_list(
    const std::vector<std::tuple<std::string_view, std::span<const uint8_t>>>& entries) {
  auto fields = std::make_unique<Fields>();
  std::expected<std::unique_ptr<Fields>, HeaderError> made;
  for (const auto& [name, value] : entries) {
    Changed added = TRY(to_change(fields->append(name, value)));
    if (added) continue;
    made = std::unexpected(added.error());
    return made;
  }
  made = std::move(fields);
  return made;
}

Result<HttpTypes::Values> HttpTypes::fields_get(Fields& self, std::string_view name) {
  Values values;
  for (auto value : self.get(name)) values.push_back(bytes_of(value));
  return values;
}

Result<bool> HttpTypes::fields_has(Fields& self, std::string_view name) {
  return self.has(name);
}

HttpTypes::HeaderChange HttpTypes::fields_set(Fields& self, std::string_view name,
                                              const std::vector<std::span<const uint8_t>>& value) {
  return to_change(self.set(name, value));
}

HttpTypes::HeaderChange HttpTypes::fields_delete_(Fields& self, std::string_view name) {
  return to_change(self.remove(name));
}

Result<std::expected<HttpTypes::Values, HeaderError>> HttpTypes::fields_get_and_delete(
    Fields& self, std::string_view name) {
  using Taken = std::expected<Values, HeaderError>;
  Values values = TRY(fields_get(self, name));
  Changed removed = TRY(to_change(self.remove(name)));
  if (!removed) return Taken(std::unexpect, removed.error());
  return Taken(std::move(values));
}

HttpTypes::HeaderChange HttpTypes::fields_append(Fields& self, std::string_view name,
                                                 std::span<const uint8_t> value) {
  return to_change(self.append(name, value));
}

Result<std::vector<std::tuple<std::string, std::vector<uint8_t>>>> HttpTypes::fields_copy_all(
    Fields& self) {
  std::vector<std::tuple<std::string, std::vector<uint8_t>>> entries;
  entries.reserve(self.view().size());
  for (const auto& header : self.view()) entries.emplace_back(header.name, bytes_of(header.value));
  return entries;
}

Result<std::unique_ptr<Fields>> HttpTypes::fields_clone(Fields& self) {
  return std::make_unique<Fields>(http::Headers(self.view()), Mutability::Mutable);
}

}  // namespace spindle::wasi::p3
