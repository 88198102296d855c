#pragma once

// A Resolve as WIT text again: for people, for tests, and for handing a package to other tools.
// What comes out parses to the same model, except that includes and renames have been carried out,
// and that items are in the printer's order: in a world interfaces, types, functions; `use` first.

#include <string>

#include "wit/model.h"

namespace spindle::wit {

// `package ns:name@1.0.0;` and its items.
std::string print_package(const Resolve& resolve, PackageId package);

// The same, and then the other packages as nested blocks: a file that stands on its own.
std::string print_with_dependencies(const Resolve& resolve, PackageId package);

// Every package, each as a nested `package ns:name { ... }` block, so that one file holds all.
std::string print_all(const Resolve& resolve);

// One type as it is written where it is used: `list<u8>`, or its name.
std::string print_type(const Resolve& resolve, Type type);

}  // namespace spindle::wit
