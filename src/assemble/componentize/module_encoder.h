#pragma once

// ModuleEncoder: the steps of encode_module(). Internal to assemble/componentize.

#include <map>
#include <set>

#include "assemble/componentize/componentize.h"
#include "assemble/componentize/core_names.h"
#include "assemble/wit_encode/abi_needs.h"
#include "assemble/wit_encode/built_in_types.h"
#include "assemble/wit_encode/exported_interface.h"

namespace spindle::assemble {

class ModuleEncoder {
 public:
  explicit ModuleEncoder(const EncodeModule& input);

  Result<std::vector<uint8_t>> encode();

 private:
  enum class PartKind : uint8_t { Main, Adapter };

  // A core import with its meaning and, if it goes through the shim, its slot there.
  struct PartImport {
    const component::CoreImportDecl* decl = nullptr;
    // As it is called in what becomes part of the component.
    std::string_view name;
    ImportMeaning meaning;
    std::optional<uint32_t> slot;
  };
  struct Part {
    CorePart core;
    PartKind kind = PartKind::Main;
    std::vector<PartImport> imports;
    component::CoreInstanceIndex instance;
    std::span<const uint8_t> bytes;  // what becomes part of the component
  };
  // A function that the shim calls: an import of a part, or a destructor.
  struct ShimSlot {
    const component::CoreFuncType* type = nullptr;
    const Part* part = nullptr;
    const PartImport* import = nullptr;
    std::string_view destructor;  // an export of the main module
  };
  struct CoreExportRef {
    const Part* part = nullptr;
    std::string_view name;
  };

  Result<void> read_parts();
  Result<void> read_imports(Part& part);
  Result<void> name_apart(Part& part);
  void mark_live();
  Result<void> assign_slots(Part& part);
  Result<void> assign_destructors();
  Result<void> declare_imports();
  Result<void> instantiate_shim();
  Result<void> define_resources();
  Result<void> instantiate(Part& part);
  Result<void> instantiate_realloc();
  Result<void> instantiate_fixup();
  Result<void> export_all();

  AbiNeeds needs_of(const PartImport& import);
  Result<component::SortIndex> item_for(const Part& part, const PartImport& import);
  Result<component::SortIndex> main_item(const PartImport& import);
  Result<component::CoreFuncIndex> lower(const Part& part, const PartImport& import);
  AbiNeeds needs_of(const AsyncBuiltIn& call);
  Result<component::CoreFuncIndex> built_in(const Part& part, const PartImport& import);
  Result<std::optional<component::ValueTypeUse>> payload(const AsyncBuiltIn& call);
  Result<component::TypeIndex> endpoint_type(const AsyncBuiltIn& call);
  Result<component::CoreFuncIndex> slot_item(const ShimSlot& slot);
  Result<component::CanonOptions> options(const AbiNeeds& needs, const Part& part,
                                          std::string_view purpose);
  Result<component::CoreMemoryIndex> memory();
  Result<component::CoreFuncIndex> core_function(const Part& part, std::string_view name);
  std::optional<std::string_view> realloc_name(const Part& part, std::string_view preferred) const;
  component::CoreFuncIndex shim_function(uint32_t slot);

  Result<component::ComponentFuncIndex> lift(const wit::Function& function,
                                             const std::string& core_name,
                                             component::TypeIndex type);
  Result<component::ComponentFuncIndex> lift_async(const wit::Function& function,
                                                   const std::string& core_name,
                                                   component::TypeIndex type);
  const Part* part_exporting(std::string_view name) const;
  Result<void> export_interface_once(wit::InterfaceId id, size_t depth);
  std::string destructor_name(std::string_view interface, wit::TypeId resource) const;

  const EncodeModule& input_;
  ComponentAst ast_;
  WorldView world_;
  LiveItems live_;
  AbiRules rules_;
  RootTypes root_;
  std::vector<CorePart> adapter_cores_;
  std::vector<Part> parts_;  // the main module first
  std::vector<ShimSlot> slots_;
  std::map<wit::TypeId, uint32_t> destructor_slots_;
  OwnResources resources_;
  BuiltInTypes export_types_;
  // Of streams and futures: whether it is a stream, its payload, and whose.
  std::map<std::tuple<bool, std::optional<wit::Type>, PayloadSide>, component::TypeIndex>
      endpoint_types_;
  ExportedInstances exported_;
  component::CoreInstanceIndex shim_;
  std::optional<component::CoreInstanceIndex> realloc_instance_;
  std::optional<component::CoreMemoryIndex> memory_;
  std::map<std::pair<const Part*, std::string>, component::CoreFuncIndex> core_functions_;
};

}  // namespace spindle::assemble
