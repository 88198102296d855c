#include "wit/syntax/parser.h"

#include <fmt/format.h>

#include "wit/limits.h"
#include "wit/syntax/parser_state.h"

namespace spindle::wit {

std::string ast::Path::to_string() const {
  if (!package) return item;
  std::string text = fmt::format("{}:{}/{}", package->ns, package->name, item);
  if (package->version) text += "@" + package->version->to_string();
  return text;
}

Result<ast::File> parse_file(const SourceMap& sources, uint32_t file) {
  if (sources.text(file).size() > kMaxFileSize) {
    return Error::limit_exceeded(fmt::format("{} has {} bytes, at most {} are allowed",
                                             sources.name(file), sources.text(file).size(),
                                             kMaxFileSize));
  }
  TRY(check_characters(sources, file));
  Parser parser(sources, file);
  return parser.file();
}

Result<void> Parser::advance() {
  token_ = TRY(lexer_.next());
  return {};
}

Result<bool> Parser::accept(std::string_view punctuation) {
  if (!token_.is(punctuation)) return false;
  TRY(advance());
  return true;
}

Result<bool> Parser::accept_word(std::string_view word) {
  if (!token_.is_word(word)) return false;
  TRY(advance());
  return true;
}

Result<void> Parser::expect(std::string_view punctuation) {
  if (!token_.is(punctuation)) return expected(fmt::format("`{}`", punctuation));
  return advance();
}

Result<void> Parser::expect_word(std::string_view word) {
  if (!token_.is_word(word)) return expected(fmt::format("`{}`", word));
  return advance();
}

Error Parser::expected(std::string_view what) const {
  std::string found = token_.kind == TokenKind::End ? std::string("the end of the file")
                                                    : fmt::format("`{}`", token_.text);
  return sources_.error(token_.span, fmt::format("expected {}, found {}", what, found));
}

Result<ast::Name> Parser::name(std::string_view what) {
  bool escaped = token_.kind == TokenKind::EscapedWord;
  if (!escaped && token_.kind != TokenKind::Word) return expected(what);
  // These have a meaning only where no name can stand.
  bool contextual = token_.text == "from" || token_.text == "with" || token_.text == "map";
  if (!escaped && !contextual && is_keyword(token_.text)) {
    return sources_.error(token_.span,
                          fmt::format("expected {}, found keyword `{}`", what, token_.text),
                          fmt::format("write `%{}` to use it as a name", token_.text));
  }
  ast::Name made{std::string(token_.text), token_.span};
  TRY(advance());
  return made;
}

Result<Token> Parser::peek() const {
  Lexer ahead = lexer_;
  return ahead.next();
}

std::string Parser::docs() const {
  const Span& span = token_.docs;
  return doc_text(
      std::string_view(sources_.text(span.file)).substr(span.begin, span.end - span.begin));
}

Result<void> Parser::check_count(size_t count) const {
  if (count <= kMaxItems) return {};
  return sources_.error(token_.span, fmt::format("more than {} items", kMaxItems));
}

Result<ast::File> Parser::file() {
  ast::File made;
  TRY(advance());
  while (token_.kind != TokenKind::End) TRY(top_level_item(made));
  return made;
}

Result<void> Parser::top_level_item(ast::File& file) {
  if (token_.is_word("package")) {
    std::string text = docs();
    return package_item(file, std::move(text));
  }
  auto gates = TRY(attributes());
  return scope_item(file.scope, std::move(gates));
}

Result<void> Parser::package_item(ast::File& file, std::string docs) {
  Span start = token_.span;
  TRY(advance());
  auto header = TRY(package_name());
  header.docs = std::move(docs);
  bool nested = TRY(accept("{"));
  if (!nested) {
    if (!token_.is(";")) return expected("`;` or `{`");
    if (file.header) {
      return sources_.error(start, "a file has one `package` declaration",
                            "further packages are nested: `package ns:name { ... }`");
    }
    if (!file.scope.empty() || !file.nested.empty()) {
      return sources_.error(start, "the `package` declaration comes before all other items");
    }
    file.header = std::move(header);
    return advance();
  }
  ast::NestedPackage package{std::move(header), {}};
  while (!token_.is("}")) {
    auto gates = TRY(attributes());
    TRY(scope_item(package.scope, std::move(gates)));
  }
  file.nested.push_back(std::move(package));
  return advance();
}

Result<void> Parser::scope_item(ast::Scope& scope, ast::Attributes attributes) {
  if (token_.is_word("use")) {
    auto item = TRY(top_use());
    scope.uses.push_back(std::move(item));
  } else if (token_.is_word("interface")) {
    auto item = TRY(interface_decl(std::move(attributes)));
    scope.interfaces.push_back(std::move(item));
  } else if (token_.is_word("world")) {
    auto item = TRY(world_decl(std::move(attributes)));
    scope.worlds.push_back(std::move(item));
  } else {
    return expected("`package`, `interface`, `world` or `use`");
  }
  return check_count(scope.uses.size() + scope.interfaces.size() + scope.worlds.size());
}

Result<ast::PackageHeader> Parser::package_name() {
  ast::PackageHeader header;
  header.span = token_.span;
  auto ns = TRY(name("a package name, `namespace:name`"));
  TRY(expect(":"));
  header.span.end = token_.span.end;
  auto package = TRY(name("a package name"));
  header.name = {std::move(ns.text), std::move(package.text), std::nullopt};
  if (token_.is(":") || token_.is("/")) {
    return sources_.error(token_.span, "nested namespaces are not supported",
                          "a package is named `namespace:name@version`");
  }
  if (token_.is("@")) header.name.version = TRY(version());
  return header;
}

// The current token is the `@`.
Result<Version> Parser::version() {
  Token text = TRY(lexer_.next_version());
  auto parsed = parse_version(text.text);
  if (!parsed) return sources_.error(text.span, parsed.error().message());
  TRY(advance());
  return parsed.take_value();
}

Result<ast::Path> Parser::path() {
  ast::Path made;
  made.span = token_.span;
  uint32_t end = token_.span.end;
  auto first = TRY(name("the name of an interface or a world"));
  made.item = std::move(first.text);
  bool qualified = TRY(accept(":"));
  if (qualified) {
    PackageName package{std::move(made.item), {}, std::nullopt};
    auto second = TRY(name("a package name"));
    package.name = std::move(second.text);
    TRY(expect("/"));
    end = token_.span.end;
    auto third = TRY(name("the name of an interface or a world"));
    made.item = std::move(third.text);
    if (token_.is("@")) package.version = TRY(version());
    made.package = std::move(package);
  }
  made.span.end = end;
  return made;
}

Result<ast::TopUse> Parser::top_use() {
  TRY(advance());
  ast::TopUse made;
  made.path = TRY(path());
  made.as = {made.path.item, made.path.span};
  bool renamed = TRY(accept_word("as"));
  if (renamed) made.as = TRY(name("a name"));
  TRY(expect(";"));
  return made;
}

Result<ast::Attributes> Parser::attributes() {
  ast::Attributes made;
  made.docs = docs();
  while (token_.is("@")) {
    TRY(advance());
    TRY(attribute(made.stability));
    std::string more = docs();
    if (!more.empty()) made.docs += (made.docs.empty() ? "" : "\n") + more;
  }
  return made;
}

Result<void> Parser::attribute(Stability& stability) {
  bool since = token_.is_word("since");
  bool unstable = token_.is_word("unstable");
  if (!since && !unstable && !token_.is_word("deprecated")) {
    return expected("`since`, `unstable` or `deprecated`");
  }
  TRY(advance());
  if (!token_.is("(")) return expected("`(`");
  TRY(advance());
  TRY(expect_word(unstable ? "feature" : "version"));
  if (!token_.is("=")) return expected("`=`");
  if (unstable) {
    TRY(advance());
    auto feature = TRY(name("the name of a feature"));
    stability.unstable_feature = std::move(feature.text);
  } else {
    auto parsed = TRY(version());
    (since ? stability.since : stability.deprecated) = std::move(parsed);
  }
  return expect(")");
}

Result<ast::InterfaceDecl> Parser::interface_decl(ast::Attributes attributes) {
  TRY(advance());
  ast::InterfaceDecl made;
  made.attributes = std::move(attributes);
  made.name = TRY(name("the name of the interface"));
  made.items = TRY(interface_items());
  return made;
}

Result<std::vector<ast::InterfaceItem>> Parser::interface_items() {
  TRY(expect("{"));
  std::vector<ast::InterfaceItem> items;
  while (!token_.is("}")) {
    auto gates = TRY(attributes());
    auto item = TRY(interface_item(std::move(gates)));
    items.push_back(std::move(item));
    TRY(check_count(items.size()));
  }
  TRY(advance());
  return items;
}

Result<ast::InterfaceItem> Parser::interface_item(ast::Attributes attributes) {
  if (token_.is_word("use")) {
    auto made = TRY(use_decl(std::move(attributes)));
    return ast::InterfaceItem(std::move(made));
  }
  if (at_type_decl()) {
    auto made = TRY(type_decl(std::move(attributes)));
    return ast::InterfaceItem(std::move(made));
  }
  ast::FunctionDecl function;
  function.attributes = std::move(attributes);
  function.name = TRY(name("a type, a function, `use` or `}`"));
  TRY(expect(":"));
  TRY(function_type(function));
  TRY(expect(";"));
  return ast::InterfaceItem(std::move(function));
}

Result<ast::UseDecl> Parser::use_decl(ast::Attributes attributes) {
  TRY(advance());
  ast::UseDecl made;
  made.attributes = std::move(attributes);
  made.from = TRY(path());
  TRY(expect("."));
  TRY(expect("{"));
  made.names = TRY(renames());
  TRY(expect(";"));
  return made;
}

Result<std::vector<ast::Rename>> Parser::renames() {
  std::vector<ast::Rename> made;
  TRY(comma_separated("}", [&]() -> Result<void> {
    ast::Rename rename;
    rename.name = TRY(name("a name"));
    rename.as = rename.name;
    bool renamed = TRY(accept_word("as"));
    if (renamed) rename.as = TRY(name("a name"));
    made.push_back(std::move(rename));
    return {};
  }));
  return made;
}

Result<ast::WorldDecl> Parser::world_decl(ast::Attributes attributes) {
  TRY(advance());
  ast::WorldDecl made;
  made.attributes = std::move(attributes);
  made.name = TRY(name("the name of the world"));
  TRY(expect("{"));
  while (!token_.is("}")) {
    auto gates = TRY(this->attributes());
    auto item = TRY(world_item(std::move(gates)));
    made.items.push_back(std::move(item));
    TRY(check_count(made.items.size()));
  }
  TRY(advance());
  return made;
}

Result<ast::WorldItem> Parser::world_item(ast::Attributes attributes) {
  if (token_.is_word("import") || token_.is_word("export")) {
    return extern_decl(std::move(attributes));
  }
  if (token_.is_word("include")) return include_decl(std::move(attributes));
  if (token_.is_word("use")) {
    auto made = TRY(use_decl(std::move(attributes)));
    return ast::WorldItem(std::move(made));
  }
  if (at_type_decl()) {
    auto made = TRY(type_decl(std::move(attributes)));
    return ast::WorldItem(std::move(made));
  }
  return expected("`import`, `export`, `include`, `use`, a type or `}`");
}

Result<ast::WorldItem> Parser::extern_decl(ast::Attributes attributes) {
  ast::ExternDecl decl;
  decl.span = token_.span;
  decl.direction = token_.is_word("import") ? ast::Direction::Import : ast::Direction::Export;
  decl.attributes = std::move(attributes);
  TRY(advance());
  // `a:b/c` names an interface; `a: func()`, `a: interface { }` and `a: b` are labelled.
  bool labelled = false;
  Token colon = TRY(peek());
  if (colon.is(":")) {
    Lexer ahead = lexer_;
    TRY(ahead.next());
    TRY(ahead.next());
    Token after = TRY(ahead.next());
    labelled = !after.is("/");
  }
  if (labelled) {
    TRY(labelled_extern(decl));
    return ast::WorldItem(std::move(decl));
  }
  decl.span = token_.span;
  auto named = TRY(path());
  decl.span = named.span;
  decl.item = std::move(named);
  TRY(expect(";"));
  return ast::WorldItem(std::move(decl));
}

Result<void> Parser::labelled_extern(ast::ExternDecl& decl) {
  auto label = TRY(name("a name"));
  decl.span = label.span;
  TRY(expect(":"));
  if (token_.is_word("interface")) {
    TRY(advance());
    ast::InterfaceDecl made;
    made.name = std::move(label);
    made.attributes = decl.attributes;
    made.items = TRY(interface_items());
    decl.item = std::move(made);
    return {};
  }
  if (token_.is_word("func") || token_.is_word("async")) {
    ast::FunctionDecl function;
    function.name = std::move(label);
    function.attributes = decl.attributes;
    TRY(function_type(function));
    decl.item = std::move(function);
    return expect(";");
  }
  if (token_.kind == TokenKind::End || token_.kind == TokenKind::Punctuation) {
    return expected("`func`, `interface` or the name of an interface");
  }
  auto named = TRY(path());
  decl.item = ast::LabelledPath{std::move(label), std::move(named)};
  return expect(";");
}

Result<ast::WorldItem> Parser::include_decl(ast::Attributes attributes) {
  TRY(advance());
  ast::IncludeDecl made;
  made.attributes = std::move(attributes);
  made.from = TRY(path());
  bool has_with = TRY(accept_word("with"));
  if (!has_with) {
    TRY(expect(";"));
    return ast::WorldItem(std::move(made));
  }
  TRY(expect("{"));
  made.with = TRY(renames());
  // The braces end the item; older packages write a semicolon as well.
  TRY(accept(";"));
  return ast::WorldItem(std::move(made));
}

}  // namespace spindle::wit
