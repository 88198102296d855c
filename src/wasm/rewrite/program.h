#pragma once

// Program: instances linked with one another, on paper.
//
// Every item of every instance has an ItemId, dense by kind: instance 0's functions, then instance
// 1's. `resolve(kind, id)` names the item that an import stands for: a definition, or, where nobody
// defines it, the import that is kept (for a host function the first that names its number).
// Everything after linking is said in resolved ids.
//
// A module that appears several times is read and decoded once. Function bodies are decoded when
// somebody asks for their references: what nothing reaches is never looked at.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "wasm/rewrite/merge.h"
#include "wasm/rewrite/module_sections.h"
#include "wasm/rewrite/references.h"
#include "wasm/rewrite/type_table.h"

namespace spindle::wasm::rewrite {

using ItemId = uint32_t;
inline constexpr ItemId kNoItem = UINT32_MAX;

// Segments have ids too, after the kinds of the format.
enum class NodeKind : uint8_t { Func, Table, Memory, Global, Tag, Element, Data };
inline constexpr size_t kNodeKinds = 7;
constexpr NodeKind node_kind(ItemKind kind) {
  return static_cast<NodeKind>(kind);
}

struct Node {
  NodeKind kind = NodeKind::Func;
  ItemId id = 0;
  friend bool operator==(const Node&, const Node&) = default;
};

struct ProgramModule {
  ModuleSections sections;
  std::vector<TypeId> types;
  std::unordered_map<std::string_view, uint32_t> exports;
  References references;  // of the bodies decoded so far
  struct Body {
    uint32_t first = 0;
    uint32_t count = 0;
    bool is_decoded = false;
  };
  std::vector<Body> bodies;
  uint64_t initializer_bytes = 0;  // of all globals, tables and segments
};

// What becomes of imports that are not satisfied by an instance.
enum class Imports : uint8_t {
  HostNumbers,  // each names its source
  Kept,         // one instance without sources, which keeps its imports
};

class Program {
 public:
  static Result<Program> link(std::span<const MergeInstance> instances, Imports imports,
                              const MergeLimits& limits);

  // What is read again for each copy of a module is bounded by what may be written.
  Result<void> check_output(uint64_t bytes) const;
  uint32_t instance_count() const { return static_cast<uint32_t>(instances_.size()); }
  ProgramModule& module_of(uint32_t instance) { return *instances_[instance].module; }
  const ProgramModule& module_of(uint32_t instance) const { return *instances_[instance].module; }
  const ModuleSections& sections_of(uint32_t instance) const {
    return module_of(instance).sections;
  }

  // The id of the first item of an instance.
  ItemId base(uint32_t instance, NodeKind kind) const {
    return instances_[instance].base[static_cast<size_t>(kind)];
  }
  uint32_t count(NodeKind kind) const { return totals_[static_cast<size_t>(kind)]; }
  uint32_t owner(Node node) const;
  // The index inside the owner's module.
  uint32_t local_index(Node node) const;
  // Unresolved: of what the module itself calls `index`. An error if there is no such item.
  Result<ItemId> find(uint32_t instance, NodeKind kind, uint32_t index) const;
  // Resolved.
  Result<ItemId> resolve(uint32_t instance, NodeKind kind, uint32_t index) const;
  ItemId resolve(NodeKind kind, ItemId id) const {
    auto at = static_cast<size_t>(kind);
    return at < kItemKinds ? targets_[at][id] : id;
  }
  // Without a message: kNoItem if there is no such item.
  ItemId find_resolved(uint32_t instance, NodeKind kind, uint32_t index) const {
    const auto at = static_cast<size_t>(kind);
    const Instance& owner = instances_[instance];
    if (index >= owner.count[at]) return kNoItem;
    return resolve(kind, owner.base[at] + index);
  }
  Result<Node> resolve(const MergeSource& source) const;
  // Replaces each resolved function by `to[function]`.
  void redirect_functions(const std::vector<ItemId>& to);

  bool is_import(Node node) const;
  // Of a kept import: the host's number, or its position.
  uint32_t import_number(Node node) const;
  const ModuleImport& import_of(Node node) const;

  Result<TypeId> type(uint32_t instance, uint32_t index) const;
  Result<TypeId> function_type(ItemId function) const;
  const ModuleTable& table(ItemId id) const;
  const ModuleMemory& memory(ItemId id) const;
  const ModuleGlobal& global(ItemId id) const;
  const ElementSegment& element(ItemId id) const;
  const DataSegment& data(ItemId id) const;
  Bytes body(ItemId function) const;
  // Decodes if necessary, with MemoryZero::First. Good until the next call.
  Result<std::span<const Reference>> references(ItemId function);

  TypeTable& types() { return types_; }
  const TypeTable& types() const { return types_; }

 private:
  struct Instance {
    ProgramModule* module = nullptr;
    std::array<uint32_t, kNodeKinds> base{};
    std::array<uint32_t, kNodeKinds> count{};
  };

  Result<void> add_instance(const MergeInstance& instance);
  Result<ProgramModule*> read_module(Bytes bytes);
  Result<void> satisfy_imports(std::span<const MergeInstance> instances, Imports imports);
  Result<void> satisfy(uint32_t instance, const ModuleImport& import, const MergeSource& source);
  Result<ItemId> find_export(const InstanceExport& source, ItemKind kind) const;
  Result<void> follow_chains();
  Result<void> check_links() const;
  Result<void> check_link_type(ItemKind kind, ItemId import, ItemId target) const;
  std::optional<std::vector<uint8_t>> same_type_key(uint32_t instance, Bytes value_type) const;

  // Modules by the place and length of their bytes.
  std::map<std::pair<const uint8_t*, size_t>, std::unique_ptr<ProgramModule>> modules_;
  std::vector<Instance> instances_;
  std::array<uint32_t, kNodeKinds> totals_{};
  std::array<std::vector<uint32_t>, kNodeKinds> owners_;
  std::array<std::vector<ItemId>, kItemKinds> targets_;
  std::unordered_map<uint32_t, ItemId> host_functions_;  // by number
  std::unordered_map<ItemId, uint32_t> host_numbers_;
  std::unordered_map<uint64_t, uint32_t> kept_imports_;  // kind and id -> position
  TypeTable types_;
  MergeLimits limits_;
  uint64_t initializer_bytes_ = 0;
};

}  // namespace spindle::wasm::rewrite
