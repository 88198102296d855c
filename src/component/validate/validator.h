#pragma once

// Validator: walks a component's definitions in order, keeping the types of everything that they
// append to the index spaces. Its functions are spread over several sources by topic:
//
//   validator.cpp       the walk, aliases, nested components, what a finished component's type is
//   define_types.cpp    type definitions                 visibility.cpp   what may be named outside
//   externs.cpp         imports, exports, their names
//   instantiate.cpp     core and component instances     canon.cpp        canonical definitions

#include <memory>
#include <vector>

#include "base/result.h"
#include "component/binary/component.h"
#include "component/validate/core_arena.h"
#include "component/validate/names.h"
#include "component/validate/scope.h"
#include "component/validate/subtype.h"
#include "component/validate/type_arena.h"
#include "component/validate/validate.h"

namespace spindle::component {

class Validator {
 public:
  Validator(const Component& root, const ValidationFeatures& features)
      : root_(root), features_(features), types_(root.bytes.size()), matcher_(types_, core_) {}

  Result<void> run();

 private:
  enum class AbiDirection : uint8_t { Lift, Lower };
  // Checked canonical options.
  struct Options {
    const CanonOptions* given = nullptr;
    PointerWidth width = PointerWidth::Bits32;
    bool is_async() const { return given->is_async; }
  };

  Scope& scope() { return *scopes_.back(); }

  // validator.cpp
  Result<TypeId> check_component(const Component& component);
  Result<void> check(const Definition& definition);
  Result<void> check_item(const CoreModuleDef& def, uint64_t offset);
  Result<void> check_item(const CoreInstantiateDef& def, uint64_t offset);
  Result<void> check_item(const CoreInlineExportsDef& def, uint64_t offset);
  Result<void> check_item(const CoreTypeDef& def, uint64_t offset);
  Result<void> check_item(const NestedComponentDef& def, uint64_t offset);
  Result<void> check_item(const InstantiateDef& def, uint64_t offset);
  Result<void> check_item(const InlineExportsDef& def, uint64_t offset);
  Result<void> check_item(const AliasDef& def, uint64_t offset);
  Result<void> check_item(const TypeDef& def, uint64_t offset);
  Result<void> check_item(const CanonDef& def, uint64_t offset);
  Result<void> check_item(const ImportDef& def, uint64_t offset);
  Result<void> check_item(const ExportDef& def, uint64_t offset);
  Result<void> check_item(const ExportDecl& def, uint64_t offset);
  Result<void> check_alias(const AliasDef& def, const InstanceExportAlias& target);
  Result<void> check_alias(const AliasDef& def, const CoreExportAlias& target);
  Result<void> check_alias(const AliasDef& def, const OuterAlias& target);
  Result<void> check_outer_type(size_t target_scope, TypeId type);
  Result<std::shared_ptr<const ScopeType>> finish_component(Scope& scope);
  void add_core_item(const CoreExternType& type);

  template <typename Item>
  Result<Item> at(const std::vector<Item>& space, uint32_t index, std::string_view sort) const;
  Result<Entity> entity_at(SortIndex item);
  Result<const CoreFuncType*> core_function_at(CoreFuncIndex index);

  // define_types.cpp
  Result<TypeId> define(const TypeDef& def);
  Result<TypeId> define_value(const TypeDef& def);
  Result<TypeId> define_labels(NodeKind kind, const std::vector<std::string_view>& labels);
  Result<TypeId> define_handle(NodeKind kind, TypeIndex resource);
  Result<TypeId> define_channel(NodeKind kind, const std::optional<ValueTypeUse>& payload);
  Result<TypeId> define_map(const MapDef& def);
  Result<TypeId> define_function(const FuncDef& def);
  Result<TypeId> define_resource(const ResourceDef& def);
  Result<TypeId> define_scope(ScopeKind kind, const std::vector<Declarator>& declarators);
  Result<ModuleTypeId> define_module(const ModuleTypeDef& def);
  Result<void> define_module_item(const ModuleDeclarator& declarator,
                                  std::vector<CoreTypeId>& space, ModuleType& module);
  Result<CoreTypeId> outer_core_type(const CoreOuterAlias& alias,
                                     const std::vector<CoreTypeId>& local);
  Result<Value> resolve(const ValueTypeUse& use);
  Result<std::optional<Value>> resolve(const std::optional<ValueTypeUse>& use);
  Result<TypeId> type_at(uint32_t index, NodeKind kind);

  // externs.cpp
  Result<Entity> describe_extern(const ExternDesc& desc);
  Result<void> add_extern(Direction direction, const ExternName& name, Entity entity);
  Result<void> add_entity(Entity& entity, std::optional<Direction> direction,
                          std::string_view name);
  void add_resource(const Entity& entity, Direction direction);
  void import_instance(Entity& entity);
  void export_instance(Entity& entity);
  Result<void> check_name(const ExternName& name, Direction direction, const Entity& entity,
                          ExternNames& names);
  Result<void> check_attributes(const ExternName& name, const ParsedName& parsed,
                                const Entity& entity);
  Result<void> check_annotation(const ParsedName& name, const Entity& entity,
                                const ExternNames& names);
  Result<void> check_resource_name(TypeId resource, std::string_view label,
                                   const ExternNames& names);
  std::optional<TypeId> constructed_resource(const Value& result) const;
  Result<void> check_root_extern(Direction direction, const Entity& entity) const;

  // visibility.cpp
  bool register_names(std::optional<std::string_view> name, Direction direction,
                      const Entity& entity);
  bool are_named(TypeId type, const std::unordered_set<TypeId>& named);
  bool is_named(const Value& value, const std::unordered_set<TypeId>& named);

  // instantiate.cpp
  Result<void> match_core_imports(ModuleTypeId module, const CoreInstantiateDef& def);
  Result<CoreExternType> core_item_at(SortIndex item);

  // canon.cpp
  Result<CoreTypeId> check_canon(const CanonDef& def);
  Result<void> check_lift(const CanonDef& def);
  Result<CoreTypeId> check_lower(const CanonDef& def);
  Result<Options> check_options(const CanonOptions& options);
  Result<void> check_realloc(const CanonOptions& options, PointerWidth width);
  Result<void> check_lower_options(const Options& options);
  Result<CoreFuncType> flatten(const TypeNode& function, const Options& options,
                               AbiDirection direction);
  Result<void> flatten_params(const TypeNode& function, const Options& options,
                              AbiDirection direction, CoreFuncType& flat);
  Result<void> flatten_result(const Value& result, const Options& options, AbiDirection direction,
                              CoreFuncType& flat);
  Result<CoreFuncType> check_resource_builtin(const CanonDef& def);
  Result<CoreFuncType> check_task_return(const CanonDef& def);
  Result<CoreFuncType> check_context(const CanonDef& def);
  Result<CoreFuncType> check_channel_builtin(const CanonDef& def, NodeKind kind);
  Result<CoreFuncType> check_transfer(const CanonDef& def, NodeKind kind,
                                      const std::optional<Value>& payload);
  Result<CoreFuncType> check_error_context(const CanonDef& def);
  Result<CoreFuncType> check_thread(const CanonDef& def);
  Result<CoreFuncType> check_thread_start(const CanonDef& def);
  Result<CoreFuncType> check_waitable(const CanonDef& def);
  Result<PointerWidth> memory_width(CoreMemoryIndex index);

  const Component& root_;
  ValidationFeatures features_;
  TypeArena types_;
  CoreArena core_;
  TypeMatcher matcher_;
  std::vector<std::unique_ptr<Scope>> scopes_;
};

// What messages call an item: its sort and the index that it would get, or its name.
std::string describe_item(const Definition& definition, const Scope& scope);
std::string describe_item(const Declarator& declarator, const Scope& scope);
Error too_many_steps();
Error index_out_of_bounds(std::string_view sort, uint32_t index, size_t size);

template <typename Item>
Result<Item> Validator::at(const std::vector<Item>& space, uint32_t index,
                           std::string_view sort) const {
  if (index >= space.size()) return index_out_of_bounds(sort, index, space.size());
  return space[index];
}

}  // namespace spindle::component
