#include "bindgen/names.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace spindle::bindgen {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Words that cannot name a function, a field or a namespace, sorted; and macros of the C library.
constexpr auto kReserved = std::to_array<std::string_view>({
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "assert",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "errno",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "return",
    "self",
    "short",
    "signed",
    "sizeof",
    "spindle",
    "static",
    "static_assert",
    "static_cast",
    "std",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
});
static_assert(std::ranges::is_sorted(kReserved));

}  // namespace

std::string camel_case(std::string_view kebab) {
  std::string name;
  bool starts_word = true;
  for (char c : kebab) {
    if (c == '-' || c == '.' || c == '_') {
      starts_word = true;
    } else {
      name.push_back(starts_word ? upper(c) : lower(c));
      starts_word = false;
    }
  }
  // Names that every generated namespace has.
  if (name == "Host" || name == "HostView" || name == "Guest" || name == "GuestView") name += "_";
  return name;
}

std::string snake_case(std::string_view kebab) {
  std::string name;
  for (char c : kebab) name.push_back(c == '-' || c == '.' ? '_' : lower(c));
  if (std::ranges::binary_search(kReserved, std::string_view(name))) name += "_";
  return name;
}

namespace {

InterfaceNames names_in_package(const wit::PackageName& package, std::string_view item,
                                std::string_view track) {
  InterfaceNames names{snake_case(package.ns), snake_case(package.name), snake_case(item)};
  if (const size_t at = track.find('@'); at != std::string::npos) {
    names.package += "_";
    for (char c : track.substr(at + 1)) {
      const bool plain = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
      names.package.push_back(plain ? lower(c) : '_');
    }
  }
  return names;
}

}  // namespace

InterfaceNames interface_names(const wit::Resolve& resolve, wit::InterfaceId id) {
  const wit::Interface& interface = resolve.interface(id);
  return names_in_package(resolve.package(interface.package).name, interface.name,
                          resolve.interface_track_id(id));
}

InterfaceNames world_names(const wit::Resolve& resolve, wit::WorldId id) {
  const wit::World& world = resolve.world(id);
  const wit::PackageName& package = resolve.package(world.package).name;
  const std::string track =
      package.version ? "@" + wit::compatibility_track(*package.version) : std::string();
  return names_in_package(package, world.name, track);
}

std::string method_name(const wit::Resolve& resolve, const wit::Function& function) {
  if (function.kind == wit::FunctionKind::Freestanding) return snake_case(function.name);
  const std::string resource = snake_case(resolve.type(*function.resource).name);
  if (function.kind == wit::FunctionKind::Constructor) return resource + "_new";
  return fmt::format("{}_{}", resource, snake_case(function.name));
}

std::string case_struct(std::string_view name, std::string_view variant) {
  const std::string plain = camel_case(name);
  const std::string outer = camel_case(variant);
  return plain == outer || plain == outer + "View" ? plain + "Case" : plain;
}

std::string parameter_name(std::string_view name) {
  return name == "self" ? "self" : snake_case(name);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

}  // namespace spindle::bindgen
