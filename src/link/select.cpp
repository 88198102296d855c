#include "link/select.h"

#include <fmt/format.h>

namespace spindle::link {

Result<std::vector<std::string>> Select::candidates(std::string_view import_name) {
  std::vector<std::string> names;
  const SessionImport* import = session_ == nullptr ? nullptr : session_->find(import_name);
  if (import == nullptr) return names;
  for (const auto& [name, candidate] : import->import().candidates) names.push_back(name);
  return names;
}

Result<std::expected<void, std::string>> Select::select(std::string_view import_name,
                                                        std::string_view name) {
  using Answer = std::expected<void, std::string>;
  SessionImport* import = session_ == nullptr ? nullptr : session_->find(import_name);
  if (import == nullptr) {
    return Answer(std::unexpected(fmt::format("`{}` is not bound at run time", import_name)));
  }
  const Result<void> selected = import->select(name);
  return selected ? Answer() : Answer(std::unexpected(selected.error().message()));
}

}  // namespace spindle::link
