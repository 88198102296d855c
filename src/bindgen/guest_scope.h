#pragma once

// GuestScope: what becomes one C++ namespace of a guest: an interface on one side of the world, or
// the functions and types of the world itself. The writers of guest bindings go from scope to
// scope; names of core functions and of modules are made here.
//
//   scope                     module of its imports      core name of its exports
//   interface a:b/c, import   a:b/c
//   interface a:b/c, export   [export]a:b/c              a:b/c#f
//   the world                 $root, [export]$root       f

#include <string>
#include <vector>

#include "base/result.h"
#include "bindgen/guest_types.h"

namespace spindle::bindgen {

struct GuestScope {
  Side side = Side::Import;
  wit::Owner owner;
  // The item of the world; empty for the world itself.
  std::string name;
  std::vector<wit::TypeId> types;  // those that are declared here
  std::vector<const wit::Function*> functions;

  std::string module() const;
  std::string export_name(const std::string& function) const;
  // Of the free functions, or of a resource.
  std::vector<const wit::Function*> functions_of(std::optional<wit::TypeId> resource) const;
};

// In an order in which each comes after those whose types it uses.
Result<std::vector<GuestScope>> guest_scopes(GuestTypes& types);

// The core function of `function`, unique in its scope.
std::string core_name(const wit::Resolve& resolve, const wit::Function& function);

}  // namespace spindle::bindgen
