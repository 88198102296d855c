#pragma once

// TypeArena: component-level types as validation compares them.
//
// Each type is a node with an id. Two nodes may mean the same type; identity of nodes matters only
// for what is *named* (imported or exported under a name), equality is structural. A resource type
// is generative: it has a ResourceId of its own, and several nodes, its names, may refer to it.
// Importing, instantiating and comparing component types substitute resource ids in whole types;
// nodes that mention no resource are shared by all substitutions.

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "component/binary/limits.h"
#include "component/binary/types.h"
#include "component/validate/core_arena.h"

namespace spindle::component {

using TypeId = StrongId<struct TypeIdTag>;
using ResourceId = StrongId<struct ResourceIdTag>;

enum class NodeKind : uint8_t {
  Primitive,
  Record,
  Variant,
  List,
  FixedList,
  Map,
  Tuple,
  Flags,
  Enum,
  Option,
  Result,
  Own,
  Borrow,
  Stream,
  Future,
  Function,
  Resource,
  Component,
  Instance,
};

// A use of a value type, resolved.
struct Value {
  std::optional<PrimitiveType> primitive;
  TypeId type;
};

// A field, case, parameter or element; its type may be absent in variants, results, streams.
struct NodeMember {
  std::string_view name;
  std::optional<Value> type;
};

// What an import or export is.
struct Entity {
  Sort sort = Sort::Func;
  ModuleTypeId module;  // CoreModule
  TypeId type;          // otherwise; of a type export: the new name
  TypeId referenced;    // Type: what the new name stands for
};

struct NamedEntity {
  std::string_view name;
  Entity entity;
};

class NamedEntities {
 public:
  bool add(std::string_view name, const Entity& entity);
  const Entity* find(std::string_view name) const;
  size_t size() const { return items_.size(); }
  const std::vector<NamedEntity>& items() const { return items_; }
  std::vector<NamedEntity>& items() { return items_; }

 private:
  std::vector<NamedEntity> items_;
  std::unordered_map<std::string_view, uint32_t> index_;
};

// Where a resource is found: the n-th import or export, its m-th export, and so on.
using ResourcePath = std::vector<uint32_t>;
struct ResourceAt {
  ResourceId resource;
  ResourcePath path;
};

// The contents of a component or instance type.
struct ScopeType {
  NamedEntities imports;
  NamedEntities exports;
  std::vector<ResourceAt> imported;
  // Resources that instantiation makes anew. An instance type that is only declared has them too.
  std::vector<ResourceAt> defined;
  // Every resource that is exported somewhere inside.
  std::map<ResourceId, ResourcePath> explicit_paths;

  // What a copy takes, in steps.
  uint64_t size() const {
    return imports.size() + exports.size() + imported.size() + defined.size() +
           explicit_paths.size();
  }
};

// How values of a type travel: core types as the canonical ABI flattens them, up to kMax.
struct FlatTypes {
  static constexpr size_t kMax = 16;
  uint8_t count = 0;  // kMax + 1: more than kMax
  std::array<CoreValueKind, kMax> kinds{};

  void push(CoreValueKind kind);
  void append(const FlatTypes& other);
  bool overflows() const { return count > kMax; }
};

enum class PointerWidth : uint8_t { Bits32, Bits64 };

struct TypeNode {
  NodeKind kind = NodeKind::Primitive;
  PrimitiveType primitive = PrimitiveType::Bool;
  bool is_async = false;  // Function
  uint32_t length = 0;    // FixedList
  // Own, Borrow: the node of the resource type.
  TypeId handle;
  // Resource.
  ResourceId resource;
  uint32_t alias = 0;
  std::vector<NodeMember> members;
  std::optional<Value> result;             // Function
  std::shared_ptr<const ScopeType> scope;  // Component, Instance

  // Derived by TypeArena::add().
  bool has_resources = false;
  bool has_borrow = false;
  bool has_pointers = false;
  uint32_t depth = 1;
  uint32_t size = 1;       // of the type itself
  uint64_t byte_size = 0;  // of a value, with 64-bit pointers
  uint32_t byte_align = 1;
  std::array<FlatTypes, 2> flat;  // by PointerWidth
};

// Replaces resources, and types of which other names are known; `types` remembers what was already
// rewritten.
struct Substitution {
  std::unordered_map<ResourceId, ResourceId> resources;
  std::unordered_map<TypeId, TypeId> types;
  // Types without resources may have to be replaced too.
  bool renames_types = false;
};

class TypeArena {
 public:
  // A larger input may take more steps.
  explicit TypeArena(size_t input_bytes)
      : steps_max_(kMaxValidationSteps + uint64_t{input_bytes} / kBytesPerValidationStep) {}

  // Fails where the type is too large or too deep.
  Result<TypeId> add(TypeNode node);
  const TypeNode& operator[](TypeId id) const { return nodes_[id.value]; }

  ResourceId new_resource() { return ResourceId(resources_++); }
  // The node of a resource under one of its names; 0 is its own.
  TypeId resource_node(ResourceId resource, uint32_t alias = 0);
  // Another name for the same type.
  TypeId rename(TypeId type);

  TypeId substitute(TypeId type, Substitution& by);
  Entity substitute(const Entity& entity, Substitution& by);
  // Whether anything changed.
  bool substitute(NamedEntities& entities, Substitution& by);

  // Structural equality of value and function types.
  bool equal(TypeId a, TypeId b);
  bool equal(const Value& a, const Value& b);

  void collect_resources(const Entity& entity, std::unordered_set<ResourceId>& found);
  void collect_resources(TypeId type, std::unordered_set<ResourceId>& found);

  FlatTypes flatten(const Value& value, PointerWidth width) const;
  bool has_pointers(const Value& value) const;
  bool has_borrow(const Value& value) const;
  // A type that is an alias of a primitive counts as that primitive.
  std::optional<PrimitiveType> find_primitive(const Value& value) const;

  // Counts work; false once there was too much of it.
  bool spend(uint64_t steps = 1);
  bool exhausted() const;

 private:
  struct Extent {
    uint64_t size = 0;
    uint32_t align = 1;
  };
  Extent extent(const Value& value) const;
  void derive(TypeNode& node) const;
  void derive_value(TypeNode& node, const Value& value) const;
  void derive_layout(TypeNode& node) const;
  void derive_cases(TypeNode& node) const;
  void derive_scope(TypeNode& node) const;
  bool substitute_parts(TypeNode& node, Substitution& by);
  std::shared_ptr<const ScopeType> substitute(const ScopeType& scope, Substitution& by);
  void collect(TypeId type, std::unordered_set<ResourceId>& found,
               std::unordered_set<TypeId>& visited);
  void collect(const Entity& entity, std::unordered_set<ResourceId>& found,
               std::unordered_set<TypeId>& visited);

  std::deque<TypeNode> nodes_;
  uint32_t resources_ = 0;
  uint32_t aliases_ = 0;
  std::map<std::pair<ResourceId, uint32_t>, TypeId> resource_nodes_;
  std::unordered_set<uint64_t> equal_pairs_;
  uint64_t steps_ = 0;
  uint64_t steps_max_;
};

}  // namespace spindle::component
