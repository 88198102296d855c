#include "assemble/componentize/componentize.h"

#include <fmt/format.h>

#include <algorithm>

#include "assemble/componentize/glue_modules.h"
#include "assemble/componentize/module_encoder.h"
#include "component/binary/encode.h"

namespace spindle::assemble {

using namespace component;

ModuleEncoder::ModuleEncoder(const EncodeModule& input)
    : input_(input),
      world_(input.resolve, input.world),
      live_(world_),
      rules_(input.resolve),
      root_(ast_, world_, live_),
      export_types_(ast_, root_, world_, resources_) {}

Result<std::vector<uint8_t>> ModuleEncoder::encode() {
  TRY(read_parts());
  mark_live();
  for (auto& part : parts_) TRY(assign_slots(part));
  TRY(assign_destructors());
  TRY(declare_imports());
  TRY(instantiate_shim());
  TRY(define_resources());
  TRY(instantiate(parts_.front()));
  TRY(instantiate_realloc());
  for (auto& part : std::span(parts_).subspan(1)) TRY(instantiate(part));
  TRY(instantiate_fixup());
  TRY(export_all());
  return encode_component(ast_.take());
}

Result<void> ModuleEncoder::read_parts() {
  // Parts refer to one another, so they must not move any more.
  parts_.reserve(input_.adapters.size() + 1);
  adapter_cores_.reserve(input_.adapters.size());
  auto stripped = TRY(without_component_types(input_.module));
  auto& main = parts_.emplace_back();
  main.core = TRY(read_core_part("", input_.module));
  main.bytes = ast_.arena()->bytes(std::move(stripped));
  for (const auto& adapter : input_.adapters) {
    auto core = TRY(read_core_part(adapter.name, adapter.bytes)
                        .context(fmt::format("adapter `{}`", adapter.name)));
    adapter_cores_.push_back(std::move(core));
    auto bytes = TRY(without_component_types(adapter.bytes));
    auto& part = parts_.emplace_back();
    part.kind = PartKind::Adapter;
    part.core = TRY(read_core_part(adapter.name, adapter.bytes));
    part.bytes = ast_.arena()->bytes(std::move(bytes));
  }
  for (auto& part : parts_) {
    TRY(read_imports(part));
    TRY(name_apart(part));
  }
  return {};
}

Result<void> ModuleEncoder::name_apart(Part& part) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::vector<std::string_view> names;
  bool is_renamed = false;
  for (auto& import : part.imports) {
    for (size_t number = 2; !seen.emplace(import.decl->module, import.name).second; ++number) {
      import.name = ast_.text(fmt::format("{} {}", import.decl->name, number));
      is_renamed = true;
    }
    names.push_back(import.name);
  }
  if (!is_renamed) return {};
  auto renamed = TRY(with_import_names(part.bytes, names));
  part.bytes = ast_.arena()->bytes(std::move(renamed));
  return {};
}

Result<void> ModuleEncoder::read_imports(Part& part) {
  NameContext context{world_, adapter_cores_, part.kind == PartKind::Adapter};
  part.imports.reserve(part.core.interface.imports.size());
  for (const auto& import : part.core.interface.imports) {
    auto meaning = TRY(meaning_of(import, context));
    bool is_function = std::holds_alternative<CoreFuncUse>(import.type);
    if (!is_function && !std::holds_alternative<MainItem>(meaning)) {
      return Error::invalid_input(
          fmt::format("the module imports `{}` from `{}`, which is not a function", import.name,
                      import.module));
    }
    part.imports.push_back({&import, import.name, meaning, {}});
  }
  return {};
}

void ModuleEncoder::mark_live() {
  for (const auto& part : parts_) {
    for (const auto& import : part.imports) {
      if (const auto* call = std::get_if<ImportedCall>(&import.meaning)) {
        if (call->interface != nullptr) {
          live_.add_function(*call->interface, *call->function);
        } else {
          live_.add_world_function(*call->function);
        }
      } else if (const auto* drop = std::get_if<ImportedDrop>(&import.meaning)) {
        live_.add_type(drop->resource);
      } else if (const auto* built_in = std::get_if<AsyncBuiltIn>(&import.meaning)) {
        const auto* type =
            built_in->payload ? std::get_if<wit::TypeId>(&*built_in->payload) : nullptr;
        if (type != nullptr && built_in->side == PayloadSide::Import) live_.add_type(*type);
      }
    }
  }
  for (const auto& item : world_.world().exports) {
    if (const auto* interface = std::get_if<wit::WorldInterface>(&item.item)) {
      live_.add_exported_interface(interface->id);
    } else if (const auto* function = std::get_if<wit::Function>(&item.item)) {
      live_.add_world_function(*function);
    }
  }
}

AbiNeeds ModuleEncoder::needs_of(const PartImport& import) {
  if (const auto* built_in = std::get_if<AsyncBuiltIn>(&import.meaning)) return needs_of(*built_in);
  const auto* call = std::get_if<ImportedCall>(&import.meaning);
  if (call == nullptr) return {};
  return call->is_async ? rules_.of_async_lowering(*call->function)
                        : rules_.of_lowering(*call->function);
}

Result<void> ModuleEncoder::assign_slots(Part& part) {
  for (auto& import : part.imports) {
    auto needs = needs_of(import);
    bool indirect = needs.memory || std::holds_alternative<AdapterCall>(import.meaning);
    if (!indirect) continue;
    const auto& use = std::get<CoreFuncUse>(import.decl->type);
    const auto* type = TRY(part.core.function_type(use.type));
    import.slot = static_cast<uint32_t>(slots_.size());
    slots_.push_back({type, &part, &import, {}});
  }
  return {};
}

std::string ModuleEncoder::destructor_name(std::string_view interface, wit::TypeId resource) const {
  return fmt::format("{}#[dtor]{}", interface, input_.resolve.type(resource).name);
}

Result<void> ModuleEncoder::assign_destructors() {
  static const CoreFuncType kDestructor{{CoreValueType{}}, {}};
  const auto& main = parts_.front();
  for (const auto& item : world_.world().exports) {
    const auto* interface = std::get_if<wit::WorldInterface>(&item.item);
    if (interface == nullptr) continue;
    for (auto type : input_.resolve.interface(interface->id).types) {
      if (!std::holds_alternative<wit::Resource>(input_.resolve.type(type).kind)) continue;
      auto name = destructor_name(item.name, type);
      if (!main.core.exports_function(name)) continue;
      destructor_slots_.emplace(type, static_cast<uint32_t>(slots_.size()));
      slots_.push_back({&kDestructor, &main, nullptr, ast_.text(std::move(name))});
    }
  }
  return {};
}

Result<void> ModuleEncoder::declare_imports() {
  for (const auto& interface : world_.imports()) {
    if (live_.find(interface) != nullptr) TRY(root_.import_interface(interface));
  }
  for (const auto& part : parts_) {
    for (const auto& import : part.imports) {
      const auto* call = std::get_if<ImportedCall>(&import.meaning);
      if (call != nullptr && call->interface == nullptr)
        TRY(root_.import_function(*call->function));
    }
  }
  return {};
}

Result<void> ModuleEncoder::instantiate_shim() {
  if (slots_.empty()) return {};
  std::vector<const CoreFuncType*> types;
  types.reserve(slots_.size());
  for (const auto& slot : slots_) types.push_back(slot.type);
  auto module = ast_.core_module(ast_.arena()->bytes(shim_module(types)));
  shim_ = ast_.core_instance(CoreInstantiateDef{module, {}});
  return {};
}

CoreFuncIndex ModuleEncoder::shim_function(uint32_t slot) {
  return ast_.core_func(shim_, ast_.text(fmt::format("{}", slot)));
}

Result<void> ModuleEncoder::define_resources() {
  for (const auto& item : world_.world().exports) {
    const auto* interface = std::get_if<wit::WorldInterface>(&item.item);
    if (interface == nullptr) continue;
    for (auto type : input_.resolve.interface(interface->id).types) {
      if (!std::holds_alternative<wit::Resource>(input_.resolve.type(type).kind)) continue;
      ResourceDef def;
      auto slot = destructor_slots_.find(type);
      if (slot != destructor_slots_.end()) def.destructor = shim_function(slot->second);
      resources_.emplace(type, ast_.type(def));
    }
  }
  return {};
}

Result<void> ModuleEncoder::instantiate(Part& part) {
  // Imports by module, in the order of the modules' first appearance.
  std::vector<std::pair<std::string_view, CoreInlineExportsDef>> bags;
  std::map<std::string_view, size_t> places;
  for (const auto& import : part.imports) {
    auto item = TRY(item_for(part, import));
    auto [place, is_new] = places.try_emplace(import.decl->module, bags.size());
    if (is_new) bags.push_back({import.decl->module, {}});
    bags[place->second].second.exports.push_back({import.name, item});
  }
  CoreInstantiateDef def;
  for (auto& [module, exports] : bags) {
    def.args.push_back({module, ast_.core_instance(std::move(exports))});
  }
  def.module = ast_.core_module(part.bytes);
  part.instance = ast_.core_instance(std::move(def));
  return {};
}

Result<SortIndex> ModuleEncoder::item_for(const Part& part, const PartImport& import) {
  auto function = [](CoreFuncIndex index) { return SortIndex{Sort::CoreFunc, index.value}; };
  if (import.slot) return function(shim_function(*import.slot));
  if (std::holds_alternative<ImportedCall>(import.meaning)) {
    auto lowered = TRY(lower(part, import));
    return function(lowered);
  }
  if (const auto* drop = std::get_if<ImportedDrop>(&import.meaning)) {
    auto type = TRY(root_.index(drop->resource));
    return function(CoreFuncIndex(ast_.add(CanonDef{.op = CanonOp::ResourceDrop, .type = type})));
  }
  if (const auto* own = std::get_if<OwnResourceCall>(&import.meaning)) {
    auto type = resources_.at(own->resource);
    return function(CoreFuncIndex(ast_.add(CanonDef{.op = own->op, .type = type})));
  }
  if (std::holds_alternative<AsyncBuiltIn>(import.meaning)) {
    auto made = TRY(built_in(part, import));
    return function(made);
  }
  return main_item(import);
}

Result<SortIndex> ModuleEncoder::main_item(const PartImport& import) {
  const auto& main = parts_.front();
  auto name = std::get<MainItem>(import.meaning).name;
  if (std::holds_alternative<CoreMemoryType>(import.decl->type)) {
    auto index = TRY(memory());
    return SortIndex{Sort::CoreMemory, index.value};
  }
  if (name == "cabi_realloc" && realloc_instance_) {
    auto index = ast_.core_func(*realloc_instance_, "cabi_realloc");
    return SortIndex{Sort::CoreFunc, index.value};
  }
  if (name == "cabi_realloc") name = realloc_name(main, name).value_or(name);
  auto index = TRY(core_function(main, name));
  return SortIndex{Sort::CoreFunc, index.value};
}

Result<CoreMemoryIndex> ModuleEncoder::memory() {
  if (memory_) return *memory_;
  const auto& main = parts_.front();
  const auto* found = main.core.find_export("memory");
  if (found == nullptr || !std::holds_alternative<CoreMemoryType>(*found)) {
    return Error::invalid_input("the module does not export its memory as `memory`");
  }
  memory_ = CoreMemoryIndex(ast_.core_export(Sort::CoreMemory, main.instance, "memory"));
  return *memory_;
}

Result<CoreFuncIndex> ModuleEncoder::core_function(const Part& part, std::string_view name) {
  auto key = std::pair(&part, std::string(name));
  if (auto known = core_functions_.find(key); known != core_functions_.end()) return known->second;
  if (!part.core.exports_function(name)) {
    return Error::invalid_input(fmt::format("the module does not export the function `{}`", name));
  }
  auto index = ast_.core_func(part.instance, ast_.text(std::string(name)));
  core_functions_.emplace(std::move(key), index);
  return index;
}

std::optional<std::string_view> ModuleEncoder::realloc_name(const Part& part,
                                                            std::string_view preferred) const {
  for (auto name :
       {preferred, std::string_view("cabi_realloc"), std::string_view("canonical_abi_realloc")}) {
    if (part.core.exports_function(name)) return name;
  }
  return std::nullopt;
}

Result<CanonOptions> ModuleEncoder::options(const AbiNeeds& needs, const Part& part,
                                            std::string_view purpose) {
  CanonOptions options;
  if (needs.encoding) {
    options.encoding = part.kind == PartKind::Main ? input_.encoding : StringEncoding::Utf8;
  }
  if (needs.memory) options.memory = TRY(memory());
  if (!needs.realloc) return options;
  auto name = realloc_name(part, part.kind == PartKind::Main ? "cabi_realloc" : purpose);
  if (!name) {
    return Error::invalid_input(
        "the module does not export `cabi_realloc`, which values of this function need");
  }
  options.realloc = TRY(core_function(part, *name));
  return options;
}

Result<CoreFuncIndex> ModuleEncoder::lower(const Part& part, const PartImport& import) {
  const auto& call = std::get<ImportedCall>(import.meaning);
  auto context = fmt::format("lowering `{}` of `{}`", import.decl->name, import.decl->module);
  CanonDef def{.op = CanonOp::Lower};
  def.options = TRY(options(needs_of(import), part, "cabi_import_realloc").context(context));
  def.options.is_async = call.is_async;
  if (call.interface != nullptr) {
    def.func = TRY(root_.import_function(*call.interface, *call.function));
  } else {
    def.func = TRY(root_.import_function(*call.function));
  }
  return CoreFuncIndex(ast_.add(std::move(def)));
}

Result<void> ModuleEncoder::instantiate_realloc() {
  const auto& main = parts_.front();
  auto wants_realloc = [](const PartImport& import) {
    const auto* item = std::get_if<MainItem>(&import.meaning);
    return item != nullptr && item->name == "cabi_realloc";
  };
  bool wanted = std::ranges::any_of(
      parts_, [&](const Part& part) { return std::ranges::any_of(part.imports, wants_realloc); });
  if (!wanted || realloc_name(main, "cabi_realloc")) return {};
  auto memory = TRY(this->memory());
  auto bag =
      ast_.core_instance(CoreInlineExportsDef{{{"memory", {Sort::CoreMemory, memory.value}}}});
  auto module = ast_.core_module(ast_.arena()->bytes(realloc_module()));
  realloc_instance_ = ast_.core_instance(CoreInstantiateDef{module, {{"", bag}}});
  return {};
}

Result<CoreFuncIndex> ModuleEncoder::slot_item(const ShimSlot& slot) {
  if (slot.import == nullptr) return core_function(*slot.part, slot.destructor);
  if (std::holds_alternative<ImportedCall>(slot.import->meaning)) {
    return lower(*slot.part, *slot.import);
  }
  if (std::holds_alternative<AsyncBuiltIn>(slot.import->meaning)) {
    return built_in(*slot.part, *slot.import);
  }
  const auto& adapter = std::get<AdapterCall>(slot.import->meaning);
  const auto* part = &parts_[1 + static_cast<size_t>(adapter.adapter - adapter_cores_.data())];
  return core_function(*part, slot.import->decl->name)
      .context(fmt::format("adapter `{}`", part->core.name));
}

Result<void> ModuleEncoder::instantiate_fixup() {
  const auto& main = parts_.front();
  bool has_init = main.core.exports_function("_initialize");
  if (slots_.empty() && !has_init) return {};
  CoreInlineExportsDef bag;
  std::vector<const CoreFuncType*> types;
  for (const auto& slot : slots_) {
    auto item = TRY(slot_item(slot));
    auto name = ast_.text(fmt::format("{}", types.size()));
    bag.exports.push_back({name, {Sort::CoreFunc, item.value}});
    types.push_back(slot.type);
  }
  if (!slots_.empty()) {
    auto table = ast_.core_export(Sort::CoreTable, shim_, kShimTable);
    bag.exports.push_back({kShimTable, {Sort::CoreTable, table}});
  }
  if (has_init) {
    auto init = TRY(core_function(main, "_initialize"));
    bag.exports.push_back({kFixupInit, {Sort::CoreFunc, init.value}});
  }
  auto bytes = fixup_module(types, has_init ? FixupInit::CallInit : FixupInit::None);
  auto module = ast_.core_module(ast_.arena()->bytes(std::move(bytes)));
  auto items = ast_.core_instance(std::move(bag));
  ast_.core_instance(CoreInstantiateDef{module, {{"", items}}});
  return {};
}

Result<std::vector<uint8_t>> encode_module(const EncodeModule& input) {
  return ModuleEncoder(input).encode();
}

}  // namespace spindle::assemble
