#include "bindgen/guest_types_writer.h"

#include <fmt/format.h>

#include "bindgen/declarations.h"
#include "bindgen/function_writer.h"
#include "bindgen/names.h"

namespace spindle::bindgen {
namespace {

bool is_struct(const wit::TypeKind& kind) {
  return std::holds_alternative<wit::Record>(kind) || std::holds_alternative<wit::Variant>(kind);
}

// WIT allows any order, C++ needs parts to be complete.
void parts_first(const wit::Resolve& resolve, wit::Type type, const GuestScope& scope,
                 std::set<uint32_t>& seen, std::vector<wit::TypeId>& out) {
  const auto* id = std::get_if<wit::TypeId>(&type);
  if (id == nullptr || !seen.insert(id->value).second) return;
  const wit::TypeDef& definition = resolve.type(*id);
  wit::for_each_type(definition.kind,
                     [&](wit::Type inner) { parts_first(resolve, inner, scope, seen, out); });
  if (definition.owner == scope.owner && is_struct(definition.kind)) out.push_back(*id);
}

}  // namespace

std::string GuestTypesWriter::initializer(wit::Type type) const {
  const wit::Type definition = types_.resolve().definition(type);
  const auto* id = std::get_if<wit::TypeId>(&definition);
  if (id == nullptr) return definition == wit::Type(wit::Primitive::String) ? "" : "{}";
  return std::holds_alternative<wit::Enum>(types_.resolve().type(*id).kind) ? "{}" : "";
}

std::string GuestTypesWriter::record(const wit::TypeDef& type, const wit::Record& record) {
  const std::string name = camel_case(type.name);
  std::string out = comment(type.docs, "") + fmt::format("struct {} {{\n", name);
  bool compares = true;
  for (const wit::Field& field : record.fields) {
    compares = compares && types_.compares(field.type);
    out += comment(field.docs, "  ");
    out += fmt::format("  {} {}{};\n", types_.value(field.type, scope_.side),
                       snake_case(field.name), initializer(field.type));
  }
  return out + (compares ? "\n" + equality(name, "  ") : "") + "};\n\n";
}

std::string GuestTypesWriter::variant(const wit::TypeDef& type, const wit::Variant& variant) {
  const std::string name = camel_case(type.name);
  std::string out = comment(type.docs, "") + fmt::format("struct {} {{\n", name);
  std::string cases;
  bool compares = true;
  for (const wit::Case& item : variant.cases) {
    const std::string case_name = case_struct(item.name, type.name);
    const bool case_compares = !item.payload || types_.compares(*item.payload);
    compares = compares && case_compares;
    cases += (cases.empty() ? "" : ", ") + case_name;
    out += comment(item.docs, "  ") + fmt::format("  struct {} {{\n", case_name);
    if (item.payload) {
      out += fmt::format("    {} value{};\n", types_.value(*item.payload, scope_.side),
                         initializer(*item.payload));
    }
    out += (case_compares ? equality(case_name, "    ") : "") + "  };\n";
  }
  return out + fmt::format("\n  std::variant<{}> value;\n", cases) +
         (compares ? equality(name, "  ") : "") + "};\n\n";
}

std::string GuestTypesWriter::forward() {
  std::string complete;
  std::string classes;
  std::string aliases;
  for (wit::TypeId id : scope_.types) {
    const wit::TypeDef& type = types_.resolve().type(id);
    const std::string name = camel_case(type.name);
    if (const auto* found = std::get_if<wit::Enum>(&type.kind)) {
      complete += enum_declaration(type, *found);
    } else if (const auto* found_flags = std::get_if<wit::Flags>(&type.kind)) {
      complete += flags_declaration(type, *found_flags);
    } else if (std::holds_alternative<wit::Resource>(type.kind)) {
      classes += fmt::format("class {};\n", name);
    } else if (is_struct(type.kind)) {
      classes += fmt::format("struct {};\n", name);
    } else {
      const wit::Type target = types_.resolve().definition(wit::Type(id));
      aliases += comment(type.docs, "");
      aliases += fmt::format("using {} = {};\n", name, types_.value(target, scope_.side));
    }
  }
  if (!classes.empty()) classes += "\n";
  if (!aliases.empty()) aliases += "\n";
  return complete + classes + aliases;
}

std::vector<wit::TypeId> GuestTypesWriter::ordered_structs() const {
  std::vector<wit::TypeId> ordered;
  std::set<uint32_t> seen;
  for (wit::TypeId id : scope_.types) {
    parts_first(types_.resolve(), wit::Type(id), scope_, seen, ordered);
  }
  return ordered;
}

std::string GuestTypesWriter::structs() {
  std::string out;
  for (wit::TypeId id : ordered_structs()) {
    const wit::TypeDef& type = types_.resolve().type(id);
    const auto* found = std::get_if<wit::Record>(&type.kind);
    out +=
        found != nullptr ? record(type, *found) : variant(type, std::get<wit::Variant>(type.kind));
  }
  return out;
}

std::string GuestTypesWriter::abi_base(wit::TypeId id) {
  const wit::TypeDef& type = types_.resolve().type(id);
  const std::string name = types_.named(id, scope_.side);
  std::string parts;
  if (const auto* found = std::get_if<wit::Record>(&type.kind)) {
    for (const wit::Field& field : found->fields) {
      parts += fmt::format(", &{}::{}", name, snake_case(field.name));
    }
    return fmt::format("RecordAbi<{}{}>", name, parts);
  }
  if (const auto* found = std::get_if<wit::Flags>(&type.kind)) {
    for (const wit::Label& label : found->flags) {
      parts += fmt::format(", &{}::{}", name, snake_case(label.name));
    }
    return fmt::format("FlagsAbi<{}{}>", name, parts);
  }
  for (const wit::Case& item : std::get<wit::Variant>(type.kind).cases) {
    parts += fmt::format(", {}::{}", name, case_struct(item.name, type.name));
  }
  return fmt::format("VariantAbi<{}{}>", name, parts);
}

std::string GuestTypesWriter::abi() {
  std::vector<wit::TypeId> ordered;
  for (wit::TypeId id : scope_.types) {
    if (std::holds_alternative<wit::Flags>(types_.resolve().type(id).kind)) ordered.push_back(id);
  }
  for (wit::TypeId id : ordered_structs()) ordered.push_back(id);
  std::string out;
  for (wit::TypeId id : ordered) {
    out += fmt::format("template <>\nstruct spindle::abi::Abi<{}>\n    : spindle::abi::{} {{}};\n",
                       types_.named(id, scope_.side), abi_base(id));
  }
  return out;
}

}  // namespace spindle::bindgen
