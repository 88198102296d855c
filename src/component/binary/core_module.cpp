#include "component/binary/core_module.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "component/binary/core_reader.h"
#include "component/binary/limits.h"

namespace spindle::component {
namespace {

constexpr size_t kPreambleBytes = 8;

// Numeric constant instructions beside the constants themselves: add, sub, mul of i32 and i64.
bool is_constant_arithmetic(uint8_t opcode) {
  return (opcode >= 0x6a && opcode <= 0x6c) || (opcode >= 0x7c && opcode <= 0x7e);
}

Result<void> skip_gc_instruction(ByteReader& reader) {
  auto opcode = TRY(reader.leb_u32());
  switch (opcode) {
    case 0:
    case 1:
    case 6:
    case 7: TRY(reader.leb_u32()); return {};
    case 8:
      TRY(reader.leb_u32());
      TRY(reader.leb_u32());
      return {};
    case 26:
    case 27:
    case 28: return {};
    default: return reader.error(fmt::format("unknown constant instruction 0xfb {}", opcode));
  }
}

Result<void> skip_vector_constant(ByteReader& reader) {
  auto opcode = TRY(reader.leb_u32());
  if (opcode != 12) return reader.error("unknown constant vector instruction");
  TRY(reader.bytes(16));
  return {};
}

Result<void> skip_constant_expression(ByteReader& reader) {
  for (;;) {
    auto opcode = TRY(reader.u8());
    switch (opcode) {
      case 0x0b: return {};
      case 0x41: TRY(reader.leb_s32()); break;
      case 0x42: TRY(reader.leb_s64()); break;
      case 0x43: TRY(reader.bytes(4)); break;
      case 0x44: TRY(reader.bytes(8)); break;
      case 0x23:
      case 0xd2: TRY(reader.leb_u32()); break;
      // An abstract heap type is a negative number, a shared or exact one takes two bytes.
      case 0xd0: {
        auto prefix = TRY(reader.peek());
        if (prefix == 0x65 || prefix == 0x62) TRY(reader.u8());
        TRY(reader.leb_s33());
        break;
      }
      case 0xfb: TRY(skip_gc_instruction(reader)); break;
      case 0xfd: TRY(skip_vector_constant(reader)); break;
      default:
        if (!is_constant_arithmetic(opcode)) {
          return unknown_code(reader, opcode, "an instruction of a constant expression");
        }
    }
  }
}

class CoreModuleReader {
 public:
  Result<CoreModuleInterface> read(ByteReader reader);

 private:
  Result<void> read_section(uint8_t id, ByteReader& section);
  Result<void> read_import(ByteReader& section);
  Result<void> read_import_group(ByteReader& section, std::string_view module, uint8_t form);
  Result<void> read_table(ByteReader& section);
  Result<void> read_export(ByteReader& section);
  Result<void> add_import(uint64_t offset, const CoreImportDecl& import);
  void add_item(const CoreExternType& type);

  CoreModuleInterface module_;
  // The index spaces of functions, tables, memories, globals and tags.
  std::vector<CoreExternType> items_[5];
};

void CoreModuleReader::add_item(const CoreExternType& type) {
  items_[type.index()].push_back(type);
}

Result<CoreModuleInterface> CoreModuleReader::read(ByteReader reader) {
  TRY(reader.bytes(kPreambleBytes));
  while (!reader.at_end()) {
    auto id = TRY(reader.u8());
    auto size = TRY(reader.leb_u32());
    auto section = TRY(reader.take(size));
    bool declarative = (id >= 1 && id <= 7) || id == 13;
    if (!declarative) continue;
    TRY(read_section(id, section));
    if (!section.at_end()) {
      return section.error(
          fmt::format("{} bytes too many in section {} of a core module", section.remaining(), id));
    }
  }
  return std::move(module_);
}

Result<void> CoreModuleReader::read_section(uint8_t id, ByteReader& section) {
  auto count = TRY(read_count(section, kMaxCoreItems, "core definitions"));
  for (uint32_t i = 0; i < count; ++i) {
    switch (id) {
      case 1: {
        auto group = TRY(read_core_rec_group(section));
        module_.types.push_back(std::move(group));
        break;
      }
      case 2: TRY(read_import(section)); break;
      case 3: {
        auto type = TRY(section.leb_u32());
        add_item(CoreFuncUse{type});
        break;
      }
      case 4: TRY(read_table(section)); break;
      case 5: {
        auto type = TRY(read_core_memory_type(section));
        add_item(type);
        break;
      }
      case 6: {
        auto type = TRY(read_core_global_type(section));
        add_item(type);
        TRY(skip_constant_expression(section));
        break;
      }
      case 7: TRY(read_export(section)); break;
      default: {
        auto type = TRY(read_core_tag_type(section));
        add_item(type);
      }
    }
  }
  return {};
}

Result<void> CoreModuleReader::add_import(uint64_t offset, const CoreImportDecl& import) {
  if (module_.imports.size() >= kMaxImports) {
    return Error::limit_exceeded(fmt::format("more than {} core imports", kMaxImports))
        .with_offset(offset);
  }
  add_item(import.type);
  module_.imports.push_back(import);
  return {};
}

// Imports of one module may share its name, and also their type.
Result<void> CoreModuleReader::read_import_group(ByteReader& section, std::string_view module,
                                                 uint8_t form) {
  std::optional<CoreExternType> shared;
  if (form == 0x7e) shared = TRY(read_core_extern_type(section));
  auto count = TRY(read_count(section, kMaxImports, "core imports"));
  for (uint32_t i = 0; i < count; ++i) {
    auto offset = section.offset();
    auto name = TRY(read_name(section));
    CoreImportDecl import{module, name, {}};
    if (shared) {
      import.type = *shared;
    } else {
      import.type = TRY(read_core_extern_type(section));
    }
    TRY(add_import(offset, import));
  }
  return {};
}

Result<void> CoreModuleReader::read_import(ByteReader& section) {
  auto offset = section.offset();
  auto module = TRY(read_name(section));
  auto name = TRY(read_name(section));
  auto form = TRY(section.peek());
  if (name.empty() && (form == 0x7e || form == 0x7f)) {
    TRY(section.u8());
    return read_import_group(section, module, form);
  }
  auto type = TRY(read_core_extern_type(section));
  return add_import(offset, CoreImportDecl{module, name, type});
}

Result<void> CoreModuleReader::read_table(ByteReader& section) {
  auto code = TRY(section.peek());
  bool has_initializer = code == 0x40;
  if (has_initializer) TRY(section.bytes(2));
  auto type = TRY(read_core_table_type(section));
  add_item(type);
  if (has_initializer) TRY(skip_constant_expression(section));
  return {};
}

Result<void> CoreModuleReader::read_export(ByteReader& section) {
  auto offset = section.offset();
  auto name = TRY(read_name(section));
  auto kind = TRY(section.u8());
  if (kind > 4) return unknown_code(section, kind, "the kind of a core export");
  auto index = TRY(section.leb_u32());
  const auto& space = items_[kind];
  if (index >= space.size()) {
    return Error::invalid_input(fmt::format("core export `{}` refers to item {}, there are {}",
                                            name, index, space.size()))
        .with_offset(offset);
  }
  module_.exports.push_back(CoreExportDecl{name, space[index]});
  return {};
}

}  // namespace

Result<CoreModuleInterface> read_core_module(std::span<const uint8_t> bytes, uint64_t offset) {
  return CoreModuleReader().read(ByteReader(bytes, offset));
}

}  // namespace spindle::component
