#include "wit/print.h"

#include <fmt/format.h>

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
  void package_items(const Package& package);
  std::string take() { return std::move(text_); }
  void nested_package(PackageId package) {
    const Package& printed = resolve_.package(package);
    docs(printed.docs);
    open(fmt::format("package {}", package_name(printed.name)));
    package_items(printed);
    close();
  }

 private:
  static std::string package_name(const PackageName& name) {
    std::string text = id(name.ns) + ":" + id(name.name);
    return name.version ? text + "@" + name.version->to_string() : text;
  }
  std::string path(InterfaceId interface) const {
    const Interface& named = resolve_.interface(interface);
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

  void interface_items(const Interface& interface);
  void type(TypeId id, const std::vector<Function>& functions);
  void type_body(const TypeDef& type);
  void alias(const TypeDef& type, const Alias& alias);
  void resource(TypeId id, const std::vector<Function>& functions);
  std::string function(const Function& function) const;
  void world(const World& world);
  void world_item(const WorldItem& item, std::string_view direction);

  const Resolve& resolve_;
  TypePrinter types_;
  std::string text_;
  size_t indent_ = 0;
};

void Printer::package(PackageId package) {
  const Package& printed = resolve_.package(package);
  docs(printed.docs);
  line(fmt::format("package {};", package_name(printed.name)));
  package_items(printed);
}

void Printer::package_items(const Package& package) {
  for (InterfaceId interface_id : package.interfaces) {
    const Interface& printed = resolve_.interface(interface_id);
    text_ += '\n';
    head(printed);
    open(fmt::format("interface {}", id(printed.name)));
    interface_items(printed);
    close();
  }
  for (WorldId world_id : package.worlds) {
    text_ += '\n';
    world(resolve_.world(world_id));
  }
}

void Printer::interface_items(const Interface& interface) {
  for (TypeId type_id : interface.types) type(type_id, interface.functions);
  for (const Function& printed : interface.functions) {
    if (printed.resource) continue;
    head(printed);
    line(fmt::format("{}: {};", id(printed.name), function(printed)));
  }
}

void Printer::type(TypeId type_id, const std::vector<Function>& functions) {
  const TypeDef& printed = resolve_.type(type_id);
  head(printed);
  if (std::holds_alternative<Resource>(printed.kind)) {
    resource(type_id, functions);
  } else if (const auto* target = std::get_if<Alias>(&printed.kind)) {
    alias(printed, *target);
  } else {
    type_body(printed);
  }
}

void Printer::alias(const TypeDef& type, const Alias& alias) {
  const auto* target = std::get_if<TypeId>(&alias.target);
  if (alias.origin == AliasOrigin::TypeItem || target == nullptr) {
    line(fmt::format("type {} = {};", id(type.name), types_.print(alias.target)));
    return;
  }
  const TypeDef& original = resolve_.type(*target);
  const auto* owner = std::get_if<InterfaceId>(&original.owner);
  VERIFY(owner != nullptr);
  std::string as = original.name == type.name ? "" : " as " + id(type.name);
  line(fmt::format("use {}.{{{}{}}};", path(*owner), id(original.name), as));
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
  open(fmt::format("resource {}", id(resolve_.type(type_id).name)));
  for (const Function& printed : functions) {
    if (printed.resource != type_id) continue;
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

// Without the name: `async func(a: u8) -> string`, `(a: u8)` of a constructor.
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
  std::vector<Function> functions;
  for (const WorldItem& item : world.imports) {
    const auto* function = std::get_if<Function>(&item.item);
    if (function != nullptr && function->resource) functions.push_back(*function);
  }
  for (const WorldItem& item : world.imports) {
    const auto* type_id = std::get_if<TypeId>(&item.item);
    if (type_id != nullptr) {
      type(*type_id, functions);
    } else {
      world_item(item, "import");
    }
  }
  for (const WorldItem& item : world.exports) world_item(item, "export");
  close();
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

std::string print_all(const Resolve& resolve) {
  Printer printer(resolve);
  for (size_t i = 0; i < resolve.packages().size(); ++i) printer.nested_package(PackageId(i));
  return printer.take();
}

std::string print_type(const Resolve& resolve, Type type) {
  return TypePrinter{resolve}.print(type);
}

}  // namespace spindle::wit
