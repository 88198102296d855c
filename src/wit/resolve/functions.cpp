#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "wit/resolve/builder.h"

namespace spindle::wit {

Result<Function> ResolveBuilder::make_function(TypeScope& scope, const ast::FunctionDecl& decl) {
  TRY(check_unique(decl.params, "parameter"));
  Function made;
  made.kind = decl.kind;
  if (decl.kind != FunctionKind::Constructor) made.name = decl.name.text;
  made.asyncness = decl.asyncness;
  made.docs = decl.attributes.docs;
  made.stability = decl.attributes.stability;
  for (const ast::Member& param : decl.params) {
    auto type = TRY(resolve_type(scope, *param.type));
    made.params.push_back({param.name.text, type});
  }
  if (!decl.result) return made;
  made.result = TRY(resolve_type(scope, *decl.result));
  if (has_borrow(*made.result)) {
    return sources_.error(decl.result->span,
                          "a function cannot return a type that contains a `borrow` handle");
  }
  return made;
}

Result<void> ResolveBuilder::add_resource_functions(TypeScope& scope, const ast::TypeDecl& decl,
                                                    std::vector<Function>& functions) {
  if (decl.kind != ast::TypeDecl::Kind::Resource) return {};
  auto resource = TRY(resolve_name(scope, decl.name.text, decl.name.span));
  std::set<std::string> names;
  bool has_constructor = false;
  for (const ast::FunctionDecl& function : decl.functions) {
    bool constructor = function.kind == FunctionKind::Constructor;
    bool fresh = constructor ? !has_constructor : names.insert(function.name.text).second;
    has_constructor |= constructor;
    if (!fresh) {
      return sources_.error(function.name.span,
                            fmt::format("`{}` is defined twice", function.name.text));
    }
    auto made = TRY(make_function(scope, function));
    made.resource = resource;
    if (constructor) TRY(finish_constructor(made, function));
    if (function.kind == FunctionKind::Method) {
      auto self = TRY(handle_type(resource, Ownership::Borrow, function.name.span));
      bool taken = std::ranges::any_of(made.params, [](const auto& p) { return p.name == "self"; });
      if (taken) {
        return sources_.error(function.name.span, "the parameter `self` of a method is implied");
      }
      made.params.insert(made.params.begin(), {"self", self});
    }
    functions.push_back(std::move(made));
  }
  return {};
}

Result<void> ResolveBuilder::finish_constructor(Function& function, const ast::FunctionDecl& decl) {
  auto own = TRY(handle_type(*function.resource, Ownership::Own, decl.name.span));
  if (!decl.result) {
    function.result = own;
    return {};
  }
  Type result = resolve_.definition(*function.result);
  const auto* id = std::get_if<TypeId>(&result);
  const auto* fallible =
      id != nullptr ? std::get_if<ResultType>(&resolve_.type(*id).kind) : nullptr;
  if (fallible != nullptr && fallible->ok == own) return {};
  return sources_.error(
      decl.result->span,
      "a constructor returns its resource: expected no result, or `result` of it",
      fmt::format("write `-> result<{}, some-error>`", resolve_.type(*function.resource).name));
}

}  // namespace spindle::wit
