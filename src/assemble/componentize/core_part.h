#pragma once

// CorePart: a core module that is to become part of a component, read as far as its declarations
// and custom sections.

#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "component/binary/core_module.h"

namespace spindle::assemble {

struct CorePart {
  std::string_view name;  // for messages: the adapter's, or nothing
  std::span<const uint8_t> bytes;
  component::CoreModuleInterface interface;
  // Type section, flat; exports by name. Both point into `interface`.
  std::vector<const component::CoreSubType*> types;
  std::unordered_map<std::string_view, const component::CoreExternType*> exports;

  const component::CoreExternType* find_export(std::string_view name) const;
  bool exports_function(std::string_view name) const;
  // Of a function that is imported or exported.
  Result<const component::CoreFuncType*> function_type(uint32_t type) const;
};

Result<CorePart> read_core_part(std::string_view name, std::span<const uint8_t> bytes);

// The section `producers`: who made the module.
struct Producer {
  std::string_view field;  // "processed-by"
  std::string_view name;   // "clang"
  std::string_view version;
};

struct CoreCustomSections {
  std::vector<Producer> producers;
  bool has_component_types = false;
};
Result<CoreCustomSections> read_custom_sections(std::span<const uint8_t> module);

// The module without its `component-type` sections.
Result<std::vector<uint8_t>> without_component_types(std::span<const uint8_t> module);

// A component gives a module each import by its name, so that a name that comes twice (Go imports
// `fd_write` from two places) must become two: `names` are those that the imports are to have, in
// their order.
Result<std::vector<uint8_t>> with_import_names(std::span<const uint8_t> module,
                                               std::span<const std::string_view> names);

}  // namespace spindle::assemble
