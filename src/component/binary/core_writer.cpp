#include "component/binary/core_writer.h"

#include "base/overloaded.h"

namespace spindle::component {
namespace {

uint8_t number_code(CoreValueKind kind) {
  switch (kind) {
    case CoreValueKind::I32: return 0x7f;
    case CoreValueKind::I64: return 0x7e;
    case CoreValueKind::F32: return 0x7d;
    case CoreValueKind::F64: return 0x7c;
    default: return 0x7b;
  }
}

void write_heap_type(ByteWriter& writer, const CoreValueType& type) {
  if (type.exact) writer.u8(0x62);
  if (type.shared) writer.u8(0x65);
  if (type.heap == CoreHeapKind::Concrete) {
    writer.leb_s64(type.heap_type);
  } else {
    writer.u8(static_cast<uint8_t>(type.heap));
  }
}

void write_limits(ByteWriter& writer, const CoreLimits& limits, uint8_t more_flags) {
  auto flags = static_cast<unsigned>(more_flags) | (limits.maximum ? 1U : 0U) |
               (limits.is_shared ? 2U : 0U) | (limits.is_64 ? 4U : 0U);
  writer.u8(static_cast<uint8_t>(flags));
  writer.leb_u64(limits.minimum);
  if (limits.maximum) writer.leb_u64(*limits.maximum);
}

void write_memory_type(ByteWriter& writer, const CoreMemoryType& type) {
  bool custom_pages = type.page_size_log2 != 16;
  write_limits(writer, type.limits, custom_pages ? 8 : 0);
  if (custom_pages) writer.leb_u32(type.page_size_log2);
}

void write_value_types(ByteWriter& writer, const std::vector<CoreValueType>& types) {
  writer.leb_u64(types.size());
  for (const auto& type : types) write_core_value_type(writer, type);
}

void write_field(ByteWriter& writer, const CoreFieldType& field) {
  if (field.packed_bits == 0) {
    write_core_value_type(writer, field.type);
  } else {
    writer.u8(field.packed_bits == 8 ? 0x78 : 0x77);
  }
  writer.u8(field.is_mutable ? 1 : 0);
}

// Whether the short form, which has no supertypes, says everything.
bool is_plain(const CoreSubType& type) {
  return type.is_final && type.supertypes.empty();
}

void write_sub_type(ByteWriter& writer, const CoreSubType& type) {
  if (!is_plain(type)) {
    writer.u8(type.is_final ? 0x4f : 0x50);
    writer.leb_u64(type.supertypes.size());
    for (auto supertype : type.supertypes) writer.leb_u32(supertype);
  }
  if (type.is_shared) writer.u8(0x65);
  std::visit(Overloaded{[&](const CoreFuncType& function) {
                          writer.u8(0x60);
                          write_value_types(writer, function.params);
                          write_value_types(writer, function.results);
                        },
                        [&](const CoreStructType& record) {
                          writer.u8(0x5f);
                          writer.leb_u64(record.fields.size());
                          for (const auto& field : record.fields) write_field(writer, field);
                        },
                        [&](const CoreArrayType& array) {
                          writer.u8(0x5e);
                          write_field(writer, array.element);
                        },
                        [&](const CoreContType& continuation) {
                          writer.u8(0x5d);
                          writer.leb_u32(continuation.function_type);
                        }},
             type.composite);
}

void write_module_declarator(ByteWriter& writer, const ModuleDeclarator& declarator) {
  std::visit(Overloaded{[&](const CoreImportDecl& import) {
                          writer.u8(0x00);
                          writer.name(import.module);
                          writer.name(import.name);
                          write_core_extern_type(writer, import.type);
                        },
                        [&](const CoreRecGroup& group) {
                          writer.u8(0x01);
                          write_core_rec_group(writer, group);
                        },
                        [&](const CoreOuterAlias& alias) {
                          writer.u8(0x02);
                          writer.u8(0x10);
                          writer.u8(0x01);
                          writer.leb_u32(alias.count);
                          writer.leb_u32(alias.index);
                        },
                        [&](const CoreExportDecl& item) {
                          writer.u8(0x03);
                          writer.name(item.name);
                          write_core_extern_type(writer, item.type);
                        }},
             declarator.kind);
}

}  // namespace

void write_core_value_type(ByteWriter& writer, const CoreValueType& type) {
  if (type.kind != CoreValueKind::Reference) {
    writer.u8(number_code(type.kind));
    return;
  }
  bool has_short_form = type.nullable && !type.exact && type.heap != CoreHeapKind::Concrete;
  if (!has_short_form) writer.u8(type.nullable ? 0x63 : 0x64);
  write_heap_type(writer, type);
}

void write_core_rec_group(ByteWriter& writer, const CoreRecGroup& group) {
  if (group.types.size() != 1) {
    writer.u8(0x4e);
    writer.leb_u64(group.types.size());
  }
  for (const auto& type : group.types) write_sub_type(writer, type);
}

void write_core_extern_type(ByteWriter& writer, const CoreExternType& type) {
  std::visit(Overloaded{[&](const CoreFuncUse& function) {
                          writer.u8(function.exact ? 0x20 : 0x00);
                          writer.leb_u32(function.type);
                        },
                        [&](const CoreTableType& table) {
                          writer.u8(0x01);
                          write_core_value_type(writer, table.element);
                          write_limits(writer, table.limits, 0);
                        },
                        [&](const CoreMemoryType& memory) {
                          writer.u8(0x02);
                          write_memory_type(writer, memory);
                        },
                        [&](const CoreGlobalType& global) {
                          writer.u8(0x03);
                          write_core_value_type(writer, global.type);
                          auto flags = (global.is_mutable ? 1U : 0U) | (global.is_shared ? 2U : 0U);
                          writer.u8(static_cast<uint8_t>(flags));
                        },
                        [&](const CoreTagUse& tag) {
                          writer.u8(0x04);
                          writer.u8(0x00);
                          writer.leb_u32(tag.type);
                        }},
             type);
}

void write_core_type_def(ByteWriter& writer, const CoreTypeDef& def) {
  if (const auto* module = std::get_if<ModuleTypeDef>(&def.kind)) {
    writer.u8(0x50);
    writer.leb_u64(module->declarators.size());
    for (const auto& declarator : module->declarators) write_module_declarator(writer, declarator);
    return;
  }
  const auto& group = std::get<CoreRecGroup>(def.kind);
  // The code of a sub type that is not final means a module type here.
  bool ambiguous = group.types.size() == 1 && !group.types[0].is_final;
  if (ambiguous) writer.u8(0x00);
  write_core_rec_group(writer, group);
}

}  // namespace spindle::component
