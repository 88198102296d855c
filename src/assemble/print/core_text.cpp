#include "assemble/print/core_text.h"

#include <fmt/format.h>

namespace spindle::assemble {

using component::CoreHeapKind;
using component::CoreValueKind;

namespace {

std::string_view heap_name(CoreHeapKind kind) {
  switch (kind) {
    case CoreHeapKind::Exn: return "exn";
    case CoreHeapKind::Array: return "array";
    case CoreHeapKind::Struct: return "struct";
    case CoreHeapKind::I31: return "i31";
    case CoreHeapKind::Eq: return "eq";
    case CoreHeapKind::Any: return "any";
    case CoreHeapKind::Extern: return "extern";
    case CoreHeapKind::Func: return "func";
    case CoreHeapKind::None: return "none";
    case CoreHeapKind::NoExtern: return "noextern";
    case CoreHeapKind::NoFunc: return "nofunc";
    case CoreHeapKind::NoExn: return "noexn";
    case CoreHeapKind::Cont: return "cont";
    case CoreHeapKind::NoCont: return "nocont";
    case CoreHeapKind::Concrete: break;
  }
  return "";
}

std::string reference_text(const component::CoreValueType& type) {
  std::string heap = type.heap == CoreHeapKind::Concrete ? fmt::format("{}", type.heap_type)
                                                         : std::string(heap_name(type.heap));
  if (type.exact) heap = fmt::format("(exact {})", heap);
  if (type.shared) heap = fmt::format("(shared {})", heap);
  return fmt::format("(ref {}{})", type.nullable ? "null " : "", heap);
}

std::string limits_text(const component::CoreLimits& limits) {
  std::string text = limits.is_64 ? "i64 " : "";
  text += fmt::format("{}", limits.minimum);
  if (limits.maximum) text += fmt::format(" {}", *limits.maximum);
  if (limits.is_shared) text += " shared";
  return text;
}

std::string field_text(const component::CoreFieldType& field) {
  std::string text =
      field.packed_bits != 0 ? fmt::format("i{}", field.packed_bits) : core_text(field.type);
  return field.is_mutable ? fmt::format("(mut {})", text) : text;
}

std::string composite_text(const component::CoreSubType& type) {
  if (const auto* func = std::get_if<component::CoreFuncType>(&type.composite)) {
    return fmt::format("(func{})", core_signature(*func));
  }
  if (const auto* fields = std::get_if<component::CoreStructType>(&type.composite)) {
    std::string text = "(struct";
    for (const auto& field : fields->fields) text += fmt::format(" (field {})", field_text(field));
    return text + ")";
  }
  if (const auto* array = std::get_if<component::CoreArrayType>(&type.composite)) {
    return fmt::format("(array {})", field_text(array->element));
  }
  return fmt::format("(cont {})", std::get<component::CoreContType>(type.composite).function_type);
}

struct ExternTextOf {
  std::string operator()(const component::CoreFuncUse& use) const {
    return use.exact ? fmt::format("(func (exact (type {})))", use.type)
                     : fmt::format("(func (type {}))", use.type);
  }
  std::string operator()(const component::CoreTableType& table) const {
    return fmt::format("(table {} {})", limits_text(table.limits), core_text(table.element));
  }
  std::string operator()(const component::CoreMemoryType& memory) const {
    std::string text = limits_text(memory.limits);
    if (memory.page_size_log2 != 16 && memory.page_size_log2 < 64) {
      text += fmt::format(" (pagesize {})", uint64_t{1} << memory.page_size_log2);
    }
    return fmt::format("(memory {})", text);
  }
  std::string operator()(const component::CoreGlobalType& global) const {
    std::string text = core_text(global.type);
    if (global.is_mutable) text = "mut " + text;
    if (global.is_shared) text = "shared " + text;
    if (global.is_mutable || global.is_shared) text = fmt::format("({})", text);
    return fmt::format("(global {})", text);
  }
  std::string operator()(const component::CoreTagUse& tag) const {
    return fmt::format("(tag (type {}))", tag.type);
  }
};

}  // namespace

std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || byte < 0x20 || byte > 0x7e) {
      made += fmt::format("\\{:02x}", byte);
    } else {
      made += c;
    }
  }
  return made + "\"";
}

std::string core_text(const component::CoreValueType& type) {
  switch (type.kind) {
    case CoreValueKind::I32: return "i32";
    case CoreValueKind::I64: return "i64";
    case CoreValueKind::F32: return "f32";
    case CoreValueKind::F64: return "f64";
    case CoreValueKind::V128: return "v128";
    case CoreValueKind::Reference: break;
  }
  return reference_text(type);
}

std::string core_signature(const component::CoreFuncType& type) {
  auto list = [](std::string_view word, const std::vector<component::CoreValueType>& types) {
    if (types.empty()) return std::string();
    std::string text = fmt::format(" ({}", word);
    for (const auto& each : types) text += " " + core_text(each);
    return text + ")";
  };
  return list("param", type.params) + list("result", type.results);
}

std::string core_text(const component::CoreSubType& type) {
  std::string text = composite_text(type);
  if (type.is_shared) text = fmt::format("(shared {})", text);
  if (type.is_final && type.supertypes.empty()) return text;
  std::string head = type.is_final ? "(sub final" : "(sub";
  for (auto supertype : type.supertypes) head += fmt::format(" {}", supertype);
  return fmt::format("{} {})", head, text);
}

std::string core_text(const component::CoreExternType& type) {
  return std::visit(ExternTextOf{}, type);
}

}  // namespace spindle::assemble
