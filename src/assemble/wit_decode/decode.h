#pragma once

// From binaries back to WIT: what a component imports and exports, the worlds that the
// `component-type` sections of a core module describe, and WIT packages encoded as components.
//
//   auto component = TRY(decode_component(bytes));
//   TRY(validate(component));
//   auto decoded = TRY(decode_wit(component));
//   print_with_dependencies(decoded.resolve, decoded.package);
//
// A component becomes the world `root` of the package `root:component`. A type that an interface
// exports under the name of another interface's type is a `use` of that; where a signature mentions
// a type of another interface directly, a `use` is added. What WIT has no words for (core modules
// and components as imports, resources exported by the component itself, nested instances) is
// refused with NotSupported.

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "component/binary/component.h"
#include "component/values/abi_side.h"
#include "wit/model.h"

namespace spindle::assemble {

struct DecodedWit {
  wit::Resolve resolve;
  // `root:component`, or the package that was encoded.
  wit::PackageId package;
  // Absent for a package.
  std::optional<wit::WorldId> world;
};

// `component` was validated.
Result<DecodedWit> decode_wit(const component::Component& component);

// What a core module says about the component that it wants to be.
struct ModuleWorld {
  wit::Resolve resolve;
  // The union of what all sections import and export, as `root:root/root`.
  wit::WorldId world;
  component::StringEncoding encoding = component::StringEncoding::Utf8;
};

// The custom sections `component-type` and `component-type:…` of a core module.
Result<std::vector<std::span<const uint8_t>>> component_type_sections(
    std::span<const uint8_t> module);

// Merges the worlds of several sections, of one module or of a module and its adapters. Imports,
// exports, interfaces and worlds of one name are united; an error where they contradict each other.
Result<ModuleWorld> decode_component_types(std::span<const std::span<const uint8_t>> sections);

}  // namespace spindle::assemble
