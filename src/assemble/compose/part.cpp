#include "assemble/compose/part.h"

#include <algorithm>

#include "component/binary/decode.h"
#include "component/validate/validate.h"

namespace spindle::assemble {

namespace c = component;

Result<Part> load_part(std::string name, std::vector<uint8_t> bytes) {
  auto decoded = c::decode_component(c::SharedBytes::own(std::move(bytes)));
  auto component = TRY(std::move(decoded).context([&] { return name; }));
  TRY(c::validate(component).context([&] { return name; }));
  return Part{std::move(name), std::make_shared<const c::Component>(std::move(component)), {}};
}

PartScope::PartScope(const c::Component& component) {
  for (const auto& definition : component.definitions) add(definition);
}

void PartScope::add(c::Sort sort, Origin origin) {
  if (sort == c::Sort::Type) types_.push_back(origin);
  if (sort == c::Sort::Instance) instances_.push_back(origin);
}

void PartScope::add(const c::Definition& definition) {
  if (const auto* type = std::get_if<c::TypeDef>(&definition.kind)) {
    add(c::Sort::Type, type);
  } else if (const auto* core = std::get_if<c::CoreTypeDef>(&definition.kind)) {
    const auto* group = std::get_if<c::CoreRecGroup>(&core->kind);
    core_types_.insert(core_types_.end(), group != nullptr ? group->types.size() : 1, core);
  } else if (const auto* import = std::get_if<c::ImportDef>(&definition.kind)) {
    imports_.push_back(import);
    add(import->desc.sort(), import);
  } else if (const auto* exported = std::get_if<c::ExportDef>(&definition.kind)) {
    exports_.push_back(exported);
    add(exported->item.sort, Same{exported->item.index});
  } else if (const auto* alias = std::get_if<c::AliasDef>(&definition.kind)) {
    if (const auto* target = std::get_if<c::InstanceExportAlias>(&alias->target)) {
      add(alias->sort, ExportOf{target->instance.value, target->name});
    } else if (const auto* outer = std::get_if<c::OuterAlias>(&alias->target)) {
      if (alias->sort == c::Sort::CoreType) {
        core_types_.push_back(outer->index < core_types_.size() ? core_types_[outer->index]
                                                                : nullptr);
      }
      // A root has one scope, its own.
      add(alias->sort, Same{outer->index});
    }
  } else if (std::holds_alternative<c::InstantiateDef>(definition.kind) ||
             std::holds_alternative<c::InlineExportsDef>(definition.kind)) {
    add(c::Sort::Instance, std::monostate());
  }
}

const c::ImportDef* PartScope::find_import(std::string_view name) const {
  auto found = std::ranges::find(imports_, name, [](const auto* item) { return item->name.name; });
  return found == imports_.end() ? nullptr : *found;
}

const c::ExportDef* PartScope::find_export(std::string_view name) const {
  auto found = std::ranges::find(exports_, name, [](const auto* item) { return item->name.name; });
  return found == exports_.end() ? nullptr : *found;
}

const PartScope::Origin* PartScope::find_type(uint32_t index) const {
  return index < types_.size() ? &types_[index] : nullptr;
}

const PartScope::Origin* PartScope::find_instance(uint32_t index) const {
  return index < instances_.size() ? &instances_[index] : nullptr;
}

const c::CoreTypeDef* PartScope::find_core_type(uint32_t index) const {
  return index < core_types_.size() ? core_types_[index] : nullptr;
}

const c::InstanceTypeDef* PartScope::instance_type(const c::ImportDef& import) const {
  if (import.desc.kind != c::ExternKind::Instance) return nullptr;
  const Origin* origin = find_type(import.desc.index);
  // Each step goes to an earlier type.
  while (origin != nullptr && std::holds_alternative<Same>(*origin)) {
    origin = find_type(std::get<Same>(*origin).index);
  }
  if (origin == nullptr) return nullptr;
  const auto* const* type = std::get_if<const c::TypeDef*>(origin);
  return type == nullptr ? nullptr : std::get_if<c::InstanceTypeDef>(&(*type)->kind);
}

bool is_types_only(const PartScope& scope, const c::ImportDef& import) {
  const auto* type = scope.instance_type(import);
  if (type == nullptr) return false;
  return std::ranges::none_of(type->declarators, [](const c::Declarator& declarator) {
    const auto* exported = std::get_if<c::ExportDecl>(&declarator.kind);
    return exported != nullptr && exported->desc.sort() != c::Sort::Type;
  });
}

}  // namespace spindle::assemble
