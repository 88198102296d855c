#include "wasm/rewrite/program.h"

#include <fmt/format.h>

#include "base/byte_writer.h"

namespace spindle::wasm::rewrite {

namespace {

constexpr uint32_t kInstanceLimit = 10'000;
constexpr uint32_t kItemLimit = 1'000'000;  // of each kind but functions

constexpr std::string_view kNodeNames[] = {"function", "table",           "memory",      "global",
                                           "tag",      "element segment", "data segment"};

constexpr uint64_t import_key(Node node) {
  return (static_cast<uint64_t>(node.kind) << 32) | node.id;
}

uint32_t count_of(const ModuleSections& sections, NodeKind kind) {
  switch (kind) {
    case NodeKind::Element: return static_cast<uint32_t>(sections.elements.size());
    case NodeKind::Data: return static_cast<uint32_t>(sections.data.size());
    default: return sections.count(static_cast<ItemKind>(kind));
  }
}

uint64_t initializer_bytes(const ModuleSections& sections) {
  uint64_t bytes = 0;
  for (const auto& global : sections.globals) bytes += global.initializer.size();
  for (const auto& table : sections.tables) bytes += table.initializer.size();
  for (const auto& segment : sections.data) bytes += segment.offset.size();
  for (const auto& segment : sections.elements) {
    bytes += segment.offset.size() + segment.items.size();
  }
  return bytes;
}

}  // namespace

Result<ProgramModule*> Program::read_module(Bytes bytes) {
  auto& module = modules_[{bytes.data(), bytes.size()}];
  if (module) return module.get();
  module = std::make_unique<ProgramModule>();
  module->sections = TRY(read_module_sections(bytes));
  const ModuleSections& sections = module->sections;
  module->types = TRY(types_.add_section(sections.types, sections.offset_of(sections.types)));
  for (uint32_t i = 0; i < sections.exports.size(); ++i) {
    if (!module->exports.emplace(sections.exports[i].name, i).second) {
      return Error::invalid_input(fmt::format("duplicate export `{}`", sections.exports[i].name));
    }
  }
  auto is_known = [&](uint32_t type) { return type < module->types.size(); };
  for (uint32_t type : sections.functions) {
    if (!is_known(type)) return Error::invalid_input(fmt::format("unknown type {}", type));
  }
  for (uint32_t type : sections.tags) {
    if (!is_known(type)) return Error::invalid_input(fmt::format("unknown type {}", type));
  }
  module->bodies.resize(sections.bodies.size());
  module->initializer_bytes = initializer_bytes(sections);
  return module.get();
}

Result<void> Program::check_output(uint64_t bytes) const {
  if (bytes <= limits_.output_bytes) return {};
  return Error::limit_exceeded(fmt::format("merged module of {} bytes, at most {} are allowed",
                                           bytes, limits_.output_bytes));
}

Result<void> Program::add_instance(const MergeInstance& instance) {
  if (instances_.size() >= kInstanceLimit) {
    return Error::limit_exceeded(fmt::format("more than {} core instances", kInstanceLimit));
  }
  Instance added;
  added.module = TRY(read_module(instance.module));
  const auto number = static_cast<uint32_t>(instances_.size());
  for (size_t kind = 0; kind < kNodeKinds; ++kind) {
    added.base[kind] = totals_[kind];
    uint32_t count = count_of(added.module->sections, static_cast<NodeKind>(kind));
    uint32_t limit = kind == 0 ? limits_.functions : kItemLimit;
    if (count > limit || totals_[kind] > limit - count) {
      return Error::limit_exceeded(
          fmt::format("more than {} of kind {} in all core instances", limit, kNodeNames[kind]));
    }
    added.count[kind] = count;
    totals_[kind] += count;
    owners_[kind].resize(totals_[kind], number);
    if (kind >= kItemKinds) continue;
    for (uint32_t i = 0; i < count; ++i) targets_[kind].push_back(added.base[kind] + i);
  }
  instances_.push_back(added);
  initializer_bytes_ += added.module->initializer_bytes;
  return check_output(initializer_bytes_);
}

Result<Program> Program::link(std::span<const MergeInstance> instances, Imports imports,
                              const MergeLimits& limits) {
  Program program;
  program.limits_ = limits;
  for (uint32_t i = 0; i < instances.size(); ++i) {
    TRY(program.add_instance(instances[i]).context([&] {
      return fmt::format("core instance {}", i);
    }));
  }
  TRY(program.satisfy_imports(instances, imports));
  TRY(program.follow_chains());
  TRY(program.check_links());
  return program;
}

Result<ItemId> Program::find_export(const InstanceExport& source, ItemKind kind) const {
  if (source.instance >= instances_.size()) {
    return Error::invalid_input(fmt::format("core instance {} does not exist", source.instance));
  }
  const ProgramModule& module = module_of(source.instance);
  auto found = module.exports.find(source.name);
  if (found == module.exports.end()) {
    return Error::invalid_input(
        fmt::format("core instance {} has no export `{}`", source.instance, source.name));
  }
  const ModuleExport& item = module.sections.exports[found->second];
  if (item.kind != kind) {
    return Error::invalid_input(fmt::format("export `{}` is a {}, expected a {}", source.name,
                                            to_string(item.kind), to_string(kind)));
  }
  return instances_[source.instance].base[static_cast<size_t>(kind)] + item.index;
}

Result<void> Program::satisfy(uint32_t instance, const ModuleImport& import,
                              const MergeSource& source) {
  const auto kind = static_cast<size_t>(import.kind);
  ItemId id = instances_[instance].base[kind] + import.index;
  if (const auto* exported = std::get_if<InstanceExport>(&source)) {
    targets_[kind][id] = TRY(find_export(*exported, import.kind));
    return {};
  }
  if (import.kind != ItemKind::Func) {
    return Error::not_supported(
        fmt::format("the host provides functions, not a {}", to_string(import.kind)));
  }
  uint32_t number = std::get<HostImportNumber>(source).number;
  auto [first, is_new] = host_functions_.emplace(number, id);
  if (is_new) host_numbers_.emplace(id, number);
  targets_[kind][id] = first->second;
  return {};
}

Result<void> Program::satisfy_imports(std::span<const MergeInstance> instances, Imports imports) {
  for (uint32_t i = 0; i < instances.size(); ++i) {
    const ModuleSections& sections = sections_of(i);
    if (imports == Imports::Kept) {
      for (uint32_t at = 0; at < sections.imports.size(); ++at) {
        const ModuleImport& import = sections.imports[at];
        ItemId id = instances_[i].base[static_cast<size_t>(import.kind)] + import.index;
        kept_imports_.emplace(import_key({node_kind(import.kind), id}), at);
      }
      continue;
    }
    if (instances[i].imports.size() != sections.imports.size()) {
      return Error::invalid_input(fmt::format("core instance {} has {} imports, {} sources given",
                                              i, sections.imports.size(),
                                              instances[i].imports.size()));
    }
    for (uint32_t at = 0; at < sections.imports.size(); ++at) {
      const ModuleImport& import = sections.imports[at];
      TRY(satisfy(i, import, instances[i].imports[at]).context([&] {
        return fmt::format("import `{}` `{}` of core instance {}", import.module, import.name, i);
      }));
    }
  }
  return {};
}

// Imports of imports: each comes to name its end. A chain that has none goes round.
Result<void> Program::follow_chains() {
  std::vector<ItemId> path;
  for (size_t kind = 0; kind < kItemKinds; ++kind) {
    auto& targets = targets_[kind];
    for (ItemId start = 0; start < targets.size(); ++start) {
      path.clear();
      ItemId at = start;
      while (targets[at] != at) {
        path.push_back(at);
        at = targets[at];
        // Longer than everything there is, counting only what is not yet compressed.
        if (path.size() > targets.size()) {
          return Error::invalid_input(fmt::format("imports of a {} satisfy one another in a circle",
                                                  to_string(static_cast<ItemKind>(kind))));
        }
      }
      for (ItemId id : path) targets[id] = at;
    }
  }
  return {};
}

uint32_t Program::owner(Node node) const {
  return owners_[static_cast<size_t>(node.kind)][node.id];
}

uint32_t Program::local_index(Node node) const {
  return node.id - instances_[owner(node)].base[static_cast<size_t>(node.kind)];
}

Result<ItemId> Program::find(uint32_t instance, NodeKind kind, uint32_t index) const {
  uint32_t count = count_of(sections_of(instance), kind);
  if (index >= count) {
    return Error::invalid_input(fmt::format("{} {} does not exist, there are {}",
                                            kNodeNames[static_cast<size_t>(kind)], index, count));
  }
  return instances_[instance].base[static_cast<size_t>(kind)] + index;
}

Result<ItemId> Program::resolve(uint32_t instance, NodeKind kind, uint32_t index) const {
  auto id = TRY(find(instance, kind, index));
  return resolve(kind, id);
}

Result<Node> Program::resolve(const MergeSource& source) const {
  if (const auto* host = std::get_if<HostImportNumber>(&source)) {
    auto found = host_functions_.find(host->number);
    if (found == host_functions_.end()) {
      return Error::invalid_input(fmt::format("nobody imports host function {}", host->number));
    }
    return Node{NodeKind::Func, resolve(NodeKind::Func, found->second)};
  }
  const auto& exported = std::get<InstanceExport>(source);
  if (exported.instance >= instances_.size()) {
    return Error::invalid_input(fmt::format("core instance {} does not exist", exported.instance));
  }
  const ProgramModule& module = module_of(exported.instance);
  auto found = module.exports.find(exported.name);
  if (found == module.exports.end()) {
    return Error::invalid_input(
        fmt::format("core instance {} has no export `{}`", exported.instance, exported.name));
  }
  const ModuleExport& item = module.sections.exports[found->second];
  auto id = TRY(resolve(exported.instance, node_kind(item.kind), item.index));
  return Node{node_kind(item.kind), id};
}

void Program::redirect_functions(const std::vector<ItemId>& to) {
  for (ItemId& target : targets_[0]) target = to[target];
}

bool Program::is_import(Node node) const {
  if (static_cast<size_t>(node.kind) >= kItemKinds) return false;
  return local_index(node) <
         sections_of(owner(node)).imported_count(static_cast<ItemKind>(node.kind));
}

uint32_t Program::import_number(Node node) const {
  auto kept = kept_imports_.find(import_key(node));
  if (kept != kept_imports_.end()) return kept->second;
  return host_numbers_.at(node.id);
}

const ModuleImport& Program::import_of(Node node) const {
  return sections_of(owner(node)).imports[kept_imports_.at(import_key(node))];
}

Result<TypeId> Program::type(uint32_t instance, uint32_t index) const {
  const auto& types = module_of(instance).types;
  if (index >= types.size()) {
    return Error::invalid_input(fmt::format("type {} does not exist", index));
  }
  return types[index];
}

Result<TypeId> Program::function_type(ItemId function) const {
  Node node{NodeKind::Func, function};
  uint32_t instance = owner(node);
  return type(instance, sections_of(instance).functions[local_index(node)]);
}

const ModuleTable& Program::table(ItemId id) const {
  Node node{NodeKind::Table, id};
  return sections_of(owner(node)).tables[local_index(node)];
}
const ModuleMemory& Program::memory(ItemId id) const {
  Node node{NodeKind::Memory, id};
  return sections_of(owner(node)).memories[local_index(node)];
}
const ModuleGlobal& Program::global(ItemId id) const {
  Node node{NodeKind::Global, id};
  return sections_of(owner(node)).globals[local_index(node)];
}
const ElementSegment& Program::element(ItemId id) const {
  Node node{NodeKind::Element, id};
  return sections_of(owner(node)).elements[local_index(node)];
}
const DataSegment& Program::data(ItemId id) const {
  Node node{NodeKind::Data, id};
  return sections_of(owner(node)).data[local_index(node)];
}

Bytes Program::body(ItemId function) const {
  Node node{NodeKind::Func, function};
  const ModuleSections& sections = sections_of(owner(node));
  return sections.bodies[local_index(node) - sections.imported_count(ItemKind::Func)];
}

Result<std::span<const Reference>> Program::references(ItemId function) {
  Node node{NodeKind::Func, function};
  ProgramModule& module = module_of(owner(node));
  const ModuleSections& sections = module.sections;
  uint32_t number = local_index(node) - sections.imported_count(ItemKind::Func);
  auto& body = module.bodies[number];
  auto& list = module.references.list;
  if (!body.is_decoded) {
    Bytes bytes = sections.bodies[number];
    body.first = static_cast<uint32_t>(list.size());
    TRY(decode_body(bytes, sections.offset_of(bytes), module.references, MemoryZero::First));
    body.count = static_cast<uint32_t>(list.size()) - body.first;
    body.is_decoded = true;
  }
  return std::span<const Reference>(list).subspan(body.first, body.count);
}

}  // namespace spindle::wasm::rewrite
