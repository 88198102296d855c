#include "wit/model_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "wit/limits.h"

namespace spindle::wit {
namespace {

Error conflict(std::string_view what, std::string_view name) {
  return Error::invalid_input(fmt::format("{} `{}` has two different definitions", what, name));
}

Result<void> check_name(std::string_view name) {
  if (name.size() <= kMaxNameLength) return {};
  return Error::limit_exceeded(fmt::format("the name `{}...` has {} bytes, at most {} are allowed",
                                           name.substr(0, 20), name.size(), kMaxNameLength));
}

Result<void> check_names(const TypeKind& kind) {
  auto check = [](const auto& items) -> Result<void> {
    for (const auto& item : items) TRY(check_name(item.name));
    return {};
  };
  if (const auto* record = std::get_if<Record>(&kind)) return check(record->fields);
  if (const auto* variant = std::get_if<Variant>(&kind)) return check(variant->cases);
  if (const auto* e = std::get_if<Enum>(&kind)) return check(e->cases);
  if (const auto* flags = std::get_if<Flags>(&kind)) return check(flags->flags);
  return {};
}

Result<void> check_function(const Function& function, size_t others) {
  if (others >= kMaxItems) {
    return Error::limit_exceeded(fmt::format("more than {} items", kMaxItems));
  }
  TRY(check_name(function.name));
  for (const auto& param : function.params) TRY(check_name(param.name));
  return {};
}

bool is_named(const Resolve& resolve, TypeId id) {
  return !resolve.type(id).name.empty();
}

// Repeatedly takes the lowest node that nothing left comes before. Shorter than `count` when there
// is a cycle. Edges are (before, after); `depths` gets the length of the longest chain to a node.
std::vector<uint32_t> sort_topologically(size_t count,
                                         std::vector<std::pair<uint32_t, uint32_t>> edges,
                                         std::vector<uint32_t>& depths) {
  std::ranges::sort(edges);
  edges.erase(std::ranges::unique(edges).begin(), edges.end());
  std::vector<uint32_t> waiting(count);
  for (auto [before, after] : edges) ++waiting[after];
  std::set<uint32_t> ready;
  for (uint32_t node = 0; node < count; ++node) {
    if (waiting[node] == 0) ready.insert(node);
  }
  std::vector<uint32_t> order;
  depths.assign(count, 0);
  while (!ready.empty()) {
    uint32_t node = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(node);
    auto edge = std::ranges::lower_bound(edges, std::pair{node, uint32_t{0}});
    for (; edge != edges.end() && edge->first == node; ++edge) {
      depths[edge->second] = std::max(depths[edge->second], depths[node] + 1);
      if (--waiting[edge->second] == 0) ready.insert(edge->second);
    }
  }
  return order;
}

}  // namespace

Result<PackageId> ModelBuilder::package(const PackageName& name) {
  auto found = packages_.find(name);
  if (found != packages_.end()) return found->second;
  if (packages_.size() >= kMaxPackages) {
    return Error::limit_exceeded(fmt::format("more than {} packages", kMaxPackages));
  }
  PackageId id(resolve_.packages_.size());
  resolve_.packages_.push_back({.name = name, .interfaces = {}, .worlds = {}, .docs = {}});
  packages_.emplace(name, id);
  return id;
}

Result<InterfaceId> ModelBuilder::interface(PackageId package, std::string_view name) {
  TRY(check_name(name));
  if (worlds_.contains({package.value, std::string(name)})) return conflict("item", name);
  auto [found, is_new] = interfaces_.try_emplace({package.value, std::string(name)});
  if (!is_new) return found->second;
  found->second = InterfaceId(resolve_.interfaces_.size());
  auto& made = resolve_.interfaces_.emplace_back();
  made.name = name;
  made.package = package;
  resolve_.packages_[package.value].interfaces.push_back(found->second);
  return found->second;
}

Result<WorldId> ModelBuilder::world(PackageId package, std::string_view name) {
  TRY(check_name(name));
  if (interfaces_.contains({package.value, std::string(name)})) return conflict("item", name);
  auto [found, is_new] = worlds_.try_emplace({package.value, std::string(name)});
  if (!is_new) return found->second;
  found->second = WorldId(resolve_.worlds_.size());
  auto& made = resolve_.worlds_.emplace_back();
  made.name = name;
  made.package = package;
  resolve_.packages_[package.value].worlds.push_back(found->second);
  return found->second;
}

WorldItem* ModelBuilder::find_item(WorldId world, WorldSide side, std::string_view name) {
  auto found = items_.find(ItemKey(world.value, side, name));
  if (found == items_.end()) return nullptr;
  auto& owner = resolve_.worlds_[world.value];
  return &(side == WorldSide::Import ? owner.imports : owner.exports)[found->second];
}

void ModelBuilder::add_item(WorldId world, WorldSide side, WorldItem item) {
  auto& owner = resolve_.worlds_[world.value];
  auto& items = side == WorldSide::Import ? owner.imports : owner.exports;
  items_.emplace(ItemKey(world.value, side, item.name), static_cast<uint32_t>(items.size()));
  items.push_back(std::move(item));
}

Result<InterfaceId> ModelBuilder::inline_interface(WorldId world, WorldSide side,
                                                   std::string_view name) {
  if (const auto* item = find_item(world, side, name)) {
    const auto* held = std::get_if<WorldInterface>(&item->item);
    if (held == nullptr || !resolve_.interface(held->id).name.empty()) {
      return conflict("world item", name);
    }
    return held->id;
  }
  InterfaceId id(resolve_.interfaces_.size());
  resolve_.interfaces_.emplace_back().package = resolve_.world(world).package;
  add_item(world, side,
           {.name = std::string(name), .item = WorldInterface{id}, .docs = {}, .stability = {}});
  return id;
}

Result<void> ModelBuilder::add_interface(WorldId world, WorldSide side, std::string_view name,
                                         InterfaceId id) {
  if (const auto* item = find_item(world, side, name)) {
    const auto* held = std::get_if<WorldInterface>(&item->item);
    if (held == nullptr || held->id != id) return conflict("world item", name);
    return {};
  }
  add_item(world, side,
           {.name = std::string(name), .item = WorldInterface{id}, .docs = {}, .stability = {}});
  return {};
}

Result<void> ModelBuilder::spend(uint64_t size) {
  spent_ += size;
  if (spent_ <= 4 * kMaxTypes) return {};
  return Error::limit_exceeded(
      fmt::format("the interfaces mention more than {} types", 4 * kMaxTypes));
}

Result<TypeId> ModelBuilder::append(TypeDef type) {
  if (resolve_.types_.size() >= kMaxTypes) {
    return Error::limit_exceeded(fmt::format("more than {} types", kMaxTypes));
  }
  Measure measure;
  for_each_type(type.kind, [&](Type part) {
    const auto* id = std::get_if<TypeId>(&part);
    if (id == nullptr) return;
    const Measure& inner = measures_[id->value];
    measure.depth = std::max(measure.depth, inner.depth);
    if (is_named(resolve_, *id)) return;
    measure.nesting = std::max(measure.nesting, inner.nesting);
    measure.size += inner.size;
  });
  measure.nesting += 1;
  if (measure.nesting > kMaxNesting) {
    return Error::limit_exceeded(fmt::format("a type nests deeper than {} levels", kMaxNesting));
  }
  if (!std::holds_alternative<Alias>(type.kind)) measure.depth += 1;
  if (measure.depth > kMaxTypeDepth) {
    return Error::limit_exceeded(
        fmt::format("types stand within types deeper than {} levels", kMaxTypeDepth));
  }
  TRY(spend(measure.size));
  measures_.push_back(measure);
  resolve_.types_.push_back(std::move(type));
  return TypeId(resolve_.types_.size() - 1);
}

Result<TypeId> ModelBuilder::add_anonymous(TypeKind kind) {
  TypeDef type;
  type.kind = std::move(kind);
  return append(std::move(type));
}

Result<TypeId> ModelBuilder::add_type(const Owner& owner, std::string_view name, TypeKind kind) {
  if (auto found = find_type(owner, name)) {
    if (!same(resolve_.type(*found).kind, kind)) return conflict("type", name);
    return *found;
  }
  if (has_name(owner, name)) return conflict("item", name);
  TRY(check_name(name));
  TRY(check_names(kind));
  TypeDef type;
  type.name = name;
  type.kind = std::move(kind);
  type.owner = owner;
  auto id = TRY(append(std::move(type)));
  types_.emplace(std::pair(owner, std::string(name)), id);
  if (const auto* world = std::get_if<WorldId>(&owner)) {
    add_item(*world, WorldSide::Import,
             {.name = std::string(name), .item = id, .docs = {}, .stability = {}});
  } else {
    resolve_.interfaces_[std::get<InterfaceId>(owner).value].types.push_back(id);
  }
  return id;
}

std::optional<TypeId> ModelBuilder::find_type(const Owner& owner, std::string_view name) const {
  auto found = types_.find(std::pair(owner, std::string(name)));
  if (found == types_.end()) return std::nullopt;
  return found->second;
}

bool ModelBuilder::has_name(const Owner& owner, std::string_view name) const {
  if (find_type(owner, name)) return true;
  if (const auto* interface = std::get_if<InterfaceId>(&owner)) {
    return functions_.contains({interface->value, std::string(name)});
  }
  return items_.contains(ItemKey(std::get<WorldId>(owner).value, WorldSide::Import, name));
}

Result<void> ModelBuilder::add_function(InterfaceId interface, Function function) {
  auto& owner = resolve_.interfaces_[interface.value];
  auto name = resolve_.extern_name(function);
  auto [found, is_new] = functions_.try_emplace({interface.value, name},
                                                static_cast<uint32_t>(owner.functions.size()));
  if (!is_new) {
    if (!same(owner.functions[found->second], function)) return conflict("function", name);
    return {};
  }
  if (find_type(interface, name)) return conflict("item", name);
  TRY(check_function(function, owner.functions.size()));
  TRY(spend(function.params.size() + 1));
  owner.functions.push_back(std::move(function));
  return {};
}

Result<void> ModelBuilder::add_function(WorldId world, WorldSide side, Function function) {
  auto name = resolve_.extern_name(function);
  if (const auto* item = find_item(world, side, name)) {
    const auto* existing = std::get_if<Function>(&item->item);
    if (existing == nullptr || !same(*existing, function)) return conflict("function", name);
    return {};
  }
  TRY(check_function(function, 0));
  TRY(spend(function.params.size() + 1));
  add_item(world, side, {.name = name, .item = std::move(function), .docs = {}, .stability = {}});
  return {};
}

bool ModelBuilder::same(Type a, Type b) const {
  a = resolve_.definition(a);
  b = resolve_.definition(b);
  if (a == b) return true;
  const auto* left = std::get_if<TypeId>(&a);
  const auto* right = std::get_if<TypeId>(&b);
  if (left == nullptr || right == nullptr) return false;
  if (is_named(resolve_, *left) || is_named(resolve_, *right)) return false;
  return same(resolve_.type(*left).kind, resolve_.type(*right).kind);
}

bool ModelBuilder::same(const std::optional<Type>& a, const std::optional<Type>& b) const {
  if (!a || !b) return a.has_value() == b.has_value();
  return same(*a, *b);
}

bool ModelBuilder::same(const Function& a, const Function& b) const {
  return a.kind == b.kind && a.asyncness == b.asyncness && same(a.result, b.result) &&
         std::ranges::equal(a.params, b.params, [this](const Parameter& x, const Parameter& y) {
           return x.name == y.name && same(x.type, y.type);
         });
}

// Recursion is as deep as anonymous types nest.
bool ModelBuilder::same(const TypeKind& a, const TypeKind& b) const {
  if (a.index() != b.index()) return false;
  if (const auto* handle = std::get_if<Handle>(&a)) {
    const auto& other = std::get<Handle>(b);
    return handle->ownership == other.ownership &&
           resolve_.definition(handle->resource) == resolve_.definition(other.resource);
  }
  auto labels = [](const auto& x, const auto& y) {
    return std::ranges::equal(
        x, y, {}, [](const Label& label) { return label.name; },
        [](const Label& label) { return label.name; });
  };
  if (const auto* flags = std::get_if<Flags>(&a))
    return labels(flags->flags, std::get<Flags>(b).flags);
  if (const auto* e = std::get_if<Enum>(&a)) return labels(e->cases, std::get<Enum>(b).cases);
  if (const auto* record = std::get_if<Record>(&a)) {
    return std::ranges::equal(record->fields, std::get<Record>(b).fields,
                              [this](const Field& x, const Field& y) {
                                return x.name == y.name && same(x.type, y.type);
                              });
  }
  if (const auto* variant = std::get_if<Variant>(&a)) {
    return std::ranges::equal(variant->cases, std::get<Variant>(b).cases,
                              [this](const Case& x, const Case& y) {
                                return x.name == y.name && same(x.payload, y.payload);
                              });
  }
  if (const auto* list = std::get_if<FixedList>(&a)) {
    if (list->length != std::get<FixedList>(b).length) return false;
  }
  if (const auto* result = std::get_if<ResultType>(&a)) {
    const auto& other = std::get<ResultType>(b);
    return same(result->ok, other.ok) && same(result->error, other.error);
  }
  std::vector<Type> left;
  std::vector<Type> right;
  for_each_type(a, [&](Type type) { left.push_back(type); });
  for_each_type(b, [&](Type type) { right.push_back(type); });
  return std::ranges::equal(left, right, [this](Type x, Type y) { return same(x, y); });
}

// Interfaces use each other without cycles, and not too deep for readers that recurse.
Result<void> ModelBuilder::check_uses() const {
  std::vector<std::pair<uint32_t, uint32_t>> edges;
  for (uint32_t i = 0; i < resolve_.interfaces_.size(); ++i) {
    for (auto used : resolve_.direct_dependencies(InterfaceId(i)))
      edges.emplace_back(used.value, i);
  }
  std::vector<uint32_t> depths;
  auto order = sort_topologically(resolve_.interfaces_.size(), std::move(edges), depths);
  if (order.size() != resolve_.interfaces_.size()) {
    return Error::invalid_input("interfaces use each other in a circle");
  }
  if (!depths.empty() && *std::ranges::max_element(depths) > kMaxUseDepth) {
    return Error::limit_exceeded(
        fmt::format("interfaces use each other through more than {} others", kMaxUseDepth));
  }
  return {};
}

std::vector<std::pair<uint32_t, uint32_t>> ModelBuilder::package_order() const {
  std::vector<std::pair<uint32_t, uint32_t>> edges;
  auto add = [&](PackageId before, PackageId after) {
    if (before != after) edges.emplace_back(before.value, after.value);
  };
  for (uint32_t i = 0; i < resolve_.interfaces_.size(); ++i) {
    for (auto used : resolve_.direct_dependencies(InterfaceId(i))) {
      add(resolve_.interface(used).package, resolve_.interfaces_[i].package);
    }
  }
  for (const auto& world : resolve_.worlds_) {
    for (const auto* items : {&world.imports, &world.exports}) {
      for (const auto& item : *items) {
        const auto* held = std::get_if<WorldInterface>(&item.item);
        if (held != nullptr) add(resolve_.interface(held->id).package, world.package);
      }
    }
  }
  return edges;
}

void ModelBuilder::renumber(const std::vector<uint32_t>& order) {
  std::vector<PackageId> places(order.size());
  std::vector<Package> packages;
  for (uint32_t place = 0; place < order.size(); ++place) {
    places[order[place]] = PackageId(place);
    packages.push_back(std::move(resolve_.packages_[order[place]]));
  }
  resolve_.packages_ = std::move(packages);
  for (auto& interface : resolve_.interfaces_) interface.package = places[interface.package.value];
  for (auto& world : resolve_.worlds_) world.package = places[world.package.value];
  for (auto& root : resolve_.roots_) root = places[root.value];
}

Result<Resolve> ModelBuilder::finish(std::vector<PackageId> roots) && {
  TRY(check_uses());
  std::vector<uint32_t> depths;
  auto order = sort_topologically(resolve_.packages_.size(), package_order(), depths);
  if (order.size() != resolve_.packages_.size()) {
    return Error::invalid_input("packages use each other in a circle");
  }
  resolve_.roots_ = std::move(roots);
  renumber(order);
  return std::move(resolve_);
}

}  // namespace spindle::wit
