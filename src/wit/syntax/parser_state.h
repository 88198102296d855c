#pragma once

// The parser's hands: the current token and the moves that every production is made of. Only the
// parser's sources include this.

#include "wit/syntax/ast.h"
#include "wit/syntax/lexer.h"

namespace spindle::wit {

class Parser {
 public:
  Parser(const SourceMap& sources, uint32_t file) : sources_(sources), lexer_(sources, file) {}

  Result<ast::File> file();

 private:
  // parser.cpp: packages, interfaces, worlds
  Result<void> top_level_item(ast::File& file);
  Result<void> package_item(ast::File& file, std::string docs);
  Result<void> scope_item(ast::Scope& scope, ast::Attributes attributes);
  Result<ast::PackageHeader> package_name();
  Result<ast::TopUse> top_use();
  Result<ast::InterfaceDecl> interface_decl(ast::Attributes attributes);
  Result<std::vector<ast::InterfaceItem>> interface_items();
  Result<ast::InterfaceItem> interface_item(ast::Attributes attributes);
  Result<ast::WorldDecl> world_decl(ast::Attributes attributes);
  Result<ast::WorldItem> world_item(ast::Attributes attributes);
  Result<ast::WorldItem> extern_decl(ast::Attributes attributes);
  Result<void> labelled_extern(ast::ExternDecl& decl);
  Result<ast::WorldItem> include_decl(ast::Attributes attributes);
  Result<ast::UseDecl> use_decl(ast::Attributes attributes);
  Result<std::vector<ast::Rename>> renames();
  Result<ast::Path> path();
  Result<Version> version();
  Result<ast::Attributes> attributes();
  Result<void> attribute(Stability& stability);

  // parser_types.cpp: types and functions
  bool at_type_decl() const;
  Result<ast::TypeDecl> type_decl(ast::Attributes attributes);
  enum class MemberShape : uint8_t { Typed, MaybePayload, Plain };
  Result<std::vector<ast::Member>> members(MemberShape shape);
  Result<ast::Member> member(MemberShape shape);
  Result<void> resource_body(ast::TypeDecl& decl);
  Result<ast::FunctionDecl> resource_function(ast::Attributes attributes);
  Result<void> function_type(ast::FunctionDecl& decl);
  Result<void> params_and_result(ast::FunctionDecl& decl);
  Result<ast::TypeExpr> type_expr();
  Result<void> type_arguments(ast::TypeExpr& type);
  Result<void> list_arguments(ast::TypeExpr& type);
  Result<void> result_arguments(ast::TypeExpr& type);
  Result<void> handle_argument(ast::TypeExpr& type);
  Result<void> one_argument(ast::TypeExpr& type);

  // The moves.
  Result<void> advance();
  Result<bool> accept(std::string_view punctuation);
  Result<bool> accept_word(std::string_view word);
  Result<void> expect(std::string_view punctuation);
  Result<void> expect_word(std::string_view word);
  Result<ast::Name> name(std::string_view what);
  Error expected(std::string_view what) const;
  // The first punctuation after the current word, without moving.
  Result<Token> peek() const;
  std::string docs() const;
  // Up to and including `close`, with commas between; a trailing comma is allowed.
  template <typename F>
  Result<void> comma_separated(std::string_view close, F&& parse_one);
  Result<void> check_count(size_t count) const;

  const SourceMap& sources_;
  Lexer lexer_;
  Token token_;
  size_t nesting_ = 0;
};

template <typename F>
Result<void> Parser::comma_separated(std::string_view close, F&& parse_one) {
  size_t count = 0;
  while (!token_.is(close)) {
    TRY(parse_one());
    TRY(check_count(++count));
    bool more = TRY(accept(","));
    if (!more && !token_.is(close)) return expected(close == "}" ? "`,` or `}`" : "`,` or `)`");
  }
  return advance();
}

}  // namespace spindle::wit
