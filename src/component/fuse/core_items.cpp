#include "component/fuse/core_items.h"

#include <algorithm>

#include "base/byte_reader.h"

namespace spindle::component {
namespace {

bool is_number(const CoreValueType& type, FlatType flat) {
  constexpr CoreValueKind kKinds[] = {CoreValueKind::I32, CoreValueKind::I64, CoreValueKind::F32,
                                      CoreValueKind::F64};
  return type.kind == kKinds[static_cast<size_t>(flat)];
}

bool are_numbers(const std::vector<CoreValueType>& types, const std::vector<FlatType>& flat) {
  return std::ranges::equal(types, flat, is_number);
}

// A section of tags, or an import that is one.
bool has_tags(const PlannedModule& module, const CoreModuleInterface& interface) {
  constexpr uint8_t kTagSection = 13;
  constexpr size_t kPreamble = 8;
  ByteReader reader(module.bytes);
  if (!reader.bytes(kPreamble)) return true;
  while (!reader.at_end()) {
    const auto id = reader.u8();
    const auto size = reader.leb_u32();
    if (!id || !size || *id == kTagSection || !reader.bytes(*size)) return true;
  }
  return std::ranges::any_of(interface.imports, [](const CoreImportDecl& import) {
    return std::holds_alternative<CoreTagUse>(import.type);
  });
}

}  // namespace

const CoreItems::Module* CoreItems::module(PlannedModuleIndex index) {
  auto& known = modules_[index.value];
  if (known) return known->get();
  known.emplace();
  const PlannedModule& planned = plan_.modules[index.value];
  if (!planned.host_name.empty()) return nullptr;
  auto interface = read_core_module(planned.bytes, 0);
  if (!interface) return nullptr;
  auto made = std::make_unique<Module>();
  made->interface = std::move(interface).value();
  for (const CoreRecGroup& group : made->interface.types) {
    for (const CoreSubType& type : group.types) made->types.push_back(&type);
  }
  for (const CoreExportDecl& exported : made->interface.exports) {
    made->exports.emplace(exported.name, &exported.type);
  }
  *known = std::move(made);
  return known->get();
}

const CoreExternType* CoreItems::find(const CoreExport& item, const Module*& module) {
  module = this->module(plan_.steps[item.step.value].module);
  if (module == nullptr) return nullptr;
  auto found = module->exports.find(item.name);
  return found == module->exports.end() ? nullptr : found->second;
}

bool CoreItems::is_function(FunctionSlot slot, const PlannedSignature& signature) {
  const CoreItem& item = plan_.functions[slot.value];
  if (const auto* index = std::get_if<TrampolineIndex>(&item)) {
    return plan_.trampolines[index->value].signature == signature;
  }
  const Module* module = nullptr;
  const CoreExternType* type = find(std::get<CoreExport>(item), module);
  const auto* use = type == nullptr ? nullptr : std::get_if<CoreFuncUse>(type);
  if (use == nullptr || use->type >= module->types.size()) return false;
  const auto* function = std::get_if<CoreFuncType>(&module->types[use->type]->composite);
  return function != nullptr && are_numbers(function->params, signature.params) &&
         are_numbers(function->results, signature.results);
}

bool CoreItems::is_memory(MemorySlot slot) {
  const Module* module = nullptr;
  const CoreExternType* type = find(plan_.memories[slot.value], module);
  const auto* memory = type == nullptr ? nullptr : std::get_if<CoreMemoryType>(type);
  return memory != nullptr && !memory->limits.is_64 && !memory->limits.is_shared;
}

bool CoreItems::have_tags() {
  for (size_t i = 0; i < plan_.modules.size(); ++i) {
    const Module* known = module(PlannedModuleIndex(i));
    if (known == nullptr || has_tags(plan_.modules[i], known->interface)) return true;
  }
  return false;
}

}  // namespace spindle::component
