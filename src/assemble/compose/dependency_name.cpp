#include "assemble/compose/dependency_name.h"

#include <fmt/format.h>

#include "component/validate/names.h"
#include "wit/version.h"

namespace spindle::assemble {
namespace {

struct Split {
  std::string_view package;
  std::string_view interface;
  std::string_view version;
};

Split split(std::string_view text) {
  Split parts;
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    parts.version = text.substr(at + 1);
    text = text.substr(0, at);
  }
  const size_t slash = text.find('/');
  parts.package = text.substr(0, slash);
  if (slash != std::string_view::npos) parts.interface = text.substr(slash + 1);
  return parts;
}

bool is_package_name(std::string_view text) {
  const size_t colon = text.find(':');
  return colon != std::string_view::npos && component::is_kebab_label(text.substr(0, colon)) &&
         component::is_kebab_label(text.substr(colon + 1));
}

Error invalid(std::string_view text) {
  return Error::invalid_input(
      fmt::format("`{}` names no import, expected a plain name, `ns:pkg` or `ns:pkg/interface`, "
                  "with `@version` "
                  "or without",
                  text));
}

}  // namespace

Result<DependencyName> DependencyName::parse(std::string_view text) {
  DependencyName name;
  if (text.find_first_of(":/@") == std::string_view::npos) {
    if (!component::is_kebab_label(text)) return invalid(text);
    name.plain_ = text;
    return name;
  }
  const Split parts = split(text);
  const bool has_interface = text.find('/') != std::string_view::npos;
  const bool has_version = text.find('@') != std::string_view::npos;
  if (!is_package_name(parts.package) ||
      (has_interface && !component::is_kebab_label(parts.interface)) ||
      (has_version && !wit::parse_version(parts.version))) {
    return invalid(text);
  }
  name.package_ = parts.package;
  name.interface_ = parts.interface;
  name.version_ = parts.version;
  return name;
}

bool DependencyName::matches(std::string_view import) const {
  if (!plain_.empty()) return import == plain_;
  if (import.find(':') == std::string_view::npos) return false;
  const Split parts = split(import);
  return parts.package == package_ && (interface_.empty() || parts.interface == interface_) &&
         (version_.empty() || parts.version == version_);
}

}  // namespace spindle::assemble
