// ComponentPrinter: types, and what imports and exports say of them.

#include <fmt/format.h>

#include "assemble/print/component_printer.h"
#include "assemble/print/core_text.h"

namespace spindle::assemble {

using component::ExternKind;
using component::Sort;

std::string ComponentPrinter::value(const component::ValueTypeUse& use) const {
  if (const auto* primitive = std::get_if<component::PrimitiveType>(&use)) {
    return std::string(to_string(*primitive));
  }
  return ref(Sort::Type, std::get<component::TypeIndex>(use).value);
}

std::string ComponentPrinter::function(const component::FuncDef& def) const {
  std::string text = def.is_async ? "(func async" : "(func";
  for (const auto& param : def.params) {
    text += fmt::format(" (param {} {})", quoted(param.name), value(param.type));
  }
  if (def.result) text += fmt::format(" (result {})", value(*def.result));
  return text + ")";
}

std::string ComponentPrinter::type(const component::TypeDef& def) const {
  const auto& kind = def.kind;
  if (const auto* primitive = std::get_if<component::PrimitiveType>(&kind)) {
    return std::string(to_string(*primitive));
  }
  if (const auto* func = std::get_if<component::FuncDef>(&kind)) return function(*func);
  if (const auto* resource = std::get_if<component::ResourceDef>(&kind)) {
    std::string text = fmt::format("(resource (rep {})", core_text(resource->rep));
    if (const auto& destructor = resource->destructor) {
      text += fmt::format(" (dtor (core func {}))", ref(Sort::CoreFunc, destructor->value));
    }
    return text + ")";
  }
  return structure(def);
}

std::string ComponentPrinter::structure(const component::TypeDef& def) const {
  auto labels = [](std::string text, const std::vector<std::string_view>& names) {
    for (auto each : names) text += " " + quoted(each);
    return text + ")";
  };
  auto maybe = [this](std::string_view word, const std::optional<component::ValueTypeUse>& use) {
    return use ? fmt::format("({} {})", word, value(*use)) : fmt::format("({})", word);
  };
  const auto& kind = def.kind;
  std::string text;
  if (const auto* record = std::get_if<component::RecordDef>(&kind)) {
    for (const auto& field : record->fields) {
      text += fmt::format(" (field {} {})", quoted(field.name), value(field.type));
    }
    return fmt::format("(record{})", text);
  }
  if (const auto* variant = std::get_if<component::VariantDef>(&kind)) {
    for (const auto& each : variant->cases) {
      auto payload = each.type ? " " + value(*each.type) : std::string();
      text += fmt::format(" (case {}{})", quoted(each.name), payload);
    }
    return fmt::format("(variant{})", text);
  }
  if (const auto* tuple = std::get_if<component::TupleDef>(&kind)) {
    for (const auto& element : tuple->elements) text += " " + value(element);
    return fmt::format("(tuple{})", text);
  }
  if (const auto* result = std::get_if<component::ResultDef>(&kind)) {
    if (result->ok) text += " " + value(*result->ok);
    if (result->error) text += fmt::format(" (error {})", value(*result->error));
    return fmt::format("(result{})", text);
  }
  if (const auto* list = std::get_if<component::ListDef>(&kind))
    return maybe("list", list->element);
  if (const auto* list = std::get_if<component::FixedListDef>(&kind)) {
    return fmt::format("(list {} {})", value(list->element), list->length);
  }
  if (const auto* map = std::get_if<component::MapDef>(&kind)) {
    return fmt::format("(map {} {})", value(map->key), value(map->value));
  }
  if (const auto* option = std::get_if<component::OptionDef>(&kind)) {
    return maybe("option", option->payload);
  }
  if (const auto* own = std::get_if<component::OwnDef>(&kind)) {
    return fmt::format("(own {})", ref(Sort::Type, own->resource.value));
  }
  if (const auto* borrow = std::get_if<component::BorrowDef>(&kind)) {
    return fmt::format("(borrow {})", ref(Sort::Type, borrow->resource.value));
  }
  if (const auto* stream = std::get_if<component::StreamDef>(&kind)) {
    return maybe("stream", stream->payload);
  }
  if (const auto* future = std::get_if<component::FutureDef>(&kind)) {
    return maybe("future", future->payload);
  }
  if (const auto* flags = std::get_if<component::FlagsDef>(&kind)) {
    return labels("(flags", flags->labels);
  }
  return labels("(enum", std::get<component::EnumDef>(kind).labels);
}

void ComponentPrinter::print(const component::TypeDef& def) {
  const auto* component = std::get_if<component::ComponentTypeDef>(&def.kind);
  const auto* instance = std::get_if<component::InstanceTypeDef>(&def.kind);
  if (component == nullptr && instance == nullptr) {
    auto text = type(def);
    return line(fmt::format("(type{} {})", declare(Sort::Type), text));
  }
  // The type is there for what comes after it, not for what is in it.
  auto index = spaces().counts[static_cast<size_t>(Sort::Type)];
  auto named = spaces().names.find({Sort::Type, index});
  std::string id = named == spaces().names.end() ? "" : fmt::format(" ${}", named->second);
  open(fmt::format("(type{} (;{};)", id, index));
  if (component != nullptr) scope("(component", component->declarators);
  if (instance != nullptr) scope("(instance", instance->declarators);
  close();
  declare(Sort::Type);
}

void ComponentPrinter::scope(std::string_view word,
                             const std::vector<component::Declarator>& declarators) {
  open(word);
  spaces_.emplace_back();
  for (const auto& declarator : declarators) {
    std::visit([this](const auto& def) { print(def); }, declarator.kind);
  }
  spaces_.pop_back();
  close();
}

void ComponentPrinter::print(const component::CoreTypeDef& def) {
  if (const auto* module = std::get_if<component::ModuleTypeDef>(&def.kind)) {
    open(fmt::format("(core type{}", declare(Sort::CoreType)));
    module_type(*module);
    return close();
  }
  const auto& group = std::get<component::CoreRecGroup>(def.kind);
  bool is_single = group.types.size() == 1;
  if (!is_single) open("(core rec");
  for (const auto& each : group.types) {
    line(fmt::format("({}type{} {})", is_single ? "core " : "", declare(Sort::CoreType),
                     core_text(each)));
  }
  if (!is_single) close();
}

void ComponentPrinter::module_type(const component::ModuleTypeDef& def) {
  open("(module");
  for (const auto& declarator : def.declarators) {
    if (const auto* import = std::get_if<component::CoreImportDecl>(&declarator.kind)) {
      line(fmt::format("(import {} {} {})", quoted(import->module), quoted(import->name),
                       core_text(import->type)));
    } else if (const auto* group = std::get_if<component::CoreRecGroup>(&declarator.kind)) {
      bool is_single = group->types.size() == 1;
      if (!is_single) open("(rec");
      for (const auto& each : group->types) line(fmt::format("(type {})", core_text(each)));
      if (!is_single) close();
    } else if (const auto* alias = std::get_if<component::CoreOuterAlias>(&declarator.kind)) {
      line(fmt::format("(alias outer {} {} (type))", alias->count, alias->index));
    } else {
      const auto& exported = std::get<component::CoreExportDecl>(declarator.kind);
      line(fmt::format("(export {} {})", quoted(exported.name), core_text(exported.type)));
    }
  }
  close();
}

std::string ComponentPrinter::name(const component::ExternName& name) {
  std::string text = quoted(name.name);
  if (name.implements) text += fmt::format(" (implements {})", quoted(*name.implements));
  if (name.version_suffix) text += fmt::format(" (versionsuffix {})", quoted(*name.version_suffix));
  if (name.external_id) text += fmt::format(" (external-id {})", quoted(*name.external_id));
  return text;
}

std::string ComponentPrinter::desc(const component::ExternDesc& desc, const std::string& id) const {
  auto type = [&] { return ref(Sort::Type, desc.index); };
  switch (desc.kind) {
    case ExternKind::Module:
      return fmt::format("(core module{} (type {}))", id, ref(Sort::CoreType, desc.index));
    case ExternKind::Func: return fmt::format("(func{} (type {}))", id, type());
    case ExternKind::Value: return fmt::format("(value{} {})", id, value(desc.value_type));
    case ExternKind::TypeEq: return fmt::format("(type{} (eq {}))", id, type());
    case ExternKind::TypeResource: return fmt::format("(type{} (sub resource))", id);
    case ExternKind::Component: return fmt::format("(component{} (type {}))", id, type());
    case ExternKind::Instance: return fmt::format("(instance{} (type {}))", id, type());
  }
  return "";
}

void ComponentPrinter::print(const component::ImportDef& def) {
  auto id = declare(def.desc.sort());
  line(fmt::format("(import {} {})", name(def.name), desc(def.desc, id)));
}

void ComponentPrinter::print(const component::ExportDecl& def) {
  auto described = desc(def.desc, "");
  line(fmt::format("(export{} {} {})", declare(def.desc.sort()), name(def.name), described));
}

}  // namespace spindle::assemble
