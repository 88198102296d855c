#include "wit/model.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

namespace spindle::wit {
namespace {

constexpr std::array<std::string_view, 14> kPrimitiveNames = {
    "bool", "u8",  "u16", "u32", "u64",  "s8",     "s16",
    "s32",  "s64", "f32", "f64", "char", "string", "error-context"};
static_assert(static_cast<size_t>(Primitive::ErrorContext) + 1 == kPrimitiveNames.size());

void visit_optional(const std::optional<Type>& type, const std::function<void(Type)>& visit) {
  if (type) visit(*type);
}

struct KindVisitor {
  const std::function<void(Type)>& visit;

  void operator()(const Record& record) const {
    for (const Field& field : record.fields) visit(field.type);
  }
  void operator()(const Variant& variant) const {
    for (const Case& c : variant.cases) visit_optional(c.payload, visit);
  }
  void operator()(const Tuple& tuple) const {
    for (Type type : tuple.types) visit(type);
  }
  void operator()(const Option& option) const { visit(option.some); }
  void operator()(const ResultType& result) const {
    visit_optional(result.ok, visit);
    visit_optional(result.error, visit);
  }
  void operator()(const List& list) const { visit(list.element); }
  void operator()(const FixedList& list) const { visit(list.element); }
  void operator()(const Map& map) const {
    visit(map.key);
    visit(map.value);
  }
  void operator()(const Stream& stream) const { visit_optional(stream.element, visit); }
  void operator()(const Future& future) const { visit_optional(future.value, visit); }
  void operator()(const Alias& alias) const { visit(alias.target); }
  void operator()(const Enum&) const {}
  void operator()(const Flags&) const {}
  void operator()(const Resource&) const {}
  void operator()(const Handle&) const {}
};

void collect_dependencies(const Resolve& resolve, InterfaceId id, std::set<InterfaceId>& seen,
                          std::vector<InterfaceId>& order) {
  // The depth is that of a chain of `use`s, which the loader limits.
  for (InterfaceId dependency : resolve.direct_dependencies(id)) {
    if (!seen.insert(dependency).second) continue;
    collect_dependencies(resolve, dependency, seen, order);
    order.push_back(dependency);
  }
}

}  // namespace

std::string_view to_string(Primitive primitive) {
  return kPrimitiveNames.at(static_cast<size_t>(primitive));
}

void for_each_type(const TypeKind& kind, const std::function<void(Type)>& visit) {
  std::visit(KindVisitor{visit}, kind);
}

std::string PackageName::to_string() const {
  std::string text = ns + ":" + name;
  if (version) text += "@" + version->to_string();
  return text;
}

std::strong_ordering PackageName::operator<=>(const PackageName& other) const {
  if (auto order = ns.compare(other.ns); order != 0) return order <=> 0;
  if (auto order = name.compare(other.name); order != 0) return order <=> 0;
  if (!version || !other.version) return version.has_value() <=> other.version.has_value();
  return *version <=> *other.version;
}

std::optional<PackageId> Resolve::find_package(const PackageName& name) const {
  for (size_t i = 0; i < packages_.size(); ++i) {
    if (packages_[i].name == name) return PackageId(i);
  }
  return std::nullopt;
}

// Splits `ns:pkg/item@version`, leaves the item's name in `item`.
std::optional<PackageId> Resolve::find_package_of(std::string_view id,
                                                  std::string_view& item) const {
  size_t at = id.find('@');
  std::string_view path = id.substr(0, at);
  size_t colon = path.find(':');
  size_t slash = path.find('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon) {
    return std::nullopt;
  }
  item = path.substr(slash + 1);
  PackageName name{std::string(path.substr(0, colon)),
                   std::string(path.substr(colon + 1, slash - colon - 1)), std::nullopt};
  if (at != std::string_view::npos) {
    auto version = parse_version(id.substr(at + 1));
    if (!version) return std::nullopt;
    name.version = *version;
    return find_package(name);
  }
  std::optional<PackageId> best;
  for (size_t i = 0; i < packages_.size(); ++i) {
    const PackageName& candidate = packages_[i].name;
    if (candidate.ns != name.ns || candidate.name != name.name) continue;
    if (!candidate.version) return PackageId(i);
    if (!best || packages_[best->value].name < candidate) best = PackageId(i);
  }
  return best;
}

std::optional<InterfaceId> Resolve::find_interface(std::string_view id) const {
  std::string_view item;
  auto package = find_package_of(id, item);
  return package ? find_interface(*package, item) : std::nullopt;
}

std::optional<WorldId> Resolve::find_world(std::string_view id) const {
  std::string_view item;
  auto package = find_package_of(id, item);
  return package ? find_world(*package, item) : std::nullopt;
}

std::optional<InterfaceId> Resolve::find_interface(PackageId package, std::string_view name) const {
  for (InterfaceId id : this->package(package).interfaces) {
    if (interface(id).name == name) return id;
  }
  return std::nullopt;
}

std::optional<WorldId> Resolve::find_world(PackageId package, std::string_view name) const {
  for (WorldId id : this->package(package).worlds) {
    if (world(id).name == name) return id;
  }
  return std::nullopt;
}

std::optional<TypeId> Resolve::find_type(InterfaceId interface, std::string_view name) const {
  for (TypeId id : this->interface(interface).types) {
    if (type(id).name == name) return id;
  }
  return std::nullopt;
}

std::string Resolve::qualified(PackageId package, std::string_view name) const {
  const PackageName& owner = this->package(package).name;
  std::string text = fmt::format("{}:{}/{}", owner.ns, owner.name, name);
  if (owner.version) text += "@" + owner.version->to_string();
  return text;
}

std::string Resolve::interface_id(InterfaceId id) const {
  const Interface& found = interface(id);
  return found.name.empty() ? std::string() : qualified(found.package, found.name);
}

std::string Resolve::world_id(WorldId id) const {
  return qualified(world(id).package, world(id).name);
}

std::string Resolve::interface_track_id(InterfaceId id) const {
  const Interface& found = interface(id);
  if (found.name.empty()) return {};
  const PackageName& owner = package(found.package).name;
  std::string text = fmt::format("{}:{}/{}", owner.ns, owner.name, found.name);
  if (owner.version) text += "@" + compatibility_track(*owner.version);
  return text;
}

Type Resolve::definition(Type type) const {
  while (const TypeId* id = std::get_if<TypeId>(&type)) {
    const Alias* alias = std::get_if<Alias>(&this->type(*id).kind);
    if (alias == nullptr) return type;
    type = alias->target;
  }
  return type;
}

TypeId Resolve::definition(TypeId id) const {
  Type type = definition(Type(id));
  const TypeId* found = std::get_if<TypeId>(&type);
  VERIFY(found != nullptr);
  return *found;
}

std::string Resolve::extern_name(const Function& function) const {
  if (!function.resource) return function.name;
  const std::string& resource = type(*function.resource).name;
  switch (function.kind) {
    case FunctionKind::Method: return fmt::format("[method]{}.{}", resource, function.name);
    case FunctionKind::Static: return fmt::format("[static]{}.{}", resource, function.name);
    case FunctionKind::Constructor: return fmt::format("[constructor]{}", resource);
    case FunctionKind::Freestanding: break;
  }
  return function.name;
}

std::vector<InterfaceId> Resolve::direct_dependencies(InterfaceId id) const {
  std::vector<InterfaceId> found;
  for (TypeId type_id : interface(id).types) {
    const Alias* alias = std::get_if<Alias>(&type(type_id).kind);
    const TypeId* target = alias != nullptr ? std::get_if<TypeId>(&alias->target) : nullptr;
    if (target == nullptr) continue;
    const InterfaceId* owner = std::get_if<InterfaceId>(&type(*target).owner);
    if (owner == nullptr || *owner == id || std::ranges::find(found, *owner) != found.end()) {
      continue;
    }
    found.push_back(*owner);
  }
  return found;
}

std::vector<InterfaceId> Resolve::dependencies(InterfaceId id) const {
  std::set<InterfaceId> seen{id};
  std::vector<InterfaceId> order;
  collect_dependencies(*this, id, seen, order);
  return order;
}

}  // namespace spindle::wit
