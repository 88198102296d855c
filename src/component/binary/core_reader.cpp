#include "component/binary/core_reader.h"

#include <fmt/format.h>

#include "component/binary/limits.h"

namespace spindle::component {

Error unknown_code(const ByteReader& reader, uint8_t code, std::string_view what) {
  return Error::invalid_input(fmt::format("unknown code 0x{:02x}, expected {}", code, what))
      .with_offset(reader.offset() - 1);
}

Result<uint32_t> read_count(ByteReader& reader, size_t limit, std::string_view what) {
  auto start = reader.offset();
  auto count = TRY(reader.leb_u32());
  if (count > limit) {
    return Error::limit_exceeded(fmt::format("{} {}, at most {} are allowed", count, what, limit))
        .with_offset(start);
  }
  if (count > reader.remaining()) {
    return Error::invalid_input(fmt::format("unexpected end of input, expected {} {}", count, what))
        .with_offset(start);
  }
  return count;
}

Result<std::string_view> read_name(ByteReader& reader) {
  return reader.name(kMaxNameBytes);
}

Result<bool> read_flag(ByteReader& reader, std::string_view what) {
  auto byte = TRY(reader.u8());
  if (byte > 1) return unknown_code(reader, byte, fmt::format("0 or 1 for {}", what));
  return byte == 1;
}

namespace {

// Codes of abstract heap types, without the shared prefix.
std::optional<CoreHeapKind> find_heap_kind(uint8_t code) {
  if (code >= 0x68 && code <= 0x75) return static_cast<CoreHeapKind>(code);
  return std::nullopt;
}

Result<CoreValueType> read_heap_type(ByteReader& reader, CoreValueType type) {
  type.kind = CoreValueKind::Reference;
  auto code = TRY(reader.peek());
  if (code == 0x62) {
    TRY(reader.u8());
    type.exact = true;
    code = TRY(reader.peek());
  } else if (code == 0x65) {
    TRY(reader.u8());
    type.shared = true;
    code = TRY(reader.peek());
  }
  if (auto kind = find_heap_kind(code)) {
    TRY(reader.u8());
    type.heap = *kind;
    return type;
  }
  auto index = TRY(reader.leb_s33());
  if (index < 0) return reader.error("unknown heap type");
  type.heap = CoreHeapKind::Concrete;
  type.heap_type = static_cast<uint32_t>(index);
  return type;
}

std::optional<CoreValueKind> find_number_kind(uint8_t code) {
  switch (code) {
    case 0x7f: return CoreValueKind::I32;
    case 0x7e: return CoreValueKind::I64;
    case 0x7d: return CoreValueKind::F32;
    case 0x7c: return CoreValueKind::F64;
    case 0x7b: return CoreValueKind::V128;
    default: return std::nullopt;
  }
}

Result<CoreLimits> read_limits(ByteReader& reader, uint8_t flags) {
  CoreLimits limits;
  limits.is_shared = (flags & 2) != 0;
  limits.is_64 = (flags & 4) != 0;
  // 64 bits for any index type; validation checks the range.
  limits.minimum = TRY(reader.leb_u64());
  if ((flags & 1) != 0) limits.maximum = TRY(reader.leb_u64());
  return limits;
}

Result<std::vector<CoreValueType>> read_core_value_types(ByteReader& reader) {
  return read_vector(reader, kMaxCoreFunctionValues, "core function values", read_core_value_type);
}

Result<CoreFieldType> read_field_type(ByteReader& reader) {
  CoreFieldType field;
  auto code = TRY(reader.peek());
  if (code == 0x78 || code == 0x77) {
    TRY(reader.u8());
    field.packed_bits = code == 0x78 ? 8 : 16;
  } else {
    field.type = TRY(read_core_value_type(reader));
  }
  field.is_mutable = TRY(read_flag(reader, "mutability"));
  return field;
}

Result<CoreStructType> read_struct_type(ByteReader& reader) {
  CoreStructType type;
  type.fields = TRY(read_vector(reader, kMaxCoreStructFields, "struct fields", read_field_type));
  return type;
}

Result<void> read_composite_type(ByteReader& reader, CoreSubType& type) {
  auto code = TRY(reader.u8());
  if (code == 0x65) {
    type.is_shared = true;
    code = TRY(reader.u8());
  }
  switch (code) {
    case 0x60: {
      CoreFuncType function;
      function.params = TRY(read_core_value_types(reader));
      function.results = TRY(read_core_value_types(reader));
      type.composite = std::move(function);
      return {};
    }
    case 0x5f: type.composite = TRY(read_struct_type(reader)); return {};
    case 0x5e: {
      auto element = TRY(read_field_type(reader));
      type.composite = CoreArrayType{element};
      return {};
    }
    case 0x5d: {
      auto function = TRY(reader.leb_u32());
      type.composite = CoreContType{function};
      return {};
    }
    default: return unknown_code(reader, code, "a core type");
  }
}

Result<CoreSubType> read_sub_type(ByteReader& reader) {
  CoreSubType type;
  auto code = TRY(reader.peek());
  if (code == 0x50 || code == 0x4f) {
    TRY(reader.u8());
    type.is_final = code == 0x4f;
    type.supertypes = TRY(read_vector(reader, kMaxCoreSupertypes, "supertypes",
                                      [](ByteReader& from) { return from.leb_u32(); }));
  }
  TRY(read_composite_type(reader, type));
  return type;
}

Result<ModuleDeclarator> read_module_declarator(ByteReader& reader) {
  ModuleDeclarator declarator;
  declarator.offset = reader.offset();
  auto code = TRY(reader.u8());
  switch (code) {
    case 0: {
      auto module = TRY(read_name(reader));
      auto name = TRY(read_name(reader));
      auto type = TRY(read_core_extern_type(reader));
      declarator.kind = CoreImportDecl{module, name, type};
      return declarator;
    }
    case 1: declarator.kind = TRY(read_core_rec_group(reader)); return declarator;
    case 2: {
      auto sort = TRY(reader.u8());
      if (sort != 0x10) return unknown_code(reader, sort, "the core type sort of an outer alias");
      auto target = TRY(reader.u8());
      if (target != 1) return unknown_code(reader, target, "an outer alias");
      auto count = TRY(reader.leb_u32());
      auto index = TRY(reader.leb_u32());
      declarator.kind = CoreOuterAlias{count, index};
      return declarator;
    }
    case 3: {
      auto name = TRY(read_name(reader));
      auto type = TRY(read_core_extern_type(reader));
      declarator.kind = CoreExportDecl{name, type};
      return declarator;
    }
    default: return unknown_code(reader, code, "a module type declarator");
  }
}

}  // namespace

Result<CoreValueType> read_core_reference_type(ByteReader& reader) {
  auto code = TRY(reader.peek());
  CoreValueType type;
  if (code == 0x63 || code == 0x64) {
    TRY(reader.u8());
    type.nullable = code == 0x63;
    return read_heap_type(reader, type);
  }
  type.nullable = true;
  if (code == 0x65 || find_heap_kind(code)) return read_heap_type(reader, type);
  return Error::invalid_input(fmt::format("unknown core reference type 0x{:02x}", code))
      .with_offset(reader.offset());
}

Result<CoreValueType> read_core_value_type(ByteReader& reader) {
  auto code = TRY(reader.peek());
  if (auto kind = find_number_kind(code)) {
    TRY(reader.u8());
    CoreValueType type;
    type.kind = *kind;
    return type;
  }
  return read_core_reference_type(reader);
}

Result<CoreTableType> read_core_table_type(ByteReader& reader) {
  CoreTableType type;
  type.element = TRY(read_core_reference_type(reader));
  auto flags = TRY(reader.u8());
  if (flags > 7) return unknown_code(reader, flags, "flags of a table");
  type.limits = TRY(read_limits(reader, flags));
  return type;
}

Result<CoreMemoryType> read_core_memory_type(ByteReader& reader) {
  CoreMemoryType type;
  auto flags = TRY(reader.u8());
  if (flags > 15) return unknown_code(reader, flags, "flags of a memory");
  type.limits = TRY(read_limits(reader, flags));
  if ((flags & 8) != 0) type.page_size_log2 = TRY(reader.leb_u32());
  return type;
}

Result<CoreGlobalType> read_core_global_type(ByteReader& reader) {
  CoreGlobalType type;
  type.type = TRY(read_core_value_type(reader));
  auto flags = TRY(reader.u8());
  if (flags > 3) return unknown_code(reader, flags, "flags of a global");
  type.is_mutable = (flags & 1) != 0;
  type.is_shared = (flags & 2) != 0;
  return type;
}

Result<CoreTagUse> read_core_tag_type(ByteReader& reader) {
  auto attribute = TRY(reader.u8());
  if (attribute != 0) return unknown_code(reader, attribute, "the attribute of a tag");
  auto type = TRY(reader.leb_u32());
  return CoreTagUse{type};
}

Result<CoreRecGroup> read_core_rec_group(ByteReader& reader) {
  CoreRecGroup group;
  auto code = TRY(reader.peek());
  if (code == 0x4e) {
    TRY(reader.u8());
    group.types = TRY(read_vector(reader, kMaxTypes, "types of a rec group", read_sub_type));
  } else {
    auto type = TRY(read_sub_type(reader));
    group.types.push_back(std::move(type));
  }
  return group;
}

Result<CoreExternType> read_core_extern_type(ByteReader& reader) {
  auto code = TRY(reader.u8());
  switch (code) {
    case 0x00:
    case 0x20: {
      auto type = TRY(reader.leb_u32());
      return CoreExternType(CoreFuncUse{type, code == 0x20});
    }
    case 0x01: {
      auto type = TRY(read_core_table_type(reader));
      return CoreExternType(type);
    }
    case 0x02: {
      auto type = TRY(read_core_memory_type(reader));
      return CoreExternType(type);
    }
    case 0x03: {
      auto type = TRY(read_core_global_type(reader));
      return CoreExternType(type);
    }
    case 0x04: {
      auto type = TRY(read_core_tag_type(reader));
      return CoreExternType(type);
    }
    default: return unknown_code(reader, code, "the kind of a core import or export");
  }
}

Result<CoreTypeDef> read_core_type_def(ByteReader& reader, ItemBudget& budget) {
  CoreTypeDef def;
  auto code = TRY(reader.peek());
  if (code == 0x50) {
    TRY(reader.u8());
    ModuleTypeDef module;
    auto read_one = [&](ByteReader& from) -> Result<ModuleDeclarator> {
      TRY(budget.take(1, from.offset()));
      return read_module_declarator(from);
    };
    module.declarators =
        TRY(read_vector(reader, kMaxModuleTypeDeclarators, "module type declarators", read_one));
    def.kind = std::move(module);
    return def;
  }
  if (code == 0x00) {
    // A sub type that is not final: its own code means a module type here.
    TRY(reader.u8());
    auto next = TRY(reader.peek());
    if (next != 0x50) return reader.error("expected a non-final sub type after 0x00");
  }
  def.kind = TRY(read_core_rec_group(reader));
  return def;
}

}  // namespace spindle::component
