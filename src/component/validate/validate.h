#pragma once

// validate: whether a decoded component makes sense, by the component model's rules.
//
// After success every index is in bounds and of the right sort, every type is well formed, every
// canonical definition has the options and the core signature that it needs, and every
// instantiation, core or component, is given what it imports. The planner relies on all of that.
// The bodies of core modules are not looked at: the engine validates those; only the types of their
// imports and exports are read.
//
// Errors name the definition and its offset in the outermost binary. Features that are switched off
// are refused with NotSupported.

#include "base/result.h"
#include "component/binary/component.h"

namespace spindle::component {

// Parts of the component model behind a switch. The defaults accept everything that is known.
struct ValidationFeatures {
  bool implements_attributes = true;
  bool map_types = true;
  bool fixed_lists = true;
  bool error_context = true;
  bool threads = true;
  bool stackful_lift = true;
  bool memory64 = true;
  bool gc = true;
  // Where drafts differ: names by package, address or hash; waits that may be canceled; two context
  // slots in place of one. Later drafts compare names without their dashes.
  bool dependency_names = true;
  bool cancellable_waits = true;
  bool second_context_slot = true;
  bool names_ignore_dashes = false;
  // A root component takes and gives no components, there is nobody outside to link them, and does
  // not export a function that it imports.
  bool root_restrictions = true;
};

Result<void> validate(const Component& component, const ValidationFeatures& features = {});

}  // namespace spindle::component
