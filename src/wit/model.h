#pragma once

// The resolved model of WIT: what packages, interfaces, worlds, functions and types are once every
// name has been looked up. Everything lives in arenas of one Resolve and is referred to by id; ids
// stay valid for as long as the Resolve, and so do references, since a finished Resolve never
// grows.
//
//   Resolve resolve = TRY(load_directory("wit"));
//   auto streams = resolve.find_interface("wasi:io/streams@0.2.6");
//   for (TypeId id : resolve.interface(*streams).types) ... resolve.type(id).kind ...
//
// Invariants: the graph of types is acyclic, except through resources, which have no contents;
// `use x.{t}` makes a TypeDef of kind Alias that points at the original; the name of a resource in
// the position of a value is an `own` handle, so a Type never is a resource or an alias of one. The
// one exception is the target of an Alias, which may be a resource.
//
// Made by wit/load.h and wit/model_builder.h. Read by bindgen, by type_text.h and by print.h.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/strong_id.h"
#include "wit/version.h"

namespace spindle::wit {

using PackageId = StrongId<struct PackageIdTag>;
using InterfaceId = StrongId<struct InterfaceIdTag>;
using WorldId = StrongId<struct WorldIdTag>;
using TypeId = StrongId<struct TypeIdTag>;

enum class Primitive : uint8_t {
  Bool,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  F32,
  F64,
  Char,
  String,
  ErrorContext,
};

// The WIT keyword: "u8", "error-context".
std::string_view to_string(Primitive primitive);

// The type of a value: a primitive, or a TypeDef, which may be anonymous (`list<u8>`).
using Type = std::variant<Primitive, TypeId>;

// Gates and notices: `@since(version)`, `@unstable(feature)`, `@deprecated(version)`.
struct Stability {
  std::optional<Version> since;
  std::string unstable_feature;  // empty when stable
  std::optional<Version> deprecated;

  bool operator==(const Stability&) const = default;
};

struct Field {
  std::string name;
  Type type;
  std::string docs;
};

struct Case {
  std::string name;
  std::optional<Type> payload;
  std::string docs;
};

// A case of an enum, or one flag.
struct Label {
  std::string name;
  std::string docs;
};

struct Record {
  std::vector<Field> fields;
};
struct Variant {
  std::vector<Case> cases;
};
struct Enum {
  std::vector<Label> cases;
};
struct Flags {
  std::vector<Label> flags;
};
struct Tuple {
  std::vector<Type> types;
};
struct Option {
  Type some;
};
struct ResultType {
  std::optional<Type> ok;
  std::optional<Type> error;
};
struct List {
  Type element;
};
struct FixedList {
  Type element;
  uint32_t length = 0;
};
struct Map {
  Type key;
  Type value;
};
struct Stream {
  std::optional<Type> element;
};
struct Future {
  std::optional<Type> value;
};
// Its functions are in the interface's `functions`, see Function::resource.
struct Resource {};
enum class Ownership : uint8_t { Own, Borrow };
struct Handle {
  Ownership ownership = Ownership::Own;
  TypeId resource;  // a Resource or an Alias of one; Resolve::definition() follows it
};
// `type a = b` and `use x.{b as a}`.
enum class AliasOrigin : uint8_t { TypeItem, Use };
struct Alias {
  Type target;
  AliasOrigin origin = AliasOrigin::TypeItem;
};

using TypeKind = std::variant<Record, Variant, Enum, Flags, Tuple, Option, ResultType, List,
                              FixedList, Map, Stream, Future, Resource, Handle, Alias>;

// Where a named type was declared.
using Owner = std::variant<std::monostate, InterfaceId, WorldId>;

struct TypeDef {
  std::string name;  // empty for anonymous types
  TypeKind kind;
  Owner owner;  // monostate for anonymous types
  std::string docs;
  Stability stability;
};

enum class FunctionKind : uint8_t { Freestanding, Method, Static, Constructor };
enum class Asyncness : uint8_t { Sync, Async };

struct Parameter {
  std::string name;
  Type type;
};

struct Function {
  std::string name;  // as in WIT; empty for a constructor
  FunctionKind kind = FunctionKind::Freestanding;
  Asyncness asyncness = Asyncness::Sync;
  // Of methods, statics and constructors.
  std::optional<TypeId> resource;
  // A method's first parameter is `self`, a borrow handle. A constructor's result is an own handle,
  // or a result of one.
  std::vector<Parameter> params;
  std::optional<Type> result;
  std::string docs;
  Stability stability;
};

struct Interface {
  std::string name;  // empty for one written inline in a world
  PackageId package;
  std::vector<TypeId> types;        // in order of declaration, used ones included
  std::vector<Function> functions;  // in order; a resource's functions stand where it was declared
  std::string docs;
  Stability stability;
};

// An interface that a world names (`import wasi:io/streams@0.2.6;`) or holds
// (`import x: interface { ... }`).
struct WorldInterface {
  InterfaceId id;
  // Not written in the world: another interface of the world uses its types.
  bool implied = false;
};

struct WorldItem {
  // The name in the component: a plain name, or the full id of an interface.
  std::string name;
  // A TypeId only among imports.
  std::variant<WorldInterface, Function, TypeId> item;
  std::string docs;
  Stability stability;
};

struct World {
  std::string name;
  PackageId package;
  std::vector<WorldItem> imports;  // includes are merged; an interface comes after those it uses
  std::vector<WorldItem> exports;
  std::string docs;
  Stability stability;
};

struct PackageName {
  std::string ns;
  std::string name;
  std::optional<Version> version;

  std::string to_string() const;  // `wasi:io@0.2.6`
  bool operator==(const PackageName&) const = default;
  std::strong_ordering operator<=>(const PackageName&) const;
};

struct Package {
  PackageName name;
  std::vector<InterfaceId> interfaces;  // in order of declaration
  std::vector<WorldId> worlds;
  std::string docs;
};

class Resolve {
 public:
  const Package& package(PackageId id) const { return packages_.at(id.value); }
  const Interface& interface(InterfaceId id) const { return interfaces_.at(id.value); }
  const World& world(WorldId id) const { return worlds_.at(id.value); }
  const TypeDef& type(TypeId id) const { return types_.at(id.value); }

  // In topological order: a package comes after those it uses.
  std::span<const Package> packages() const { return packages_; }
  std::span<const Interface> interfaces() const { return interfaces_; }
  std::span<const World> worlds() const { return worlds_; }
  std::span<const TypeDef> types() const { return types_; }

  // The packages that the caller asked for, not their dependencies.
  const std::vector<PackageId>& roots() const { return roots_; }

  // By full id: `wasi:io/streams@0.2.6`. Without a version: the unversioned package, else the only
  // or the newest version.
  std::optional<InterfaceId> find_interface(std::string_view id) const;
  std::optional<WorldId> find_world(std::string_view id) const;
  std::optional<PackageId> find_package(const PackageName& name) const;
  // By plain name inside a package, an interface.
  std::optional<InterfaceId> find_interface(PackageId package, std::string_view name) const;
  std::optional<WorldId> find_world(PackageId package, std::string_view name) const;
  std::optional<TypeId> find_type(InterfaceId interface, std::string_view name) const;

  // `wasi:io/streams@0.2.6`; empty for an inline interface.
  std::string interface_id(InterfaceId id) const;
  std::string world_id(WorldId id) const;
  // The same with the compatibility track for a version: `wasi:io/streams@0.2`.
  std::string interface_track_id(InterfaceId id) const;

  // Follows aliases: the first TypeDef that is not one, or the primitive behind.
  Type definition(Type type) const;
  // For an id known to lead to a TypeDef, such as Handle::resource.
  TypeId definition(TypeId id) const;

  // The name of a function in a component: `[method]request.path`, `[constructor]fields`.
  std::string extern_name(const Function& function) const;

  // The interfaces whose types this one uses, directly, in order of first use.
  std::vector<InterfaceId> direct_dependencies(InterfaceId id) const;
  // All of them, dependencies first, without itself.
  std::vector<InterfaceId> dependencies(InterfaceId id) const;

 private:
  friend class ResolveBuilder;
  friend class ModelBuilder;
  std::string qualified(PackageId package, std::string_view name) const;
  std::optional<PackageId> find_package_of(std::string_view id, std::string_view& item) const;

  std::vector<Package> packages_;
  std::vector<Interface> interfaces_;
  std::vector<World> worlds_;
  std::vector<TypeDef> types_;
  std::vector<PackageId> roots_;
};

// Called for each Type that a kind mentions directly; a Handle's resource is not a Type.
void for_each_type(const TypeKind& kind, const std::function<void(Type)>& visit);

}  // namespace spindle::wit
