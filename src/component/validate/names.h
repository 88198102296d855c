#pragma once

// The grammar of import and export names.
//
//   plain        a-b   [constructor]a   [method]a.b   [static]a.b
//   interface    ns:pkg/iface   ns:pkg/iface@1.2.3
//   others       unlocked-dep=<ns:pkg@{>=1.0.0}>  locked-dep=<..>  url=<..>  integrity=<..>
//
// Words of labels are all lower or all upper case (acronyms). Two plain names conflict when they
// are equal after lower-casing and stripping annotations; `uniqueness_key` is that form.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spindle::component {

enum class NameKind : uint8_t { Plain, Constructor, Method, Static, Interface, Dependency };

struct ParsedName {
  NameKind kind = NameKind::Plain;
  // Plain: the label. Constructor, Method, Static: the resource.
  std::string_view label;
  std::string_view member;   // Method, Static
  std::string_view version;  // Interface: without the @, may be empty
  std::string uniqueness_key;
};

bool is_kebab_label(std::string_view label);
Result<ParsedName> parse_extern_name(std::string_view name);
// Labels are compared without regard to the case of their acronyms.
std::string lowered(std::string_view label);
// Whether `version` is a semantic version as semver.org defines it.
bool is_semantic_version(std::string_view version);

}  // namespace spindle::component
