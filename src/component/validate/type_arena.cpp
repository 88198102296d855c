#include "component/validate/type_arena.h"

#include <fmt/format.h>

#include <algorithm>

#include "component/binary/limits.h"

namespace spindle::component {
namespace {

constexpr uint64_t kMaxValueBytes = uint64_t{1} << 28;

uint64_t align_up(uint64_t offset, uint64_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

CoreValueKind pointer_kind(PointerWidth width) {
  return width == PointerWidth::Bits32 ? CoreValueKind::I32 : CoreValueKind::I64;
}

CoreValueKind join(CoreValueKind a, CoreValueKind b) {
  if (a == b) return a;
  auto is_32 = [](CoreValueKind kind) {
    return kind == CoreValueKind::I32 || kind == CoreValueKind::F32;
  };
  return is_32(a) && is_32(b) ? CoreValueKind::I32 : CoreValueKind::I64;
}

CoreValueKind primitive_kind(PrimitiveType type) {
  switch (type) {
    case PrimitiveType::S64:
    case PrimitiveType::U64: return CoreValueKind::I64;
    case PrimitiveType::F32: return CoreValueKind::F32;
    case PrimitiveType::F64: return CoreValueKind::F64;
    default: return CoreValueKind::I32;
  }
}

uint32_t primitive_bytes(PrimitiveType type) {
  switch (type) {
    case PrimitiveType::Bool:
    case PrimitiveType::S8:
    case PrimitiveType::U8: return 1;
    case PrimitiveType::S16:
    case PrimitiveType::U16: return 2;
    case PrimitiveType::S64:
    case PrimitiveType::U64:
    case PrimitiveType::F64: return 8;
    default: return 4;
  }
}

bool is_variant_like(NodeKind kind) {
  return kind == NodeKind::Variant || kind == NodeKind::Enum || kind == NodeKind::Option ||
         kind == NodeKind::Result;
}

}  // namespace

bool NamedEntities::add(std::string_view name, const Entity& entity) {
  if (!index_.emplace(name, static_cast<uint32_t>(items_.size())).second) return false;
  items_.push_back({name, entity});
  return true;
}

const Entity* NamedEntities::find(std::string_view name) const {
  auto found = index_.find(name);
  return found == index_.end() ? nullptr : &items_[found->second].entity;
}

void FlatTypes::push(CoreValueKind kind) {
  if (count < kMax) kinds[count] = kind;
  if (count <= kMax) ++count;
}

void FlatTypes::append(const FlatTypes& other) {
  for (size_t i = 0; i < std::min<size_t>(other.count, kMax); ++i) push(other.kinds[i]);
  if (other.overflows()) count = kMax + 1;
}

bool TypeArena::spend(uint64_t steps) {
  steps_ += steps;
  return !exhausted();
}

bool TypeArena::exhausted() const {
  return steps_ > steps_max_;
}

FlatTypes TypeArena::flatten(const Value& value, PointerWidth width) const {
  if (!value.primitive) return nodes_[value.type.value].flat[static_cast<size_t>(width)];
  FlatTypes flat;
  if (*value.primitive == PrimitiveType::String) {
    flat.push(pointer_kind(width));
    flat.push(pointer_kind(width));
  } else {
    flat.push(primitive_kind(*value.primitive));
  }
  return flat;
}

bool TypeArena::has_pointers(const Value& value) const {
  if (value.primitive) return *value.primitive == PrimitiveType::String;
  return nodes_[value.type.value].has_pointers;
}

bool TypeArena::has_borrow(const Value& value) const {
  return !value.primitive && nodes_[value.type.value].has_borrow;
}

std::optional<PrimitiveType> TypeArena::find_primitive(const Value& value) const {
  if (value.primitive) return value.primitive;
  const auto& node = nodes_[value.type.value];
  if (node.kind == NodeKind::Primitive) return node.primitive;
  return std::nullopt;
}

TypeArena::Extent TypeArena::extent(const Value& value) const {
  if (!value.primitive) {
    const auto& node = nodes_[value.type.value];
    return {node.byte_size, node.byte_align};
  }
  if (*value.primitive == PrimitiveType::String) return {16, 8};
  auto bytes = primitive_bytes(*value.primitive);
  return {bytes, bytes};
}

void TypeArena::derive_value(TypeNode& node, const Value& value) const {
  if (value.primitive) {
    node.has_pointers |= *value.primitive == PrimitiveType::String;
    node.size = std::min(node.size + 1, kMaxTypeSize + 1);
    return;
  }
  const auto& inner = nodes_[value.type.value];
  node.has_resources |= inner.has_resources;
  node.has_borrow |= inner.has_borrow;
  node.has_pointers |= inner.has_pointers;
  node.depth = std::max(node.depth, inner.depth + 1);
  node.size = std::min(node.size + inner.size, kMaxTypeSize + 1);
}

// Enum, option, result and variant: a discriminant, then the largest case.
void TypeArena::derive_cases(TypeNode& node) const {
  size_t cases = node.kind == NodeKind::Option ? 2 : node.members.size();
  uint32_t discriminant = cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
  uint64_t largest = 0;
  uint32_t align = 1;
  std::array<FlatTypes, 2> joined;
  for (const auto& member : node.members) {
    if (!member.type) continue;
    auto [size, member_align] = extent(*member.type);
    largest = std::max(largest, size);
    align = std::max(align, member_align);
    for (size_t width = 0; width < 2; ++width) {
      auto flat = flatten(*member.type, static_cast<PointerWidth>(width));
      auto& all = joined[width];
      for (size_t i = 0; i < std::min<size_t>(flat.count, FlatTypes::kMax); ++i) {
        if (i < all.count) {
          all.kinds[i] = join(all.kinds[i], flat.kinds[i]);
        } else {
          all.push(flat.kinds[i]);
        }
      }
      if (flat.overflows()) all.count = FlatTypes::kMax + 1;
    }
  }
  node.byte_align = std::max(align, discriminant);
  node.byte_size = align_up(align_up(discriminant, align) + largest, node.byte_align);
  for (size_t width = 0; width < 2; ++width) {
    node.flat[width].push(CoreValueKind::I32);
    node.flat[width].append(joined[width]);
  }
}

void TypeArena::derive_layout(TypeNode& node) const {
  if (is_variant_like(node.kind)) return derive_cases(node);
  auto set = [&](uint64_t size, uint32_t align) {
    node.byte_size = size;
    node.byte_align = align;
  };
  switch (node.kind) {
    case NodeKind::Primitive: {
      Value value{node.primitive, {}};
      auto [size, align] = extent(value);
      set(size, align);
      for (size_t i = 0; i < 2; ++i) node.flat[i] = flatten(value, static_cast<PointerWidth>(i));
      return;
    }
    case NodeKind::List:
    case NodeKind::Map:
      set(16, 8);
      for (size_t i = 0; i < 2; ++i) {
        node.flat[i].push(pointer_kind(static_cast<PointerWidth>(i)));
        node.flat[i].push(pointer_kind(static_cast<PointerWidth>(i)));
      }
      return;
    case NodeKind::Record:
    case NodeKind::Tuple:
    case NodeKind::FixedList: {
      uint64_t offset = 0;
      uint32_t align = 1;
      uint32_t times = node.kind == NodeKind::FixedList ? node.length : 1;
      for (const auto& member : node.members) {
        auto [size, member_align] = extent(*member.type);
        align = std::max(align, member_align);
        offset = std::min(align_up(offset, member_align) + size * times, kMaxValueBytes * 2);
        for (size_t width = 0; width < 2; ++width) {
          auto flat = flatten(*member.type, static_cast<PointerWidth>(width));
          for (uint32_t i = 0; i < std::min<uint32_t>(times, FlatTypes::kMax + 1); ++i) {
            node.flat[width].append(flat);
          }
        }
      }
      return set(align_up(offset, align), align);
    }
    case NodeKind::Flags: {
      uint32_t bytes = node.members.size() <= 8 ? 1 : node.members.size() <= 16 ? 2 : 4;
      set(bytes, bytes);
      break;
    }
    default: set(4, 4);
  }
  for (auto& flat : node.flat) flat.push(CoreValueKind::I32);
}

void TypeArena::derive_scope(TypeNode& node) const {
  auto include = [&](const NamedEntity& item) {
    if (item.entity.sort == Sort::CoreModule) {
      node.size = std::min(node.size + 1, kMaxTypeSize + 1);
      return;
    }
    derive_value(node, Value{std::nullopt, item.entity.type});
  };
  for (const auto& item : node.scope->imports.items()) include(item);
  for (const auto& item : node.scope->exports.items()) include(item);
  node.has_borrow = false;
  node.has_pointers = false;
}

void TypeArena::derive(TypeNode& node) const {
  node.has_resources = node.has_borrow = node.has_pointers = false;
  node.depth = node.size = 1;
  node.flat = {};
  if (node.scope != nullptr) return derive_scope(node);
  if (node.kind == NodeKind::Resource) {
    node.has_resources = true;
    return;
  }
  if (node.kind == NodeKind::Own || node.kind == NodeKind::Borrow) {
    node.has_resources = true;
    node.has_borrow = node.kind == NodeKind::Borrow;
  }
  for (const auto& member : node.members) {
    if (member.type) derive_value(node, *member.type);
  }
  if (node.result) derive_value(node, *node.result);
  if (node.kind == NodeKind::Function) return;
  if (node.kind == NodeKind::List || node.kind == NodeKind::Map ||
      (node.kind == NodeKind::Primitive && node.primitive == PrimitiveType::String)) {
    node.has_pointers = true;
  }
  // Payloads of streams and futures are stored elsewhere.
  if (node.kind == NodeKind::Stream || node.kind == NodeKind::Future) node.has_pointers = false;
  derive_layout(node);
}

Result<TypeId> TypeArena::add(TypeNode node) {
  derive(node);
  spend(1 + node.members.size());
  if (node.size > kMaxTypeSize) {
    return Error::limit_exceeded(fmt::format("effective type size exceeds {}", kMaxTypeSize));
  }
  if (node.depth > kMaxTypeDepth) {
    return Error::limit_exceeded(
        fmt::format("type nesting is too deep, at most {} levels are allowed", kMaxTypeDepth));
  }
  if (node.byte_size >= kMaxValueBytes) {
    return Error::limit_exceeded(
        fmt::format("a value of the type exceeds the maximum byte size of {}", kMaxValueBytes));
  }
  nodes_.push_back(std::move(node));
  return TypeId(nodes_.size() - 1);
}

TypeId TypeArena::resource_node(ResourceId resource, uint32_t alias) {
  auto [found, is_new] = resource_nodes_.try_emplace({resource, alias});
  if (is_new) {
    TypeNode node;
    node.kind = NodeKind::Resource;
    node.resource = resource;
    node.alias = alias;
    derive(node);
    nodes_.push_back(std::move(node));
    found->second = TypeId(nodes_.size() - 1);
  }
  return found->second;
}

TypeId TypeArena::rename(TypeId type) {
  const auto& node = nodes_[type.value];
  if (node.kind == NodeKind::Resource) return resource_node(node.resource, ++aliases_);
  nodes_.push_back(node);
  return TypeId(nodes_.size() - 1);
}

Entity TypeArena::substitute(const Entity& entity, Substitution& by) {
  Entity changed = entity;
  if (entity.sort == Sort::CoreModule) return changed;
  changed.type = substitute(entity.type, by);
  if (entity.sort == Sort::Type) changed.referenced = substitute(entity.referenced, by);
  return changed;
}

bool TypeArena::substitute(NamedEntities& entities, Substitution& by) {
  bool differs = false;
  for (auto& item : entities.items()) {
    auto replaced = substitute(item.entity, by);
    differs = differs || replaced.type != item.entity.type ||
              replaced.referenced != item.entity.referenced;
    item.entity = replaced;
  }
  return differs;
}

// Null where nothing changes.
std::shared_ptr<const ScopeType> TypeArena::substitute(const ScopeType& scope, Substitution& by) {
  if (!spend(scope.size())) return nullptr;
  auto changed = std::make_shared<ScopeType>(scope);
  bool differs = substitute(changed->imports, by);
  differs = substitute(changed->exports, by) || differs;
  auto replaced = [&](ResourceId id) {
    auto found = by.resources.find(id);
    if (found == by.resources.end()) return id;
    differs = true;
    return found->second;
  };
  for (auto& item : changed->imported) item.resource = replaced(item.resource);
  for (auto& item : changed->defined) item.resource = replaced(item.resource);
  changed->explicit_paths.clear();
  for (const auto& [id, path] : scope.explicit_paths) {
    changed->explicit_paths.emplace(replaced(id), path);
  }
  if (!differs) return nullptr;
  return changed;
}

// Rewrites what `node` is made of; whether that changed anything.
bool TypeArena::substitute_parts(TypeNode& node, Substitution& by) {
  bool differs = false;
  auto replace = [&](std::optional<Value>& value) {
    if (!value || value->primitive) return;
    auto replaced = substitute(value->type, by);
    differs = differs || replaced != value->type;
    value->type = replaced;
  };
  for (auto& member : node.members) replace(member.type);
  replace(node.result);
  if (node.kind == NodeKind::Own || node.kind == NodeKind::Borrow) {
    auto replaced = substitute(node.handle, by);
    differs = differs || replaced != node.handle;
    node.handle = replaced;
  }
  if (node.scope != nullptr) {
    spend(node.scope->imports.size() + node.scope->exports.size());
    auto replaced = substitute(*node.scope, by);
    differs = differs || replaced != nullptr;
    if (replaced != nullptr) node.scope = std::move(replaced);
  }
  return differs;
}

TypeId TypeArena::substitute(TypeId type, Substitution& by) {
  if (!nodes_[type.value].has_resources && !by.renames_types) return type;
  if (auto known = by.types.find(type); known != by.types.end()) return known->second;
  TypeNode node = nodes_[type.value];
  if (!spend(1 + node.members.size())) return type;
  if (node.kind == NodeKind::Resource) {
    auto found = by.resources.find(node.resource);
    auto replaced = found == by.resources.end() ? type : resource_node(found->second, node.alias);
    by.types.emplace(type, replaced);
    return replaced;
  }
  auto replaced = type;
  if (substitute_parts(node, by)) {
    // Sizes and flattening do not depend on which resources there are.
    nodes_.push_back(std::move(node));
    replaced = TypeId(nodes_.size() - 1);
  }
  by.types.emplace(type, replaced);
  return replaced;
}

bool TypeArena::equal(const Value& a, const Value& b) {
  if (!a.primitive && !b.primitive) return equal(a.type, b.type);
  auto left = find_primitive(a);
  auto right = find_primitive(b);
  return left && right && *left == *right;
}

bool TypeArena::equal(TypeId a, TypeId b) {
  if (a == b) return true;
  const auto& left = nodes_[a.value];
  const auto& right = nodes_[b.value];
  if (left.kind != right.kind) return false;
  uint64_t pair = uint64_t{a.value} << 32 | b.value;
  if (equal_pairs_.contains(pair)) return true;
  if (!spend(1 + left.members.size())) return false;
  if (left.primitive != right.primitive || left.is_async != right.is_async ||
      left.length != right.length || left.members.size() != right.members.size() ||
      left.result.has_value() != right.result.has_value()) {
    return false;
  }
  if (left.kind == NodeKind::Resource) return left.resource == right.resource;
  if (left.kind == NodeKind::Own || left.kind == NodeKind::Borrow) {
    return nodes_[left.handle.value].resource == nodes_[right.handle.value].resource;
  }
  for (size_t i = 0; i < left.members.size(); ++i) {
    const auto& x = left.members[i];
    const auto& y = right.members[i];
    if (x.name != y.name || x.type.has_value() != y.type.has_value()) return false;
    if (x.type && !equal(*x.type, *y.type)) return false;
  }
  if (left.result && !equal(*left.result, *right.result)) return false;
  equal_pairs_.insert(pair);
  return true;
}

void TypeArena::collect(const Entity& entity, std::unordered_set<ResourceId>& found,
                        std::unordered_set<TypeId>& visited) {
  if (entity.sort != Sort::CoreModule) collect(entity.type, found, visited);
}

void TypeArena::collect(TypeId type, std::unordered_set<ResourceId>& found,
                        std::unordered_set<TypeId>& visited) {
  const auto& node = nodes_[type.value];
  if (!node.has_resources || !visited.insert(type).second || !spend()) return;
  if (node.kind == NodeKind::Resource) {
    found.insert(node.resource);
    return;
  }
  for (const auto& member : node.members) {
    if (member.type && !member.type->primitive) collect(member.type->type, found, visited);
  }
  if (node.result && !node.result->primitive) collect(node.result->type, found, visited);
  if (node.kind == NodeKind::Own || node.kind == NodeKind::Borrow) {
    collect(node.handle, found, visited);
  }
  if (node.scope == nullptr) return;
  // What the scope itself binds is not free in it.
  std::unordered_set<ResourceId> inside;
  std::unordered_set<TypeId> visited_inside;
  for (const auto& item : node.scope->imports.items()) {
    collect(item.entity, inside, visited_inside);
  }
  for (const auto& item : node.scope->exports.items()) {
    collect(item.entity, inside, visited_inside);
  }
  for (const auto& item : node.scope->imported) inside.erase(item.resource);
  for (const auto& item : node.scope->defined) inside.erase(item.resource);
  found.insert(inside.begin(), inside.end());
}

void TypeArena::collect_resources(TypeId type, std::unordered_set<ResourceId>& found) {
  std::unordered_set<TypeId> visited;
  collect(type, found, visited);
}

void TypeArena::collect_resources(const Entity& entity, std::unordered_set<ResourceId>& found) {
  if (entity.sort != Sort::CoreModule) collect_resources(entity.type, found);
}

}  // namespace spindle::component
