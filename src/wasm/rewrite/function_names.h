#pragma once

// FunctionNames: what the name sections of modules call their functions, for backtraces. A section
// that is malformed names nothing from the damage on.

#include <string_view>
#include <unordered_map>
#include <vector>

#include "wasm/rewrite/module_sections.h"

namespace spindle::wasm::rewrite {

class FunctionNames {
 public:
  // Empty if unknown. Reads the section of a module when it is first asked.
  std::string_view find(const ModuleSections& module, uint32_t function);

 private:
  std::unordered_map<const ModuleSections*, std::vector<std::string_view>> names_;
};

}  // namespace spindle::wasm::rewrite
