#pragma once

// WIT as it was written: one File for each text, names not yet looked up. The parser makes it, the
// resolver turns it into a Resolve (wit/model.h).

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "wit/model.h"
#include "wit/syntax/diagnostic.h"

namespace spindle::wit::ast {

struct Name {
  std::string text;
  Span span;
};

struct Attributes {
  std::string docs;
  Stability stability;
};

// A type where one is used. `args` holds what is between the angle brackets; Absent is `_`.
struct TypeExpr {
  enum class Kind : uint8_t {
    Absent,
    Primitive,
    Named,
    List,
    FixedList,
    Map,
    Tuple,
    Option,
    Result,
    Stream,
    Future,
    Own,
    Borrow,
  };
  Kind kind = Kind::Absent;
  Span span;
  Primitive primitive = Primitive::Bool;
  std::string name;     // of Named, Own, Borrow
  uint32_t length = 0;  // of FixedList
  std::vector<TypeExpr> args;
};

struct Member {  // a field, a case, a flag, a parameter
  Name name;
  std::optional<TypeExpr> type;
  std::string docs;
};

struct FunctionDecl {
  Name name;  // of a constructor: the word itself
  FunctionKind kind = FunctionKind::Freestanding;
  Asyncness asyncness = Asyncness::Sync;
  std::vector<Member> params;
  std::optional<TypeExpr> result;
  Attributes attributes;
};

struct TypeDecl {
  enum class Kind : uint8_t { Record, Variant, Enum, Flags, Resource, Alias };
  Kind kind = Kind::Alias;
  Name name;
  Attributes attributes;
  std::vector<Member> members;
  std::vector<FunctionDecl> functions;  // of a resource
  TypeExpr alias;
};

// `streams`, `wasi:io/streams@0.2.6`
struct Path {
  std::optional<PackageName> package;
  std::string item;
  Span span;

  std::string to_string() const;
};

struct Rename {
  Name name;
  Name as;  // the same when there is no `as`
};

struct UseDecl {
  Path from;
  std::vector<Rename> names;
  Attributes attributes;
};

using InterfaceItem = std::variant<TypeDecl, FunctionDecl, UseDecl>;

struct InterfaceDecl {
  Name name;
  Attributes attributes;
  std::vector<InterfaceItem> items;
};

struct IncludeDecl {
  Path from;
  std::vector<Rename> with;
  Attributes attributes;
};

enum class Direction : uint8_t { Import, Export };

struct LabelledPath {
  Name label;
  Path path;
};

struct ExternDecl {
  Direction direction = Direction::Import;
  Attributes attributes;
  std::variant<Path, LabelledPath, FunctionDecl, InterfaceDecl> item;
  Span span;
};

using WorldItem = std::variant<TypeDecl, UseDecl, IncludeDecl, ExternDecl>;

struct WorldDecl {
  Name name;
  Attributes attributes;
  std::vector<WorldItem> items;
};

struct TopUse {
  Path path;
  Name as;
};

// What a file says at the top level, or a nested package between its braces: one scope of `use`.
struct Scope {
  std::vector<TopUse> uses;
  std::vector<InterfaceDecl> interfaces;
  std::vector<WorldDecl> worlds;

  bool empty() const { return uses.empty() && interfaces.empty() && worlds.empty(); }
};

struct PackageHeader {
  PackageName name;
  Span span;
  std::string docs;
};

struct NestedPackage {
  PackageHeader header;
  Scope scope;
};

struct File {
  std::optional<PackageHeader> header;
  Scope scope;
  std::vector<NestedPackage> nested;
};

}  // namespace spindle::wit::ast
