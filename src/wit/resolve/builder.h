#pragma once

// Units to Resolve: looks up every name. Interfaces, worlds and types are resolved on demand, each
// once; what is asked for while it is being resolved contains itself, which is an error. The depth
// of every chain is limited, so neither this code nor a reader of the model recurses far.
//
// Only the resolver's sources and load.cpp include this.

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "wit/resolve/units.h"

namespace spindle::wit {

class ResolveBuilder {
 public:
  ResolveBuilder(const SourceMap& sources, const PackageUnits& packages)
      : sources_(sources), packages_(packages) {}

  Result<Resolve> build();

 private:
  enum class Mark : uint8_t { New, Open, Done };
  using ItemId = std::variant<InterfaceId, WorldId>;

  // Where a declaration stands: its package, and the `use`s of its file.
  struct Place {
    PackageId package;
    const ast::Scope* file = nullptr;
  };
  template <typename Decl>
  struct Entry {
    const Decl* decl = nullptr;
    Place place;
    Mark mark = Mark::New;
  };

  struct NamedType {
    const ast::TypeDecl* decl = nullptr;  // null when it came by `use`
    Mark mark = Mark::New;
    TypeId id;
  };
  // The names inside an interface or a world.
  struct TypeScope {
    Owner owner;
    std::string key;  // of PackageUnits::dropped
    std::map<std::string, NamedType, std::less<>> names;
  };
  struct Declarations {
    std::vector<std::variant<const ast::UseDecl*, const ast::TypeDecl*>> items;
    Place place;
  };

  // builder.cpp: packages, lookup, interfaces
  Result<void> declare();
  Result<void> declare_scope(const ast::Scope& scope, PackageId package);
  Result<void> declare_name(const ast::Name& name, PackageId package, ItemId id);
  Result<ItemId> look_up(const ast::Path& path, const Place& place) const;
  Result<ItemId> look_up_in(PackageId package, const ast::Path& path) const;
  Error unknown_item(const PackageUnit& unit, const ast::Path& path) const;
  Result<InterfaceId> look_up_interface(const ast::Path& path, const Place& place) const;
  Result<void> resolve_interface(InterfaceId id, Span from);
  Result<void> fill_interface(InterfaceId id, const ast::InterfaceDecl& decl, const Place& place);
  std::string item_key(PackageId package, const std::string& name) const;

  // types.cpp
  Result<std::vector<TypeId>> resolve_types(TypeScope& scope, const Declarations& declarations);
  Result<void> add_uses(TypeScope& scope, const ast::UseDecl& use, const Place& place);
  Result<void> add_name(TypeScope& scope, const ast::Name& name, NamedType type);
  Result<TypeId> find_used(InterfaceId from, const ast::Name& name) const;
  Result<TypeId> resolve_name(TypeScope& scope, const std::string& name, Span span);
  Result<TypeId> define(TypeScope& scope, const ast::TypeDecl& decl);
  Result<TypeKind> make_kind(TypeScope& scope, const ast::TypeDecl& decl);
  Result<TypeKind> make_alias(TypeScope& scope, const ast::TypeExpr& target);
  Result<Type> resolve_type(TypeScope& scope, const ast::TypeExpr& expr);
  Result<Type> resolve_handle(TypeScope& scope, const ast::TypeExpr& expr);
  Result<TypeKind> make_anonymous(TypeScope& scope, const ast::TypeExpr& expr);
  Result<Type> handle_type(TypeId resource, Ownership ownership, Span span);
  Result<TypeId> add_type(TypeDef type, Span span);
  bool is_resource(Type type) const;
  bool is_map_key(Type type) const;
  bool has_borrow(Type type) const;
  Error unknown_type(const TypeScope& scope, const std::string& name, Span span) const;
  Result<void> check_unique(const std::vector<ast::Member>& members, std::string_view what) const;

  // functions.cpp
  Result<Function> make_function(TypeScope& scope, const ast::FunctionDecl& decl);
  Result<void> add_resource_functions(TypeScope& scope, const ast::TypeDecl& decl,
                                      std::vector<Function>& functions);
  Result<void> finish_constructor(Function& function, const ast::FunctionDecl& decl);

  // worlds.cpp
  struct WorldParts {
    World world;
    TypeScope scope;
    Place place;
  };
  Result<void> resolve_world(WorldId id, Span from);
  Result<World> make_world(WorldId id, const ast::WorldDecl& decl, const Place& place);
  Result<void> add_world_item(WorldParts& parts, const ast::WorldItem& item);
  Result<void> add_extern(WorldParts& parts, const ast::ExternDecl& decl);
  Result<WorldItem> make_extern(WorldParts& parts, const ast::ExternDecl& decl);
  Result<InterfaceId> make_inline(const ast::InterfaceDecl& decl, const Place& place);
  Result<void> add_include(WorldParts& parts, const ast::IncludeDecl& include);
  Result<void> merge_included(std::vector<WorldItem>& into, std::vector<WorldItem> items,
                              const ast::IncludeDecl& include);
  void elaborate(World& world) const;

  const SourceMap& sources_;
  const PackageUnits& packages_;
  Resolve resolve_;
  std::vector<Entry<ast::InterfaceDecl>> interfaces_;
  std::vector<Entry<ast::WorldDecl>> worlds_;
  std::vector<std::map<std::string, ItemId, std::less<>>> items_;  // by package
  std::map<std::pair<TypeId, Ownership>, TypeId> handles_;
  std::vector<uint32_t> type_depths_;
  std::vector<bool> type_borrows_;
  size_t depth_ = 0;
  size_t type_depth_ = 0;
};

}  // namespace spindle::wit
