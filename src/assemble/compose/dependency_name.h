#pragma once

// DependencyName: which imports of a component a dependency is meant for, as a manifest writes it.
//
//   plain-name            the import of exactly this name
//   ns:pkg                every interface of the package, in any version
//   ns:pkg@1.2.0          every interface of this version of the package
//   ns:pkg/iface          the interface, in any version
//   ns:pkg/iface@1.2.0    the interface in this version
//
// Versions are compared as they are written: `@1.2.0` does not mean an import of 1.2.1.

#include <string_view>

#include "base/result.h"

namespace spindle::assemble {

class DependencyName {
 public:
  // `text` outlives the name.
  static Result<DependencyName> parse(std::string_view text);

  bool matches(std::string_view import) const;
  // It does not name an interface, so it may mean several imports.
  bool is_package() const { return !package_.empty() && interface_.empty(); }

 private:
  std::string_view plain_;
  std::string_view package_;
  std::string_view interface_;
  std::string_view version_;
};

}  // namespace spindle::assemble
