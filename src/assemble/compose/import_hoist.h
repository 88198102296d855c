#pragma once

// ImportHoist: the imports that a composition has: those of its parts that nothing inside
// satisfies.
//
//   ImportHoist hoist(output);
//   const uint32_t part = hoist.add_part(part, scope);
//   TRY(hoist.require(part, import));                 // for every such import, of every part
//   const SortIndex item = TRY(hoist.emit(part, import));  // what to instantiate the part with
//
// Imports of one name and compatibility track are one import, under the highest of their versions,
// with everything that any part uses of it. Types of imports refer to other imports (`use` in WIT):
// these are emitted first, whichever part brought them, so that a resource type that several
// interfaces share stays one type. An import that the types of another need although it is
// satisfied inside comes along with its types only.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "assemble/component_ast.h"
#include "assemble/compose/merged_instance.h"
#include "assemble/compose/part.h"

namespace spindle::assemble {

class ImportHoist {
 public:
  explicit ImportHoist(ComponentAst& output) : output_(output) {}

  // Both outlive the hoist.
  uint32_t add_part(const Part& part, const PartScope& scope);
  Result<void> require(uint32_t part, const component::ImportDef& import);
  // After everything that is required.
  Result<component::SortIndex> emit(uint32_t part, const component::ImportDef& import);

 private:
  class Discovery;
  class PartMap;

  struct Contribution {
    uint32_t part = 0;
    const component::ImportDef* import = nullptr;
    Exports exports = Exports::All;
  };
  enum class State : uint8_t { Open, Busy, Done };
  struct Group {
    std::vector<Contribution> contributions;
    State state = State::Open;
    component::SortIndex item;
  };
  struct PartState {
    const Part* part = nullptr;
    const PartScope* scope = nullptr;
    // By import: which groups it is in.
    std::map<const component::ImportDef*, Exports> required;
    std::vector<bool> discovered_types;
    // Where the part's types and instances are in the output.
    std::map<uint32_t, uint32_t> types;
    std::map<uint32_t, uint32_t> core_types;
    std::map<uint32_t, uint32_t> instances;
  };

  std::string hoisted_name(uint32_t part, const component::ImportDef& import) const;
  Result<void> require(uint32_t part, const component::ImportDef& import, Exports exports);
  Result<void> emit(Group& group);
  Result<component::ImportDef> merged(const Group& group);
  Result<component::ImportDef> merged_instance(const Group& group);
  component::ExternName best_name(const Group& group);
  uint32_t alias(component::Sort sort, uint32_t instance, std::string_view name);

  ComponentAst& output_;
  std::vector<PartState> parts_;
  std::map<std::string, Group> groups_;
  std::map<std::tuple<component::Sort, uint32_t, std::string>, uint32_t> aliases_;
  uint32_t depth_ = 0;
};

}  // namespace spindle::assemble
