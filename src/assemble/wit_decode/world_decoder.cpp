#include "assemble/wit_decode/world_decoder.h"

#include <fmt/format.h>

namespace spindle::assemble {

using component::TypeDef;
using component::ValueTypeUse;

namespace {

wit::Primitive to_wit(component::PrimitiveType type) {
  using From = component::PrimitiveType;
  using To = wit::Primitive;
  switch (type) {
    case From::Bool: return To::Bool;
    case From::S8: return To::S8;
    case From::U8: return To::U8;
    case From::S16: return To::S16;
    case From::U16: return To::U16;
    case From::S32: return To::S32;
    case From::U32: return To::U32;
    case From::S64: return To::S64;
    case From::U64: return To::U64;
    case From::F32: return To::F32;
    case From::F64: return To::F64;
    case From::Char: return To::Char;
    case From::String: return To::String;
    case From::ErrorContext: return To::ErrorContext;
  }
  return To::Bool;
}

std::vector<wit::Label> labels(const std::vector<std::string_view>& names) {
  std::vector<wit::Label> made;
  for (auto name : names) made.push_back({std::string(name), {}});
  return made;
}

bool is_nominal(const TypeDef& type) {
  return std::holds_alternative<component::RecordDef>(type.kind) ||
         std::holds_alternative<component::VariantDef>(type.kind) ||
         std::holds_alternative<component::EnumDef>(type.kind) ||
         std::holds_alternative<component::FlagsDef>(type.kind);
}

// What WIT has no words for.
Error not_expressible(std::string_view name, std::string_view what) {
  return Error::not_supported(fmt::format("`{}` is {}, which WIT cannot express", name, what));
}

std::string_view describe(const EntityShape& entity) {
  constexpr std::string_view kWords[] = {"a core module", "a type", "a function", "an instance",
                                         "a component"};
  return kWords[entity.index()];
}

}  // namespace

Result<std::optional<InterfaceName>> parse_interface_name(const component::ExternName& name) {
  std::string text(name.name);
  if (name.version_suffix) text += *name.version_suffix;
  auto colon = text.find(':');
  auto slash = text.find('/');
  if (colon == std::string::npos || slash == std::string::npos || slash < colon ||
      text.find('=') != std::string::npos) {
    return std::nullopt;
  }
  auto at = std::min(text.find('@'), text.size());
  if (text.find(':', colon + 1) < slash || text.find('/', slash + 1) < at) {
    return Error::not_supported(fmt::format("nested namespaces and packages, as in `{}`", text));
  }
  InterfaceName parsed;
  parsed.package.ns = text.substr(0, colon);
  parsed.package.name = text.substr(colon + 1, slash - colon - 1);
  parsed.name = text.substr(slash + 1, at - slash - 1);
  if (at < text.size()) parsed.package.version = TRY(wit::parse_version(text.substr(at + 1)));
  return parsed;
}

Result<void> WorldDecoder::world(const WorldShape& shape, wit::WorldId id) {
  here_ = {.owner = id, .anonymous = {}, .used = {}, .names = {}};
  for (const auto* items : {&shape.imports, &shape.exports}) {
    for (const auto& item : *items) here_.names.emplace(item.name.name);
  }
  for (const auto& item : shape.imports) {
    TRY(extern_item(item, wit::WorldSide::Import, id).context([&] {
      return fmt::format("import `{}`", item.name.name);
    }));
  }
  for (const auto& item : shape.exports) {
    TRY(extern_item(item, wit::WorldSide::Export, id).context([&] {
      return fmt::format("export `{}`", item.name.name);
    }));
  }
  return {};
}

Result<void> WorldDecoder::extern_item(const ExternShape& item, wit::WorldSide side,
                                       wit::WorldId id) {
  auto name = item.name.name;
  if (std::holds_alternative<const InstanceShape*>(item.entity)) return instance(item, side, id);
  if (const auto* shape = std::get_if<FunctionShape>(&item.entity)) {
    auto made = TRY(function(name, *shape));
    return builder_.add_function(id, side, std::move(made));
  }
  const auto* type = std::get_if<const TypeShape*>(&item.entity);
  if (type == nullptr) return not_expressible(name, describe(item.entity));
  if (side == wit::WorldSide::Export) return not_expressible(name, "an exported type");
  return define(name, **type);
}

Result<void> WorldDecoder::instance(const ExternShape& item, wit::WorldSide side, wit::WorldId id) {
  component::ExternName full = item.name;
  if (full.implements) full.name = *full.implements;
  auto named = TRY(parse_interface_name(full));
  wit::InterfaceId interface_id;
  if (named) {
    auto package = TRY(builder_.package(named->package));
    interface_id = TRY(builder_.interface(package, named->name));
    auto name = item.name.implements ? std::string(item.name.name)
                                     : builder_.model().interface_id(interface_id);
    TRY(builder_.add_interface(id, side, name, interface_id));
  } else if (component::is_kebab_label(item.name.name)) {
    interface_id = TRY(builder_.inline_interface(id, side, item.name.name));
  } else {
    return not_expressible(item.name.name, "the name of an import");
  }
  Surroundings around = std::exchange(here_, {});
  TRY(fill(*std::get<const InstanceShape*>(item.entity), interface_id));
  here_ = std::move(around);
  return {};
}

Result<wit::InterfaceId> WorldDecoder::named_interface(const ExternShape& shape) {
  auto named = TRY(parse_interface_name(shape.name));
  const auto* instance = std::get_if<const InstanceShape*>(&shape.entity);
  if (!named || instance == nullptr) {
    return Error::invalid_input(
        fmt::format("`{}` is not an interface, as a WIT package has it", shape.name.name));
  }
  auto package = TRY(builder_.package(named->package));
  auto id = TRY(builder_.interface(package, named->name));
  TRY(fill(**instance, id));
  return id;
}

Result<void> WorldDecoder::fill(const InstanceShape& shape, wit::InterfaceId id) {
  here_ = {.owner = id, .anonymous = {}, .used = {}, .names = {}};
  for (const auto& item : shape.exports) here_.names.emplace(item.name.name);
  for (const auto& item : shape.exports) {
    auto name = item.name.name;
    if (const auto* type = std::get_if<const TypeShape*>(&item.entity)) {
      TRY(define(name, **type).context([&] { return fmt::format("type `{}`", name); }));
    } else if (const auto* found = std::get_if<FunctionShape>(&item.entity)) {
      auto made =
          TRY(function(name, *found).context([&] { return fmt::format("function `{}`", name); }));
      TRY(builder_.add_function(id, std::move(made)));
    } else {
      return not_expressible(name, fmt::format("{} in an interface", describe(item.entity)));
    }
  }
  return {};
}

std::optional<wit::TypeId> WorldDecoder::find_known(const TypeShape& shape) const {
  for (const auto* name = &shape; name != nullptr; name = name->original) {
    auto found = known_.find(name);
    if (found != known_.end()) return found->second;
  }
  return std::nullopt;
}

// `use` can only name types of named interfaces; an alias in between is looked through.
Result<wit::TypeId> WorldDecoder::importable(wit::TypeId id) const {
  const auto& model = builder_.model();
  while (true) {
    const auto& type = model.type(id);
    const auto* owner = std::get_if<wit::InterfaceId>(&type.owner);
    if (owner != nullptr && !model.interface(*owner).name.empty()) return id;
    const auto* alias = std::get_if<wit::Alias>(&type.kind);
    const auto* target = alias == nullptr ? nullptr : std::get_if<wit::TypeId>(&alias->target);
    if (target == nullptr) {
      return not_expressible(type.name, "a type of a world that an interface mentions");
    }
    id = *target;
  }
}

Result<void> WorldDecoder::define(std::string_view name, const TypeShape& type) {
  if (auto known = find_known(type)) {
    const auto& original = builder_.model().type(*known);
    if (original.owner == here_.owner && original.name == name) {
      known_.emplace(&type, *known);
      return {};
    }
    if (original.owner != here_.owner) {
      auto id = TRY(use(*known, name));
      known_.emplace(&type, id);
      return {};
    }
    wit::Alias alias{*known, wit::AliasOrigin::TypeItem};
    auto id = TRY(builder_.add_type(here_.owner, name, alias));
    known_.emplace(&type, id);
    return {};
  }
  const auto& structure = type.structure();
  bool is_resource = type.is_resource();
  bool has_identity = is_resource || is_nominal(*structure.definition);
  wit::TypeKind kind = wit::Resource{};
  if (!is_resource) kind = TRY(nominal(*structure.definition, *structure.scope));
  auto id = TRY(builder_.add_type(here_.owner, name, std::move(kind)));
  for (const auto* each = &type; each != nullptr; each = each->original) {
    if (each->original != nullptr || has_identity) known_.emplace(each, id);
  }
  return {};
}

Result<wit::TypeKind> WorldDecoder::nominal(const TypeDef& type, Scope& scope) {
  if (const auto* record = std::get_if<component::RecordDef>(&type.kind)) {
    wit::Record made;
    for (const auto& field : record->fields) {
      auto of = TRY(value(field.type, scope));
      made.fields.push_back({std::string(field.name), of, {}});
    }
    return wit::TypeKind(std::move(made));
  }
  if (const auto* variant = std::get_if<component::VariantDef>(&type.kind)) {
    wit::Variant made;
    for (const auto& item : variant->cases) {
      auto payload = TRY(value(item.type, scope));
      made.cases.push_back({std::string(item.name), payload, {}});
    }
    return wit::TypeKind(std::move(made));
  }
  if (const auto* e = std::get_if<component::EnumDef>(&type.kind)) {
    return wit::TypeKind(wit::Enum{labels(e->labels)});
  }
  if (const auto* flags = std::get_if<component::FlagsDef>(&type.kind)) {
    return wit::TypeKind(wit::Flags{labels(flags->labels)});
  }
  if (const auto* primitive = std::get_if<component::PrimitiveType>(&type.kind)) {
    return wit::TypeKind(wit::Alias{to_wit(*primitive), wit::AliasOrigin::TypeItem});
  }
  return structure(type, scope);
}

Result<wit::Type> WorldDecoder::value(const ValueTypeUse& use, Scope& scope) {
  if (const auto* primitive = std::get_if<component::PrimitiveType>(&use)) {
    return wit::Type(to_wit(*primitive));
  }
  return type(*scope.types.at(std::get<component::TypeIndex>(use).value));
}

Result<std::optional<wit::Type>> WorldDecoder::value(const std::optional<ValueTypeUse>& use,
                                                     Scope& scope) {
  if (!use) return std::nullopt;
  auto found = TRY(value(*use, scope));
  return std::optional<wit::Type>(found);
}

// A type where a value is expected. Recursion is as deep as the type, which validation limits.
Result<wit::Type> WorldDecoder::type(const TypeShape& shape) {
  if (auto known = find_known(shape)) {
    auto local = TRY(bring_into_scope(*known));
    return wit::Type(local);
  }
  auto found = here_.anonymous.find(&shape);
  if (found != here_.anonymous.end()) return found->second;
  const auto& base = shape.structure();
  VERIFY(base.definition != nullptr);
  wit::Type made;
  if (const auto* primitive = std::get_if<component::PrimitiveType>(&base.definition->kind)) {
    made = to_wit(*primitive);
  } else if (is_nominal(*base.definition)) {
    return Error::not_supported("a record, variant, enum or flags type without a name of its own");
  } else {
    auto kind = TRY(structure(*base.definition, *base.scope));
    made = TRY(builder_.add_anonymous(std::move(kind)));
  }
  here_.anonymous.emplace(&shape, made);
  return made;
}

Result<wit::TypeKind> WorldDecoder::structure(const TypeDef& type, Scope& scope) {
  const auto& kind = type.kind;
  if (const auto* tuple = std::get_if<component::TupleDef>(&kind)) {
    wit::Tuple made;
    for (const auto& element : tuple->elements) {
      auto of = TRY(value(element, scope));
      made.types.push_back(of);
    }
    return wit::TypeKind(std::move(made));
  }
  if (const auto* list = std::get_if<component::ListDef>(&kind)) {
    auto element = TRY(value(list->element, scope));
    return wit::TypeKind(wit::List{element});
  }
  if (const auto* list = std::get_if<component::FixedListDef>(&kind)) {
    auto element = TRY(value(list->element, scope));
    return wit::TypeKind(wit::FixedList{element, list->length});
  }
  if (const auto* map = std::get_if<component::MapDef>(&kind)) {
    auto key = TRY(value(map->key, scope));
    auto mapped = TRY(value(map->value, scope));
    return wit::TypeKind(wit::Map{key, mapped});
  }
  if (const auto* option = std::get_if<component::OptionDef>(&kind)) {
    auto some = TRY(value(option->payload, scope));
    return wit::TypeKind(wit::Option{some});
  }
  if (const auto* result = std::get_if<component::ResultDef>(&kind)) {
    auto ok = TRY(value(result->ok, scope));
    auto error = TRY(value(result->error, scope));
    return wit::TypeKind(wit::ResultType{ok, error});
  }
  return channel_or_handle(type, scope);
}

Result<wit::TypeKind> WorldDecoder::channel_or_handle(const TypeDef& type, Scope& scope) {
  const auto& kind = type.kind;
  if (const auto* stream = std::get_if<component::StreamDef>(&kind)) {
    auto element = TRY(value(stream->payload, scope));
    return wit::TypeKind(wit::Stream{element});
  }
  if (const auto* future = std::get_if<component::FutureDef>(&kind)) {
    auto payload = TRY(value(future->payload, scope));
    return wit::TypeKind(wit::Future{payload});
  }
  if (const auto* own = std::get_if<component::OwnDef>(&kind)) {
    return handle(wit::Ownership::Own, own->resource, scope);
  }
  if (const auto* borrow = std::get_if<component::BorrowDef>(&kind)) {
    return handle(wit::Ownership::Borrow, borrow->resource, scope);
  }
  return Error::not_supported("the type of a function, instance or component as a named type");
}

Result<wit::TypeKind> WorldDecoder::handle(wit::Ownership ownership, component::TypeIndex index,
                                           Scope& scope) {
  auto known = find_known(*scope.types.at(index.value));
  if (!known) return Error::not_supported("a handle of a resource that has no name outside");
  auto resource = TRY(bring_into_scope(*known));
  return wit::TypeKind(wit::Handle{ownership, resource});
}

Result<wit::TypeId> WorldDecoder::use(wit::TypeId id, std::string_view name) {
  auto original = TRY(importable(id));
  wit::Alias alias{original, wit::AliasOrigin::Use};
  auto used = TRY(builder_.add_type(here_.owner, name, alias));
  here_.used.try_emplace(original, used);
  return used;
}

// The name by which the interface or world at hand calls the type; a `use` is added if it has none.
Result<wit::TypeId> WorldDecoder::bring_into_scope(wit::TypeId id) {
  const auto& model = builder_.model();
  if (model.type(id).owner == here_.owner) return id;
  auto original = TRY(importable(id));
  auto known = here_.used.find(original);
  if (known != here_.used.end()) return known->second;
  const auto base = model.type(original).name;
  auto name = base;
  for (int suffix = 2; here_.names.contains(name) || builder_.has_name(here_.owner, name);
       ++suffix) {
    name = fmt::format("{}-{}", base, suffix);
  }
  return use(original, name);
}

Result<wit::Function> WorldDecoder::function(std::string_view name, const FunctionShape& shape) {
  auto parsed = TRY(component::parse_extern_name(name));
  wit::Function made;
  TRY(name_member(parsed, made));
  const auto& type = *shape.definition;
  made.asyncness = type.is_async ? wit::Asyncness::Async : wit::Asyncness::Sync;
  for (const auto& param : type.params) {
    auto of = TRY(value(param.type, *shape.scope));
    made.params.push_back({std::string(param.name), of});
  }
  made.result = TRY(value(type.result, *shape.scope));
  return made;
}

Result<void> WorldDecoder::name_member(const component::ParsedName& name, wit::Function& function) {
  using component::NameKind;
  switch (name.kind) {
    case NameKind::Plain: function.name = name.label; return {};
    case NameKind::Constructor: function.kind = wit::FunctionKind::Constructor; break;
    case NameKind::Method: function.kind = wit::FunctionKind::Method; break;
    case NameKind::Static: function.kind = wit::FunctionKind::Static; break;
    case NameKind::Interface:
    case NameKind::Dependency:
      return Error::not_supported("a function under the name of an interface");
  }
  function.name = name.member;
  function.resource = builder_.find_type(here_.owner, name.label);
  bool is_own = function.resource && std::holds_alternative<wit::Resource>(
                                         builder_.model().type(*function.resource).kind);
  if (!is_own) {
    return Error::not_supported(fmt::format(
        "a function of the resource `{}` outside of the interface that defines it", name.label));
  }
  return {};
}

}  // namespace spindle::assemble
