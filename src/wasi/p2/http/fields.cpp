#include "wasi/p2/http/types.h"

// The resource `fields` of wasi:http/types@0.2.

namespace spindle::wasi::p2 {
namespace {

using http_types::HeaderError;

HeaderError to_header_error(FieldsError error) {
  switch (error) {
    case FieldsError::InvalidSyntax: return {.value = HeaderError::InvalidSyntax{}};
    case FieldsError::Forbidden: return {.value = HeaderError::Forbidden{}};
    case FieldsError::Immutable: break;
  }
  return {.value = HeaderError::Immutable{}};
}

std::expected<void, HeaderError> to_change(std::expected<void, FieldsError> change) {
  if (change) return {};
  return std::unexpected(to_header_error(change.error()));
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
    auto added = TRY(fields->append(name, value));
    if (added) continue;
    made = std::unexpected(to_header_error(added.error()));
    return made;
  }
  made = std::move(fields);
  return made;
}

Result<std::vector<std::vector<uint8_t>>> HttpTypes::fields_get(Fields& self,
                                                                std::string_view name) {
  std::vector<std::vector<uint8_t>> values;
  for (auto value : self.get(name)) values.push_back(bytes_of(value));
  return values;
}

Result<bool> HttpTypes::fields_has(Fields& self, std::string_view name) {
  return self.has(name);
}

HttpTypes::HeaderChange HttpTypes::fields_set(Fields& self, std::string_view name,
                                              const std::vector<std::span<const uint8_t>>& value) {
  auto change = TRY(self.set(name, value));
  return to_change(change);
}

HttpTypes::HeaderChange HttpTypes::fields_delete_(Fields& self, std::string_view name) {
  auto change = TRY(self.remove(name));
  return to_change(change);
}

HttpTypes::HeaderChange HttpTypes::fields_append(Fields& self, std::string_view name,
                                                 std::span<const uint8_t> value) {
  auto change = TRY(self.append(name, value));
  return to_change(change);
}

Result<std::vector<std::tuple<std::string, std::vector<uint8_t>>>> HttpTypes::fields_entries(
    Fields& self) {
  std::vector<std::tuple<std::string, std::vector<uint8_t>>> entries;
  entries.reserve(self.view().size());
  for (const auto& header : self.view()) entries.emplace_back(header.name, bytes_of(header.value));
  return entries;
}

Result<std::unique_ptr<Fields>> HttpTypes::fields_clone(Fields& self) {
  return self.clone();
}

}  // namespace spindle::wasi::p2
