#include "bindgen/declarations.h"

#include <fmt/format.h>

#include "bindgen/function_writer.h"
#include "bindgen/names.h"

namespace spindle::bindgen {

std::string_view primitive_name(wit::Primitive primitive) {
  switch (primitive) {
    case wit::Primitive::Bool: return "bool";
    case wit::Primitive::U8: return "uint8_t";
    case wit::Primitive::U16: return "uint16_t";
    case wit::Primitive::U32: return "uint32_t";
    case wit::Primitive::U64: return "uint64_t";
    case wit::Primitive::S8: return "int8_t";
    case wit::Primitive::S16: return "int16_t";
    case wit::Primitive::S32: return "int32_t";
    case wit::Primitive::S64: return "int64_t";
    case wit::Primitive::F32: return "float";
    case wit::Primitive::F64: return "double";
    case wit::Primitive::Char: return "char32_t";
    case wit::Primitive::String: return "std::string";
    case wit::Primitive::ErrorContext: break;
  }
  return "";
}

std::string equality(std::string_view name, std::string_view indent) {
  return fmt::format("{}bool operator==(const {}&) const = default;\n", indent, name);
}

std::string enum_declaration(const wit::TypeDef& type, const wit::Enum& enumeration) {
  const size_t count = enumeration.cases.size();
  const char* base = count <= 256 ? "uint8_t" : count <= 65536 ? "uint16_t" : "uint32_t";
  std::string out = comment(type.docs, "");
  out += fmt::format("enum class {} : {} {{\n", camel_case(type.name), base);
  for (const wit::Label& label : enumeration.cases) {
    out += comment(label.docs, "  ") + fmt::format("  {},\n", camel_case(label.name));
  }
  return out + "};\n\n";
}

std::string flags_declaration(const wit::TypeDef& type, const wit::Flags& flags) {
  const std::string name = camel_case(type.name);
  std::string out = comment(type.docs, "") + fmt::format("struct {} {{\n", name);
  for (const wit::Label& label : flags.flags) {
    out += comment(label.docs, "  ") + fmt::format("  bool {} = false;\n", snake_case(label.name));
  }
  return out + "\n" + equality(name, "  ") + "};\n\n";
}

}  // namespace spindle::bindgen
