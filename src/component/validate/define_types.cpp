// Type definitions: their own rules, and what they become in the arena.

#include <fmt/format.h>

#include <set>
#include <unordered_set>

#include "component/binary/limits.h"
#include "component/validate/validator.h"

namespace spindle::component {
namespace {

// Labels of one type: kebab-case and distinct.
class LabelChecker {
 public:
  LabelChecker(std::string_view what, const ValidationFeatures& features)
      : what_(what), ignore_dashes_(features.names_ignore_dashes) {}

  Result<void> check(std::string_view label) {
    if (!is_kebab_label(label)) {
      return Error::invalid_input(fmt::format("{} name `{}` is not in kebab case", what_, label));
    }
    auto key = lowered(label);
    if (ignore_dashes_) std::erase(key, '-');
    if (!seen_.insert(std::move(key)).second) {
      return Error::invalid_input(
          fmt::format("{} name `{}` conflicts with an earlier one", what_, label));
    }
    return {};
  }

 private:
  std::string_view what_;
  bool ignore_dashes_;
  std::unordered_set<std::string> seen_;
};

Error empty_type(NodeKind kind) {
  return Error::invalid_input(fmt::format("{} type without any parts", describe(kind)));
}

TypeNode node_of(NodeKind kind) {
  TypeNode node;
  node.kind = kind;
  return node;
}

}  // namespace

Result<Value> Validator::resolve(const ValueTypeUse& use) {
  if (const auto* primitive = std::get_if<PrimitiveType>(&use)) {
    if (*primitive == PrimitiveType::ErrorContext && !features_.error_context) {
      return Error::not_supported("error-context is switched off");
    }
    return Value{*primitive, {}};
  }
  auto index = std::get<TypeIndex>(use);
  auto type = TRY(at(scope().types, index.value, "type"));
  if (types_[type].kind >= NodeKind::Function) {
    return Error::invalid_input(fmt::format("type {} is a {} type, not a value type", index.value,
                                            describe(types_[type].kind)));
  }
  return Value{std::nullopt, type};
}

Result<std::optional<Value>> Validator::resolve(const std::optional<ValueTypeUse>& use) {
  if (!use) return std::optional<Value>();
  auto value = TRY(resolve(*use));
  return std::optional<Value>(value);
}

Result<TypeId> Validator::type_at(uint32_t index, NodeKind kind) {
  auto type = TRY(at(scope().types, index, "type"));
  if (types_[type].kind != kind) {
    return Error::invalid_input(fmt::format("type {} is a {} type, not a {} type", index,
                                            describe(types_[type].kind), describe(kind)));
  }
  return type;
}

Result<TypeId> Validator::define_labels(NodeKind kind,
                                        const std::vector<std::string_view>& labels) {
  if (labels.empty()) return empty_type(kind);
  if (kind == NodeKind::Flags && labels.size() > kMaxFlags) {
    return Error::invalid_input(
        fmt::format("flags with {} labels, at most {} are allowed", labels.size(), kMaxFlags));
  }
  auto node = node_of(kind);
  LabelChecker checker(kind == NodeKind::Flags ? "flag" : "enum case", features_);
  for (auto label : labels) {
    TRY(checker.check(label));
    node.members.push_back({label, std::nullopt});
  }
  return types_.add(std::move(node));
}

Result<TypeId> Validator::define_handle(NodeKind kind, TypeIndex resource) {
  auto node = node_of(kind);
  node.handle = TRY(type_at(resource.value, NodeKind::Resource));
  return types_.add(std::move(node));
}

Result<TypeId> Validator::define_channel(NodeKind kind,
                                         const std::optional<ValueTypeUse>& payload) {
  auto node = node_of(kind);
  auto value = TRY(resolve(payload));
  if (value && types_.has_borrow(*value)) {
    return Error::invalid_input(
        fmt::format("the payload of a {} cannot contain a borrow", describe(kind)));
  }
  if (value && kind == NodeKind::Stream && types_.find_primitive(*value) == PrimitiveType::Char) {
    return Error::invalid_input("`stream<char>` is not valid");
  }
  node.members.push_back({{}, value});
  return types_.add(std::move(node));
}

Result<TypeId> Validator::define_map(const MapDef& def) {
  if (!features_.map_types) return Error::not_supported("map types are switched off");
  auto key = TRY(resolve(def.key));
  auto value = TRY(resolve(def.value));
  auto primitive = types_.find_primitive(key);
  if (!primitive || *primitive == PrimitiveType::F32 || *primitive == PrimitiveType::F64 ||
      *primitive == PrimitiveType::ErrorContext) {
    return Error::invalid_input("invalid map key type, expected an integer, bool, char or string");
  }
  auto node = node_of(NodeKind::Map);
  node.members.push_back({{}, key});
  node.members.push_back({{}, value});
  return types_.add(std::move(node));
}

Result<TypeId> Validator::define_function(const FuncDef& def) {
  auto node = node_of(NodeKind::Function);
  node.is_async = def.is_async;
  LabelChecker checker("parameter", features_);
  for (const auto& param : def.params) {
    TRY(checker.check(param.name));
    auto type = TRY(resolve(param.type));
    node.members.push_back({param.name, type});
  }
  node.result = TRY(resolve(def.result));
  if (node.result && types_.has_borrow(*node.result)) {
    return Error::invalid_input("a function result cannot contain a borrow");
  }
  return types_.add(std::move(node));
}

Result<TypeId> Validator::define_resource(const ResourceDef& def) {
  if (scope().kind != ScopeKind::Component) {
    return Error::invalid_input("resources can only be defined within a concrete component");
  }
  bool is_64 = def.rep.kind == CoreValueKind::I64 && features_.memory64;
  if (def.rep.kind != CoreValueKind::I32 && !is_64) {
    return Error::invalid_input("resources can only be represented by i32");
  }
  if (def.destructor) {
    const auto* type = TRY(core_function_at(*def.destructor));
    if (type->params != std::vector{def.rep} || !type->results.empty()) {
      return Error::invalid_input(fmt::format(
          "core function {} has the wrong signature for a destructor", def.destructor->value));
    }
  }
  auto resource = types_.new_resource();
  scope().defined_resources.push_back(resource);
  scope().representations.emplace(resource, def.rep);
  return types_.resource_node(resource);
}

Result<TypeId> Validator::define_scope(ScopeKind kind, const std::vector<Declarator>& declarators) {
  scopes_.push_back(std::make_unique<Scope>(kind));
  const auto& own = scope();
  for (const auto& declarator : declarators) {
    auto checked = std::visit([&](const auto& def) { return check_item(def, declarator.offset); },
                              declarator.kind);
    if (!checked) {
      return checked.take_error()
          .with_offset(declarator.offset)
          .with_context(describe_item(declarator, own));
    }
    if (types_.exhausted()) return too_many_steps();
  }
  auto done = std::move(scopes_.back());
  scopes_.pop_back();
  auto node = node_of(kind == ScopeKind::ComponentType ? NodeKind::Component : NodeKind::Instance);
  if (kind == ScopeKind::ComponentType) {
    node.scope = TRY(finish_component(*done));
    return types_.add(std::move(node));
  }
  auto instance = std::make_shared<ScopeType>();
  instance->explicit_paths = std::move(done->explicit_paths);
  for (auto resource : done->defined_resources) {
    auto path = instance->explicit_paths.find(resource);
    if (path != instance->explicit_paths.end()) {
      instance->defined.push_back({resource, path->second});
    }
  }
  instance->exports = std::move(done->exports.entities);
  node.scope = std::move(instance);
  return types_.add(std::move(node));
}

Result<CoreTypeId> Validator::outer_core_type(const CoreOuterAlias& alias,
                                              const std::vector<CoreTypeId>& local) {
  if (alias.count == 0) return at(local, alias.index, "core type");
  if (alias.count > scopes_.size()) {
    return Error::invalid_input(fmt::format("invalid outer alias count of {}", alias.count));
  }
  const auto& from = *scopes_[scopes_.size() - alias.count];
  auto type = TRY(at(from.core_types, alias.index, "core type"));
  if (type == kNotACoreType) {
    return Error::invalid_input("module types cannot be aliased into a module type");
  }
  return type;
}

Result<void> Validator::define_module_item(const ModuleDeclarator& declarator,
                                           std::vector<CoreTypeId>& space, ModuleType& module) {
  if (const auto* group = std::get_if<CoreRecGroup>(&declarator.kind)) {
    return core_.intern(*group, space);
  }
  if (const auto* alias = std::get_if<CoreOuterAlias>(&declarator.kind)) {
    auto type = TRY(outer_core_type(*alias, space));
    space.push_back(type);
    return {};
  }
  if (const auto* import = std::get_if<CoreImportDecl>(&declarator.kind)) {
    auto type = TRY(core_.resolve(import->type, space));
    module.imports.push_back({import->module, import->name, type});
    return {};
  }
  const auto& item = std::get<CoreExportDecl>(declarator.kind);
  auto type = TRY(core_.resolve(item.type, space));
  return add_core_export(module.exports, item.name, type);
}

Result<ModuleTypeId> Validator::define_module(const ModuleTypeDef& def) {
  ModuleType module;
  std::vector<CoreTypeId> space;
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const auto& declarator : def.declarators) {
    auto defined = define_module_item(declarator, space, module);
    if (!defined) return defined.take_error().with_offset(declarator.offset);
    const auto* import = std::get_if<CoreImportDecl>(&declarator.kind);
    if (import != nullptr && !names.emplace(import->module, import->name).second) {
      return Error::invalid_input(fmt::format("core import `{}` `{}` occurs more than once",
                                              import->module, import->name))
          .with_offset(declarator.offset);
    }
  }
  return core_.add_module_type(std::move(module));
}

Result<TypeId> Validator::define_value(const TypeDef& def) {
  if (const auto* record = std::get_if<RecordDef>(&def.kind)) {
    if (record->fields.empty()) return empty_type(NodeKind::Record);
    auto node = node_of(NodeKind::Record);
    LabelChecker checker("record field", features_);
    for (const auto& field : record->fields) {
      TRY(checker.check(field.name));
      auto type = TRY(resolve(field.type));
      node.members.push_back({field.name, type});
    }
    return types_.add(std::move(node));
  }
  if (const auto* variant = std::get_if<VariantDef>(&def.kind)) {
    if (variant->cases.empty()) return empty_type(NodeKind::Variant);
    auto node = node_of(NodeKind::Variant);
    LabelChecker checker("variant case", features_);
    for (const auto& item : variant->cases) {
      TRY(checker.check(item.name));
      auto type = TRY(resolve(item.type));
      node.members.push_back({item.name, type});
    }
    return types_.add(std::move(node));
  }
  if (const auto* tuple = std::get_if<TupleDef>(&def.kind)) {
    if (tuple->elements.empty()) return empty_type(NodeKind::Tuple);
    auto node = node_of(NodeKind::Tuple);
    for (const auto& element : tuple->elements) {
      auto type = TRY(resolve(element));
      node.members.push_back({{}, type});
    }
    return types_.add(std::move(node));
  }
  if (const auto* result = std::get_if<ResultDef>(&def.kind)) {
    auto ok = TRY(resolve(result->ok));
    auto error = TRY(resolve(result->error));
    auto node = node_of(NodeKind::Result);
    node.members = {{{}, ok}, {{}, error}};
    return types_.add(std::move(node));
  }
  if (const auto* fixed = std::get_if<FixedListDef>(&def.kind)) {
    if (!features_.fixed_lists) return Error::not_supported("fixed lists are switched off");
    if (fixed->length == 0) return empty_type(NodeKind::FixedList);
    if (fixed->length > kMaxFixedListLength) {
      return Error::limit_exceeded(fmt::format("fixed-length list of {} elements", fixed->length));
    }
    auto element = TRY(resolve(fixed->element));
    auto node = node_of(NodeKind::FixedList);
    node.length = fixed->length;
    node.members.push_back({{}, element});
    return types_.add(std::move(node));
  }
  const auto* list = std::get_if<ListDef>(&def.kind);
  auto element = TRY(resolve(list ? list->element : std::get<OptionDef>(def.kind).payload));
  auto node = node_of(list ? NodeKind::List : NodeKind::Option);
  node.members.push_back({{}, element});
  return types_.add(std::move(node));
}

Result<TypeId> Validator::define(const TypeDef& def) {
  if (const auto* primitive = std::get_if<PrimitiveType>(&def.kind)) {
    TRY(resolve(ValueTypeUse(*primitive)));
    auto node = node_of(NodeKind::Primitive);
    node.primitive = *primitive;
    return types_.add(std::move(node));
  }
  if (const auto* flags = std::get_if<FlagsDef>(&def.kind)) {
    return define_labels(NodeKind::Flags, flags->labels);
  }
  if (const auto* labels = std::get_if<EnumDef>(&def.kind)) {
    return define_labels(NodeKind::Enum, labels->labels);
  }
  if (const auto* own = std::get_if<OwnDef>(&def.kind)) {
    return define_handle(NodeKind::Own, own->resource);
  }
  if (const auto* borrow = std::get_if<BorrowDef>(&def.kind)) {
    return define_handle(NodeKind::Borrow, borrow->resource);
  }
  if (const auto* stream = std::get_if<StreamDef>(&def.kind)) {
    return define_channel(NodeKind::Stream, stream->payload);
  }
  if (const auto* future = std::get_if<FutureDef>(&def.kind)) {
    return define_channel(NodeKind::Future, future->payload);
  }
  if (const auto* map = std::get_if<MapDef>(&def.kind)) return define_map(*map);
  if (const auto* function = std::get_if<FuncDef>(&def.kind)) return define_function(*function);
  if (const auto* resource = std::get_if<ResourceDef>(&def.kind)) return define_resource(*resource);
  if (const auto* component = std::get_if<ComponentTypeDef>(&def.kind)) {
    return define_scope(ScopeKind::ComponentType, component->declarators);
  }
  if (const auto* instance = std::get_if<InstanceTypeDef>(&def.kind)) {
    return define_scope(ScopeKind::InstanceType, instance->declarators);
  }
  return define_value(def);
}

}  // namespace spindle::component
