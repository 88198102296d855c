#include <array>
#include <charconv>

#include <fmt/format.h>

#include "wit/limits.h"
#include "wit/syntax/parser_state.h"

namespace spindle::wit {
namespace {

using Kind = ast::TypeExpr::Kind;

std::optional<Primitive> find_primitive(std::string_view word) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(Primitive::ErrorContext); ++i) {
    if (to_string(static_cast<Primitive>(i)) == word) return static_cast<Primitive>(i);
  }
  return std::nullopt;
}

struct Constructor {
  std::string_view word;
  Kind kind;
};
constexpr std::array<Constructor, 9> kConstructors = {{{"list", Kind::List},
                                                       {"map", Kind::Map},
                                                       {"tuple", Kind::Tuple},
                                                       {"option", Kind::Option},
                                                       {"result", Kind::Result},
                                                       {"stream", Kind::Stream},
                                                       {"future", Kind::Future},
                                                       {"own", Kind::Own},
                                                       {"borrow", Kind::Borrow}}};

struct Declaration {
  std::string_view word;
  ast::TypeDecl::Kind kind;
};
constexpr std::array<Declaration, 6> kDeclarations = {{{"record", ast::TypeDecl::Kind::Record},
                                                       {"variant", ast::TypeDecl::Kind::Variant},
                                                       {"enum", ast::TypeDecl::Kind::Enum},
                                                       {"flags", ast::TypeDecl::Kind::Flags},
                                                       {"resource", ast::TypeDecl::Kind::Resource},
                                                       {"type", ast::TypeDecl::Kind::Alias}}};

const Declaration* find_declaration(const Token& token) {
  for (const Declaration& declaration : kDeclarations) {
    if (token.is_word(declaration.word)) return &declaration;
  }
  return nullptr;
}

}  // namespace

bool Parser::at_type_decl() const {
  return find_declaration(token_) != nullptr;
}

Result<ast::TypeDecl> Parser::type_decl(ast::Attributes attributes) {
  using DeclKind = ast::TypeDecl::Kind;
  const Declaration* declaration = find_declaration(token_);
  VERIFY(declaration != nullptr);
  TRY(advance());
  ast::TypeDecl made;
  made.kind = declaration->kind;
  made.attributes = std::move(attributes);
  made.name = TRY(name(fmt::format("the name of the {}", declaration->word)));
  if (made.kind == DeclKind::Alias) {
    TRY(expect("="));
    made.alias = TRY(type_expr());
    TRY(expect(";"));
    return made;
  }
  if (made.kind == DeclKind::Resource) {
    TRY(resource_body(made));
    return made;
  }
  MemberShape shape = made.kind == DeclKind::Record    ? MemberShape::Typed
                      : made.kind == DeclKind::Variant ? MemberShape::MaybePayload
                                                       : MemberShape::Plain;
  TRY(expect("{"));
  made.members = TRY(members(shape));
  if (made.members.empty()) {
    return sources_.error(made.name.span,
                          fmt::format("{} `{}` has no members", declaration->word, made.name.text));
  }
  return made;
}

Result<std::vector<ast::Member>> Parser::members(MemberShape shape) {
  std::vector<ast::Member> made;
  TRY(comma_separated("}", [&]() -> Result<void> {
    auto item = TRY(member(shape));
    made.push_back(std::move(item));
    return {};
  }));
  return made;
}

Result<ast::Member> Parser::member(MemberShape shape) {
  ast::Member made;
  made.docs = docs();
  made.name = TRY(name("a name"));
  if (shape == MemberShape::Typed) {
    TRY(expect(":"));
    made.type = TRY(type_expr());
  } else if (shape == MemberShape::MaybePayload && token_.is("(")) {
    TRY(advance());
    made.type = TRY(type_expr());
    TRY(expect(")"));
  }
  return made;
}

Result<void> Parser::resource_body(ast::TypeDecl& decl) {
  bool empty = TRY(accept(";"));
  if (empty) return {};
  if (!token_.is("{")) return expected("`;` or `{`");
  TRY(advance());
  while (!token_.is("}")) {
    auto gates = TRY(attributes());
    auto item = TRY(resource_function(std::move(gates)));
    decl.functions.push_back(std::move(item));
    TRY(check_count(decl.functions.size()));
  }
  return advance();
}

Result<ast::FunctionDecl> Parser::resource_function(ast::Attributes attributes) {
  ast::FunctionDecl made;
  made.attributes = std::move(attributes);
  if (token_.is_word("constructor")) {
    made.kind = FunctionKind::Constructor;
    made.name = {std::string(token_.text), token_.span};
    TRY(advance());
    TRY(params_and_result(made));
  } else {
    made.kind = FunctionKind::Method;
    made.name = TRY(name("`constructor`, the name of a method or `}`"));
    TRY(expect(":"));
    bool is_static = TRY(accept_word("static"));
    if (is_static) made.kind = FunctionKind::Static;
    TRY(function_type(made));
  }
  TRY(expect(";"));
  return made;
}

Result<void> Parser::function_type(ast::FunctionDecl& decl) {
  bool is_async = TRY(accept_word("async"));
  if (is_async) decl.asyncness = Asyncness::Async;
  if (!token_.is_word("func")) return expected(is_async ? "`func`" : "`func` or `async func`");
  TRY(advance());
  return params_and_result(decl);
}

Result<void> Parser::params_and_result(ast::FunctionDecl& decl) {
  TRY(expect("("));
  TRY(comma_separated(")", [&]() -> Result<void> {
    auto item = TRY(member(MemberShape::Typed));
    decl.params.push_back(std::move(item));
    return {};
  }));
  bool has_result = TRY(accept("->"));
  if (has_result) decl.result = TRY(type_expr());
  return {};
}

Result<ast::TypeExpr> Parser::type_expr() {
  if (nesting_ == kMaxNesting) {
    return sources_.error(token_.span,
                          fmt::format("types are nested more than {} deep", kMaxNesting));
  }
  ast::TypeExpr made;
  made.span = token_.span;
  made.kind = Kind::Named;
  if (token_.kind == TokenKind::Word) {
    if (auto primitive = find_primitive(token_.text)) {
      made.kind = Kind::Primitive;
      made.primitive = *primitive;
      TRY(advance());
      return made;
    }
    for (const Constructor& constructor : kConstructors) {
      if (token_.text == constructor.word) made.kind = constructor.kind;
    }
    // `map` is a name like any other unless it has arguments.
    Token after = TRY(peek());
    if (made.kind == Kind::Map && !after.is("<")) made.kind = Kind::Named;
  }
  if (made.kind == Kind::Named) {
    auto named = TRY(name("a type"));
    made.name = std::move(named.text);
    return made;
  }
  TRY(advance());
  ++nesting_;
  TRY(type_arguments(made));
  --nesting_;
  return made;
}

Result<void> Parser::type_arguments(ast::TypeExpr& type) {
  bool may_be_bare =
      type.kind == Kind::Result || type.kind == Kind::Stream || type.kind == Kind::Future;
  if (may_be_bare && !token_.is("<")) return {};
  TRY(expect("<"));
  switch (type.kind) {
    case Kind::List: TRY(list_arguments(type)); break;
    case Kind::Result: TRY(result_arguments(type)); break;
    case Kind::Own:
    case Kind::Borrow: TRY(handle_argument(type)); break;
    case Kind::Map:
      TRY(one_argument(type));
      TRY(expect(","));
      TRY(one_argument(type));
      break;
    case Kind::Tuple:
      while (!token_.is(">")) {
        TRY(one_argument(type));
        bool more = TRY(accept(","));
        if (!more && !token_.is(">")) return expected("`,` or `>`");
        TRY(check_count(type.args.size()));
      }
      if (type.args.empty()) return expected("a type");
      break;
    default: TRY(one_argument(type));
  }
  return expect(">");
}

Result<void> Parser::one_argument(ast::TypeExpr& type) {
  auto item = TRY(type_expr());
  type.args.push_back(std::move(item));
  return {};
}

Result<void> Parser::list_arguments(ast::TypeExpr& type) {
  TRY(one_argument(type));
  bool fixed = TRY(accept(","));
  if (!fixed) return {};
  if (token_.kind != TokenKind::Integer) return expected("the length of the list");
  type.kind = Kind::FixedList;
  auto [end, code] =
      std::from_chars(token_.text.data(), token_.text.data() + token_.text.size(), type.length);
  if (code != std::errc{} || type.length == 0) {
    return sources_.error(token_.span,
                          fmt::format("the length of a list is from 1 to {}", kMaxFixedListLength));
  }
  return advance();
}

// `result<T>`, `result<T, E>`, `result<_, E>`
Result<void> Parser::result_arguments(ast::TypeExpr& type) {
  bool absent = TRY(accept("_"));
  if (absent) {
    type.args.emplace_back();
    if (!token_.is(",")) return expected("`,`");
  } else {
    TRY(one_argument(type));
  }
  bool has_error = TRY(accept(","));
  if (has_error) TRY(one_argument(type));
  return {};
}

Result<void> Parser::handle_argument(ast::TypeExpr& type) {
  auto named = TRY(name("the name of a resource"));
  type.name = std::move(named.text);
  type.span = named.span;
  return {};
}

}  // namespace spindle::wit
