#pragma once

// ModelBuilder: makes a Resolve piece by piece, for whoever reads interfaces from something other
// than WIT text. Packages, interfaces and worlds are found or made by name; adding a named thing
// twice is fine as long as both mean the same, so that several partial views of one interface (what
// two components import of it) grow into their union.
//
//   ModelBuilder builder;
//   auto package = TRY(builder.package({"wasi", "io", version}));
//   auto streams = TRY(builder.interface(package, "streams"));
//   auto error = TRY(builder.add_type(streams, "error", Resource{}));
//   auto resolve = TRY(std::move(builder).finish({package}));
//
// The limits of wit/limits.h hold: a finished Resolve keeps the invariants of model.h, and can be
// written as text.

#include <map>
#include <tuple>

#include "base/result.h"
#include "wit/model.h"

namespace spindle::wit {

enum class WorldSide : uint8_t { Import, Export };

class ModelBuilder {
 public:
  Result<PackageId> package(const PackageName& name);
  Result<InterfaceId> interface(PackageId package, std::string_view name);
  Result<WorldId> world(PackageId package, std::string_view name);
  // The interface that a world holds under `name`, found or made.
  Result<InterfaceId> inline_interface(WorldId world, WorldSide side, std::string_view name);

  // Anonymous: `list<u8>`.
  Result<TypeId> add_anonymous(TypeKind kind);
  // In a world it becomes an import too. Owner is never monostate.
  Result<TypeId> add_type(const Owner& owner, std::string_view name, TypeKind kind);
  Result<void> add_function(InterfaceId interface, Function function);
  Result<void> add_function(WorldId world, WorldSide side, Function function);
  // The world names an interface, by its id or as `name`.
  Result<void> add_interface(WorldId world, WorldSide side, std::string_view name, InterfaceId id);

  std::optional<TypeId> find_type(const Owner& owner, std::string_view name) const;
  // Whether a type or function of the interface, or an item of the world, has this name.
  bool has_name(const Owner& owner, std::string_view name) const;
  // The model so far.
  const Resolve& model() const { return resolve_; }

  // Puts packages in order. `roots` are what the caller asked for.
  Result<Resolve> finish(std::vector<PackageId> roots) &&;

 private:
  using ItemKey = std::tuple<uint32_t, WorldSide, std::string>;  // world, side, name

  Result<TypeId> append(TypeDef type);
  Result<void> spend(uint64_t size);
  bool same(Type a, Type b) const;
  bool same(const std::optional<Type>& a, const std::optional<Type>& b) const;
  bool same(const TypeKind& a, const TypeKind& b) const;
  bool same(const Function& a, const Function& b) const;
  WorldItem* find_item(WorldId world, WorldSide side, std::string_view name);
  void add_item(WorldId world, WorldSide side, WorldItem item);
  // The packages that others must come after, as pairs (before, after).
  std::vector<std::pair<uint32_t, uint32_t>> package_order() const;
  Result<void> check_uses() const;
  void renumber(const std::vector<uint32_t>& order);

  Resolve resolve_;
  std::map<PackageName, PackageId> packages_;
  std::map<std::pair<uint32_t, std::string>, InterfaceId, std::less<>> interfaces_;
  std::map<std::pair<uint32_t, std::string>, WorldId, std::less<>> worlds_;
  std::map<std::pair<Owner, std::string>, TypeId> types_;
  std::map<std::pair<uint32_t, std::string>, uint32_t> functions_;  // by interface and full name
  std::map<ItemKey, uint32_t> items_;
  // By TypeId: how deep its anonymous parts nest, how deep all of it does, and how many types it
  // has when written out.
  struct Measure {
    uint32_t nesting = 0;
    uint32_t depth = 0;
    uint64_t size = 1;
  };
  std::vector<Measure> measures_;
  uint64_t spent_ = 0;
};

}  // namespace spindle::wit
