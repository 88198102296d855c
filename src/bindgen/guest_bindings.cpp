#include "bindgen/guest_bindings.h"

#include <algorithm>

#include <fmt/format.h>

#include "bindgen/guest_endpoints.h"
#include "bindgen/guest_functions_writer.h"
#include "bindgen/guest_types_writer.h"
#include "bindgen/names.h"

namespace spindle::bindgen {
namespace {

constexpr std::string_view kNotice =
    "// Made from WIT by `spindle bindgen --guest`; not to edit.\n";

// One line of assembler in a string literal for each row of bytes.
std::string section(const std::string& name, std::span<const uint8_t> bytes) {
  constexpr size_t kRow = 24;
  std::string out = fmt::format(
      "\n__asm__(\n    \".section \\\".custom_section.component-type:{}\\\",\\\"\\\",@\\n\"\n",
      name);
  for (size_t i = 0; i < bytes.size(); i += kRow) {
    std::string row;
    for (uint8_t byte : bytes.subspan(i, std::min(kRow, bytes.size() - i))) {
      row += fmt::format("{}{}", row.empty() ? "" : ",", byte);
    }
    out += fmt::format("    \".byte {}\\n\"\n", row);
  }
  return out + "    \".text\\n\");\n";
}

std::string in_namespace(const std::string& space, const std::string& text) {
  if (text.empty()) return text;
  return fmt::format("namespace {0} {{\n\n{1}\n}}  // namespace {0}\n\n", space, text);
}

// Names of the same namespace need no qualifier. Text of variants keeps them: a case may have the
// name of a type.
std::string local(std::string text, const std::string& space) {
  const std::string prefix = "::" + space + "::";
  for (size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    text.erase(at, prefix.size());
  }
  return text;
}

}  // namespace

Result<std::vector<GeneratedFile>> generate_guest_bindings(const wit::Resolve& resolve,
                                                           const GuestOptions& options) {
  GuestTypes types(resolve, options.world, options.root);
  const std::vector<GuestScope> scopes = TRY(guest_scopes(types));
  const std::string name = snake_case(resolve.world(options.world).name);
  const bool is_async = std::ranges::any_of(
      scopes, [&](const GuestScope& scope) { return is_asynchronous(types, scope); });
  std::string header = fmt::format("{}#pragma once\n\n#include <spindle/abi.h>\n{}\n", kNotice,
                                   is_async ? "#include <spindle/stream.h>\n" : "");
  std::string source = fmt::format("{}#include \"{}.h\"\n\n", kNotice, name);
  std::string abi;
  GuestEndpoints endpoints(types);
  for (const GuestScope& scope : scopes) {
    const std::string space = types.namespace_of(scope.owner, scope.side);
    GuestTypesWriter writer(types, scope);
    GuestFunctionsWriter functions(types, scope);
    header += in_namespace(space, local(writer.forward(), space)) + endpoints.declarations(scope) +
              in_namespace(space, local(functions.classes(), space) + writer.structs() +
                                      local(functions.declarations(), space));
    abi += writer.abi();
    source += in_namespace(space, functions.definitions());
    if (types.error()) return *types.error();
  }
  source += endpoints.definitions();
  if (!options.component_type.empty()) {
    const std::string id = resolve.world_id(options.world);
    source += section(id + ":" + options.root, options.component_type);
  }
  return std::vector<GeneratedFile>{{name + ".h", header + abi}, {name + ".cpp", source}};
}

}  // namespace spindle::bindgen
