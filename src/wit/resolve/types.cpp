#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "wit/limits.h"
#include "wit/resolve/builder.h"

namespace spindle::wit {
namespace {

using ExprKind = ast::TypeExpr::Kind;

std::vector<Label> labels(const std::vector<ast::Member>& members) {
  std::vector<Label> made;
  for (const ast::Member& member : members) made.push_back({member.name.text, member.docs});
  return made;
}

}  // namespace

Result<std::vector<TypeId>> ResolveBuilder::resolve_types(TypeScope& scope,
                                                          const Declarations& declarations) {
  for (const auto& item : declarations.items) {
    if (const auto* use = std::get_if<const ast::UseDecl*>(&item)) {
      TRY(add_uses(scope, **use, declarations.place));
    }
  }
  for (const auto& item : declarations.items) {
    const auto* type = std::get_if<const ast::TypeDecl*>(&item);
    if (type != nullptr) TRY(add_name(scope, (*type)->name, {*type, Mark::New, {}}));
  }
  std::vector<TypeId> ordered;
  for (const auto& item : declarations.items) {
    if (const auto* use = std::get_if<const ast::UseDecl*>(&item)) {
      for (const ast::Rename& rename : (*use)->names) {
        ordered.push_back(scope.names.find(rename.as.text)->second.id);
      }
    } else {
      const ast::Name& name = std::get<const ast::TypeDecl*>(item)->name;
      auto id = TRY(resolve_name(scope, name.text, name.span));
      ordered.push_back(id);
    }
  }
  return ordered;
}

Result<void> ResolveBuilder::add_uses(TypeScope& scope, const ast::UseDecl& use,
                                      const Place& place) {
  auto from = TRY(look_up_interface(use.from, place));
  TRY(resolve_interface(from, use.from.span));
  for (const ast::Rename& rename : use.names) {
    auto target = TRY(find_used(from, rename.name));
    TypeDef alias{rename.as.text, Alias{target, AliasOrigin::Use}, scope.owner, use.attributes.docs,
                  use.attributes.stability};
    auto id = TRY(add_type(std::move(alias), rename.as.span));
    TRY(add_name(scope, rename.as, {nullptr, Mark::Done, id}));
  }
  return {};
}

Result<void> ResolveBuilder::add_name(TypeScope& scope, const ast::Name& name, NamedType type) {
  if (scope.names.emplace(name.text, type).second) return {};
  return sources_.error(name.span, fmt::format("`{}` is defined twice", name.text));
}

Result<TypeId> ResolveBuilder::find_used(InterfaceId from, const ast::Name& name) const {
  if (auto found = resolve_.find_type(from, name.text)) return *found;
  const Interface& interface = resolve_.interface(from);
  std::vector<std::string_view> names;
  for (TypeId id : interface.types) names.push_back(resolve_.type(id).name);
  std::string help = did_you_mean(name.text, names);
  auto dropped =
      packages_.dropped.find(item_key(interface.package, interface.name) + "." + name.text);
  if (dropped != packages_.dropped.end()) {
    help = fmt::format("it is behind the feature `{}`, which is not enabled", dropped->second);
  }
  return sources_.error(
      name.span,
      fmt::format("interface `{}` has no type `{}`", resolve_.interface_id(from), name.text), help);
}

Error ResolveBuilder::unknown_type(const TypeScope& scope, const std::string& name,
                                   Span span) const {
  std::vector<std::string_view> names;
  for (const auto& [known, type] : scope.names) names.push_back(known);
  for (std::string_view word : {"string", "bool", "list", "option", "error-context"}) {
    names.push_back(word);
  }
  std::string help = did_you_mean(name, names);
  auto dropped = packages_.dropped.find(scope.key + "." + name);
  if (dropped != packages_.dropped.end()) {
    help = fmt::format("it is behind the feature `{}`, which is not enabled", dropped->second);
  }
  return sources_.error(span, fmt::format("unknown type `{}`", name), help);
}

Result<TypeId> ResolveBuilder::resolve_name(TypeScope& scope, const std::string& name, Span span) {
  auto found = scope.names.find(name);
  if (found == scope.names.end()) return unknown_type(scope, name, span);
  NamedType& type = found->second;
  if (type.mark == Mark::Done) return type.id;
  if (type.mark == Mark::Open) {
    return sources_.error(span, fmt::format("type `{}` contains itself", name));
  }
  type.mark = Mark::Open;
  type.id = TRY(define(scope, *type.decl));
  type.mark = Mark::Done;
  return type.id;
}

Result<TypeId> ResolveBuilder::define(TypeScope& scope, const ast::TypeDecl& decl) {
  if (type_depth_ == kMaxTypeDepth) {
    return sources_.error(decl.name.span,
                          fmt::format("types contain each other more than {} deep", kMaxTypeDepth));
  }
  ++type_depth_;
  auto kind = TRY(make_kind(scope, decl));
  --type_depth_;
  TypeDef made{decl.name.text, std::move(kind), scope.owner, decl.attributes.docs,
               decl.attributes.stability};
  return add_type(std::move(made), decl.name.span);
}

Result<void> ResolveBuilder::check_unique(const std::vector<ast::Member>& members,
                                          std::string_view what) const {
  std::set<std::string> names;
  for (const ast::Member& member : members) {
    // Names that differ in case only would be the same in many languages; components forbid them.
    std::string lowered = member.name.text;
    for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (names.insert(std::move(lowered)).second) continue;
    return sources_.error(member.name.span,
                          fmt::format("{} `{}` is defined twice", what, member.name.text));
  }
  return {};
}

Result<TypeKind> ResolveBuilder::make_kind(TypeScope& scope, const ast::TypeDecl& decl) {
  using Kind = ast::TypeDecl::Kind;
  if (decl.kind == Kind::Resource) return TypeKind(Resource{});
  if (decl.kind == Kind::Alias) return make_alias(scope, decl.alias);
  TRY(check_unique(decl.members, decl.kind == Kind::Record  ? "field"
                                 : decl.kind == Kind::Flags ? "flag"
                                                            : "case"));
  if (decl.kind == Kind::Enum) return TypeKind(Enum{labels(decl.members)});
  if (decl.kind == Kind::Flags) return TypeKind(Flags{labels(decl.members)});
  Record record;
  Variant variant;
  for (const ast::Member& member : decl.members) {
    std::optional<Type> type;
    if (member.type) type = TRY(resolve_type(scope, *member.type));
    if (decl.kind == Kind::Variant) {
      variant.cases.push_back({member.name.text, type, member.docs});
    } else {
      record.fields.push_back({member.name.text, *type, member.docs});
    }
  }
  if (decl.kind == Kind::Variant) return TypeKind(std::move(variant));
  return TypeKind(std::move(record));
}

Result<TypeKind> ResolveBuilder::make_alias(TypeScope& scope, const ast::TypeExpr& target) {
  Alias alias;
  if (target.kind == ExprKind::Named) {
    alias.target = TRY(resolve_name(scope, target.name, target.span));
    return TypeKind(alias);
  }
  if (target.kind == ExprKind::Primitive || target.kind == ExprKind::Own ||
      target.kind == ExprKind::Borrow) {
    alias.target = TRY(resolve_type(scope, target));
    return TypeKind(alias);
  }
  return make_anonymous(scope, target);
}

Result<Type> ResolveBuilder::resolve_type(TypeScope& scope, const ast::TypeExpr& expr) {
  if (expr.kind == ExprKind::Primitive) return Type(expr.primitive);
  if (expr.kind == ExprKind::Own || expr.kind == ExprKind::Borrow) {
    return resolve_handle(scope, expr);
  }
  if (expr.kind == ExprKind::Named) {
    auto id = TRY(resolve_name(scope, expr.name, expr.span));
    if (is_resource(id)) return handle_type(id, Ownership::Own, expr.span);
    return Type(id);
  }
  auto kind = TRY(make_anonymous(scope, expr));
  auto id = TRY(add_type({{}, std::move(kind), {}, {}, {}}, expr.span));
  return Type(id);
}

Result<Type> ResolveBuilder::resolve_handle(TypeScope& scope, const ast::TypeExpr& expr) {
  auto resource = TRY(resolve_name(scope, expr.name, expr.span));
  if (!is_resource(resource)) {
    return sources_.error(
        expr.span,
        fmt::format("`{}` is not a resource, and only resources have handles", expr.name));
  }
  Ownership ownership = expr.kind == ExprKind::Own ? Ownership::Own : Ownership::Borrow;
  return handle_type(resource, ownership, expr.span);
}

Result<TypeKind> ResolveBuilder::make_anonymous(TypeScope& scope, const ast::TypeExpr& expr) {
  if (type_depth_ == kMaxTypeDepth) {
    return sources_.error(expr.span,
                          fmt::format("types contain each other more than {} deep", kMaxTypeDepth));
  }
  ++type_depth_;
  std::vector<std::optional<Type>> args;
  for (const ast::TypeExpr& arg : expr.args) {
    std::optional<Type> type;
    if (arg.kind != ExprKind::Absent) type = TRY(resolve_type(scope, arg));
    args.push_back(type);
  }
  --type_depth_;
  auto optional_arg = [&args](size_t i) { return i < args.size() ? args[i] : std::nullopt; };
  switch (expr.kind) {
    case ExprKind::List: return TypeKind(List{*args[0]});
    case ExprKind::FixedList: return TypeKind(FixedList{*args[0], expr.length});
    case ExprKind::Option: return TypeKind(Option{*args[0]});
    case ExprKind::Result: return TypeKind(ResultType{optional_arg(0), optional_arg(1)});
    case ExprKind::Stream: return TypeKind(Stream{optional_arg(0)});
    case ExprKind::Future: return TypeKind(Future{optional_arg(0)});
    case ExprKind::Map: {
      if (!is_map_key(*args[0])) {
        return sources_.error(expr.args[0].span,
                              "the key of a map is an integer, `bool`, `char` or `string`");
      }
      return TypeKind(Map{*args[0], *args[1]});
    }
    default: break;
  }
  VERIFY(expr.kind == ExprKind::Tuple);
  Tuple tuple;
  for (const auto& arg : args) tuple.types.push_back(*arg);
  return TypeKind(std::move(tuple));
}

Result<Type> ResolveBuilder::handle_type(TypeId resource, Ownership ownership, Span span) {
  auto known = handles_.find({resource, ownership});
  if (known != handles_.end()) return Type(known->second);
  auto id = TRY(add_type({{}, Handle{ownership, resource}, {}, {}, {}}, span));
  handles_.emplace(std::pair(resource, ownership), id);
  return Type(id);
}

Result<TypeId> ResolveBuilder::add_type(TypeDef type, Span span) {
  if (resolve_.types_.size() == kMaxTypes) {
    return sources_.error(span, fmt::format("more than {} types", kMaxTypes));
  }
  uint32_t depth = 0;
  bool borrow = false;
  for_each_type(type.kind, [&](Type part) {
    if (const auto* id = std::get_if<TypeId>(&part)) {
      depth = std::max(depth, type_depths_[id->value] + 1);
    }
    borrow |= has_borrow(part);
  });
  const auto* handle = std::get_if<Handle>(&type.kind);
  borrow |= handle != nullptr && handle->ownership == Ownership::Borrow;
  if (depth > kMaxTypeDepth) {
    return sources_.error(span,
                          fmt::format("types contain each other more than {} deep", kMaxTypeDepth));
  }
  bool carries =
      std::holds_alternative<Stream>(type.kind) || std::holds_alternative<Future>(type.kind);
  if (carries && borrow) {
    return sources_.error(span, "a stream or a future cannot carry a `borrow` handle");
  }
  type_depths_.push_back(depth);
  type_borrows_.push_back(borrow);
  resolve_.types_.push_back(std::move(type));
  return TypeId(resolve_.types_.size() - 1);
}

bool ResolveBuilder::is_resource(Type type) const {
  Type found = resolve_.definition(type);
  const auto* id = std::get_if<TypeId>(&found);
  return id != nullptr && std::holds_alternative<Resource>(resolve_.type(*id).kind);
}

bool ResolveBuilder::is_map_key(Type type) const {
  Type found = resolve_.definition(type);
  const auto* primitive = std::get_if<Primitive>(&found);
  return primitive != nullptr && *primitive != Primitive::F32 && *primitive != Primitive::F64 &&
         *primitive != Primitive::ErrorContext;
}

bool ResolveBuilder::has_borrow(Type type) const {
  const auto* id = std::get_if<TypeId>(&type);
  return id != nullptr && type_borrows_[id->value];
}

}  // namespace spindle::wit
