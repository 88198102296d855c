#pragma once

// MergedInstance: one instance type that has the exports of several.
//
// Components import what they use of an interface, each another part of it. The composition imports
// the interface once, with everything that any of them uses:
//
//   (instance (export "stream" (type (sub resource))) (export "read" (func ...)))
//   (instance (export "stream" (type (sub resource))) (export "write" (func ...)))
//
// becomes `stream`, `read`, `write`. An export that is there already stands for the later one of
// the same name, so that their types become one type. Whether they were the same is not asked here:
// validating the composition compares the whole with what each component expects.

#include <string_view>
#include <unordered_map>

#include "assemble/compose/type_rewriter.h"

namespace spindle::assemble {

// TypesOnly: of an interface whose functions somebody else provides.
enum class Exports : uint8_t { All, TypesOnly };

class MergedInstance {
 public:
  // `outer` maps the scope around `type`, which outlives the result.
  Result<void> add(const component::InstanceTypeDef& type, IndexMap& outer, Exports exports);
  component::InstanceTypeDef take() { return std::move(merged_); }

 private:
  class Scope;

  uint32_t append(component::Sort sort, component::Declarator declarator);

  component::InstanceTypeDef merged_;
  uint32_t types_ = 0;
  uint32_t core_types_ = 0;
  uint32_t instances_ = 0;
  // The index of an exported type or instance in its space; otherwise nothing.
  std::unordered_map<std::string_view, uint32_t> exports_;
};

}  // namespace spindle::assemble
