#include "assemble/compose/output.h"

namespace spindle::assemble {

namespace c = component;

uint32_t Output::append(c::Sort sort, c::Definition definition) {
  component_.definitions.push_back(std::move(definition));
  return counts_[static_cast<size_t>(sort)]++;
}

uint32_t Output::add(c::TypeDef type) {
  return append(c::Sort::Type, {0, std::move(type)});
}

uint32_t Output::add(c::CoreTypeDef type) {
  return append(c::Sort::CoreType, {0, std::move(type)});
}

uint32_t Output::add(std::shared_ptr<const c::Component> nested) {
  for (const auto& [known, index] : nested_) {
    if (known == nested.get()) return index;
  }
  const c::Component* key = nested.get();
  const uint32_t index =
      append(c::Sort::Component, {0, c::NestedComponentDef{std::move(nested)}});
  nested_.emplace_back(key, index);
  return index;
}

uint32_t Output::add(c::InstantiateDef instance) {
  return append(c::Sort::Instance, {0, std::move(instance)});
}

uint32_t Output::add(const c::AliasDef& alias) {
  return append(alias.sort, {0, alias});
}

uint32_t Output::add(const c::ImportDef& import) {
  return append(import.desc.sort(), {0, import});
}

uint32_t Output::add(const c::ExportDef& exported) {
  return append(exported.item.sort, {0, exported});
}

std::shared_ptr<const c::Component> Output::take() {
  component_.owner = strings_;
  return std::make_shared<const c::Component>(std::move(component_));
}

}  // namespace spindle::assemble
