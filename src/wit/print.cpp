#include "wit/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "wit/syntax/lexer.h"

namespace spindle::wit {
namespace {

std::string id(std::string_view name) {
  return (is_keyword(name) ? "%" : "") + std::string(name);
}

// How a type is written where it is used.
struct TypePrinter {
  const Resolve& resolve;

  std::string print(Type type) const {
    if (const auto* primitive = std::get_if<Primitive>(&type)) {
      return std::string(to_string(*primitive));
    }
    const TypeDef& definition = resolve.type(std::get<TypeId>(type));
    return definition.name.empty() ? std::visit(*this, definition.kind) : id(definition.name);
  }
  std::string args(std::string_view word, const std::optional<Type>& type) const {
    return type ? fmt::format("{}<{}>", word, print(*type)) : std::string(word);
  }

  std::string operator()(const Tuple& tuple) const {
    std::string text;
    for (Type type : tuple.types) text += (text.empty() ? "" : ", ") + print(type);
    return fmt::format("tuple<{}>", text);
  }
  std::string operator()(const Option& option) const { return args("option", option.some); }
  std::string operator()(const ResultType& result) const {
    if (!result.error) return args("result", result.ok);
    return fmt::format("result<{}, {}>", result.ok ? print(*result.ok) : "_", print(*result.error));
  }
  std::string operator()(const List& list) const { return args("list", list.element); }
  std::string operator()(const FixedList& list) const {
    return fmt::format("list<{}, {}>", print(list.element), list.length);
  }
  std::string operator()(const Map& map) const {
    return fmt::format("map<{}, {}>", print(map.key), print(map.value));
  }
  std::string operator()(const Stream& stream) const { return args("stream", stream.element); }
  std::string operator()(const Future& future) const { return args("future", future.value); }
  std::string operator()(const Handle& handle) const {
    std::string name = id(resolve.type(handle.resource).name);
    return handle.ownership == Ownership::Own ? name : fmt::format("borrow<{}>", name);
  }
  // The others have names.
  template <typename Named>
  std::string operator()(const Named&) const {
    return "_";
  }
};

class Printer {
 public:
  explicit Printer(const Resolve& resolve) : resolve_(resolve), types_{resolve} {}

  void package(PackageId package);
  std::string take() { return std::move(text_); }
  void nested_package(PackageId package);

 private:
  void package_items(PackageId package);
  static std::string package_name(const PackageName& name) {
    std::string text = id(name.ns) + ":" + id(name.name);
    return name.version ? text + "@" + name.version->to_string() : text;
  }
  // By its bare name inside its own package.
  std::string path(InterfaceId interface) const {
    const Interface& named = resolve_.interface(interface);
    if (named.package == package_) return id(named.name);
    const PackageName& owner = resolve_.package(named.package).name;
    std::string text = fmt::format("{}:{}/{}", id(owner.ns), id(owner.name), id(named.name));
    return owner.version ? text + "@" + owner.version->to_string() : text;
  }
  void line(std::string_view text) {
    text_ += std::string(indent_ * 2, ' ');
    text_ += text;
    text_ += '\n';
  }
  void open(std::string_view head) {
    line(fmt::format("{} {{", head));
    ++indent_;
  }
  void close() {
    --indent_;
    line("}");
  }
  void docs(std::string_view text) {
    while (!text.empty()) {
      size_t end = std::min(text.find('\n'), text.size());
      line(end == 0 ? "///" : fmt::format("/// {}", text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  void gates(const Stability& stability) {
    if (stability.since) line(fmt::format("@since(version = {})", stability.since->to_string()));
    if (!stability.unstable_feature.empty()) {
      line(fmt::format("@unstable(feature = {})", id(stability.unstable_feature)));
    }
    if (stability.deprecated) {
      line(fmt::format("@deprecated(version = {})", stability.deprecated->to_string()));
    }
  }
  template <typename Item>
  void head(const Item& item) {
    docs(item.docs);
    gates(item.stability);
  }

  // An empty line, unless nothing stands in this block yet.
  void blank() {
    if (!text_.ends_with("{\n")) text_ += '\n';
  }

  void interface_items(const Interface& interface);
  void uses(const std::vector<TypeId>& types);
  bool is_use(TypeId type) const;
  void type(TypeId id, const std::vector<Function>& functions);
  void type_body(const TypeDef& type);
  void resource(TypeId id, const std::vector<Function>& functions);
  std::string function(const Function& function) const;
  void world(const World& world);
  void world_imports(const World& world);
  void world_item(const WorldItem& item, std::string_view direction);

  const Resolve& resolve_;
  TypePrinter types_;
  std::string text_;
  size_t indent_ = 0;
  PackageId package_;
};

void Printer::package(PackageId package) {
  const Package& printed = resolve_.package(package);
  docs(printed.docs);
  line(fmt::format("package {};", package_name(printed.name)));
  package_items(package);
}

void Printer::nested_package(PackageId package) {
  const Package& printed = resolve_.package(package);
  if (!text_.empty()) text_ += '\n';
  docs(printed.docs);
  open(fmt::format("package {}", package_name(printed.name)));
  package_items(package);
  close();
}

void Printer::package_items(PackageId package_id) {
  package_ = package_id;
  const Package& package = resolve_.package(package_id);
  auto separate = [&] {
    if (indent_ == 0) text_ += '\n';
  };
  for (InterfaceId interface_id : package.interfaces) {
    const Interface& printed = resolve_.interface(interface_id);
    separate();
    head(printed);
    open(fmt::format("interface {}", id(printed.name)));
    interface_items(printed);
    close();
  }
  for (WorldId world_id : package.worlds) {
    separate();
    world(resolve_.world(world_id));
  }
}

void Printer::interface_items(const Interface& interface) {
  uses(interface.types);
  for (TypeId type_id : interface.types) {
    if (is_use(type_id)) continue;
    blank();
    type(type_id, interface.functions);
  }
  for (const Function& printed : interface.functions) {
    if (printed.resource) continue;
    blank();
    head(printed);
    line(fmt::format("{}: {};", id(printed.name), function(printed)));
  }
}

bool Printer::is_use(TypeId type) const {
  const auto* alias = std::get_if<Alias>(&resolve_.type(type).kind);
  return alias != nullptr && alias->origin == AliasOrigin::Use &&
         std::holds_alternative<TypeId>(alias->target);
}

// One statement for each interface that types are used of, in order of first use.
void Printer::uses(const std::vector<TypeId>& types) {
  struct Statement {
    InterfaceId from;
    const Stability* stability = nullptr;
    std::string names;
  };
  std::vector<Statement> statements;
  std::map<InterfaceId, std::vector<size_t>> by_interface;
  for (TypeId type_id : types) {
    if (!is_use(type_id)) continue;
    const TypeDef& used = resolve_.type(type_id);
    const TypeDef& original = resolve_.type(std::get<TypeId>(std::get<Alias>(used.kind).target));
    const auto* owner = std::get_if<InterfaceId>(&original.owner);
    VERIFY(owner != nullptr);
    auto& known = by_interface[*owner];
    auto found = std::ranges::find_if(
        known, [&](size_t i) { return *statements[i].stability == used.stability; });
    if (found == known.end()) {
      known.push_back(statements.size());
      found = std::prev(known.end());
      statements.push_back({*owner, &used.stability, ""});
    }
    auto& names = statements[*found].names;
    std::string as = original.name == used.name ? "" : " as " + id(used.name);
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", id(original.name), as);
  }
  for (const auto& statement : statements) {
    gates(*statement.stability);
    line(fmt::format("use {}.{{{}}};", path(statement.from), statement.names));
  }
}

void Printer::type(TypeId type_id, const std::vector<Function>& functions) {
  const TypeDef& printed = resolve_.type(type_id);
  head(printed);
  if (std::holds_alternative<Resource>(printed.kind)) {
    resource(type_id, functions);
  } else if (const auto* alias = std::get_if<Alias>(&printed.kind)) {
    line(fmt::format("type {} = {};", id(printed.name), types_.print(alias->target)));
  } else {
    type_body(printed);
  }
}

void Printer::type_body(const TypeDef& type) {
  auto labels = [this](const std::vector<Label>& items) {
    for (const Label& label : items) {
      docs(label.docs);
      line(id(label.name) + ",");
    }
  };
  if (const auto* record = std::get_if<Record>(&type.kind)) {
    open(fmt::format("record {}", id(type.name)));
    for (const Field& field : record->fields) {
      docs(field.docs);
      line(fmt::format("{}: {},", id(field.name), types_.print(field.type)));
    }
  } else if (const auto* variant = std::get_if<Variant>(&type.kind)) {
    open(fmt::format("variant {}", id(type.name)));
    for (const Case& c : variant->cases) {
      docs(c.docs);
      std::string payload = c.payload ? fmt::format("({})", types_.print(*c.payload)) : "";
      line(id(c.name) + payload + ",");
    }
  } else if (const auto* e = std::get_if<Enum>(&type.kind)) {
    open(fmt::format("enum {}", id(type.name)));
    labels(e->cases);
  } else if (const auto* flags = std::get_if<Flags>(&type.kind)) {
    open(fmt::format("flags {}", id(type.name)));
    labels(flags->flags);
  } else {
    line(fmt::format("type {} = {};", id(type.name), std::visit(types_, type.kind)));
    return;
  }
  close();
}

void Printer::resource(TypeId type_id, const std::vector<Function>& functions) {
  std::string head_line = fmt::format("resource {}", id(resolve_.type(type_id).name));
  auto is_own = [&](const Function& function) { return function.resource == type_id; };
  if (std::ranges::none_of(functions, is_own)) {
    line(head_line + ";");
    return;
  }
  open(head_line);
  for (const Function& printed : functions) {
    if (!is_own(printed)) continue;
    head(printed);
    if (printed.kind == FunctionKind::Constructor) {
      line(fmt::format("constructor{};", function(printed)));
    } else {
      std::string_view word = printed.kind == FunctionKind::Static ? "static " : "";
      line(fmt::format("{}: {}{};", id(printed.name), word, function(printed)));
    }
  }
  close();
}

std::string Printer::function(const Function& function) const {
  std::string params;
  for (size_t i = function.kind == FunctionKind::Method ? 1 : 0; i < function.params.size(); ++i) {
    const Parameter& param = function.params[i];
    params += fmt::format("{}{}: {}", params.empty() ? "" : ", ", id(param.name),
                          types_.print(param.type));
  }
  std::string text = function.asyncness == Asyncness::Async ? "async " : "";
  bool constructor = function.kind == FunctionKind::Constructor;
  text += fmt::format("{}({})", constructor ? "" : "func", params);
  const auto* result = function.result ? std::get_if<TypeId>(&*function.result) : nullptr;
  bool implied = constructor && result != nullptr &&
                 std::holds_alternative<Handle>(resolve_.type(*result).kind);
  if (function.result && !implied) text += " -> " + types_.print(*function.result);
  return text;
}

void Printer::world(const World& world) {
  head(world);
  open(fmt::format("world {}", id(world.name)));
  world_imports(world);
  if (!world.exports.empty()) blank();
  for (const WorldItem& item : world.exports) world_item(item, "export");
  close();
}

// Interfaces, then types, then functions.
void Printer::world_imports(const World& world) {
  std::vector<Function> functions;
  std::vector<TypeId> types;
  for (const WorldItem& item : world.imports) {
    if (const auto* function = std::get_if<Function>(&item.item)) functions.push_back(*function);
    if (const auto* type = std::get_if<TypeId>(&item.item)) types.push_back(*type);
    if (std::holds_alternative<WorldInterface>(item.item)) world_item(item, "import");
  }
  uses(types);
  for (TypeId type_id : types) {
    if (is_use(type_id)) continue;
    blank();
    type(type_id, functions);
  }
  for (const WorldItem& item : world.imports) {
    if (std::holds_alternative<Function>(item.item)) world_item(item, "import");
  }
}

void Printer::world_item(const WorldItem& item, std::string_view direction) {
  if (const auto* printed = std::get_if<Function>(&item.item)) {
    if (printed->resource) return;
    head(item);
    line(fmt::format("{} {}: {};", direction, id(item.name), function(*printed)));
    return;
  }
  const auto& held = std::get<WorldInterface>(item.item);
  if (held.implied) return;
  const Interface& interface = resolve_.interface(held.id);
  head(item);
  if (interface.name.empty()) {
    open(fmt::format("{} {}: interface", direction, id(item.name)));
    interface_items(interface);
    close();
  } else if (item.name == resolve_.interface_id(held.id)) {
    line(fmt::format("{} {};", direction, path(held.id)));
  } else {
    line(fmt::format("{} {}: {};", direction, id(item.name), path(held.id)));
  }
}

}  // namespace

std::string print_package(const Resolve& resolve, PackageId package) {
  Printer printer(resolve);
  printer.package(package);
  return printer.take();
}

std::string print_with_dependencies(const Resolve& resolve, PackageId package) {
  Printer printer(resolve);
  printer.package(package);
  for (size_t i = 0; i < resolve.packages().size(); ++i) {
    PackageId other(i);
    const Package& candidate = resolve.package(other);
    bool is_empty = candidate.interfaces.empty() && candidate.worlds.empty();
    if (other != package && !is_empty) printer.nested_package(other);
  }
  return printer.take();
}

std::string print_all(const Resolve& resolve) {
  Printer printer(resolve);
  for (size_t i = 0; i < resolve.packages().size(); ++i) printer.nested_package(PackageId(i));
  return printer.take();
}

std::string print_type(const Resolve& resolve, Type type) {
  return TypePrinter{resolve}.print(type);
}

}  // namespace spindle::wit
