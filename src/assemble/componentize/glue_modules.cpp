#include "assemble/componentize/glue_modules.h"

#include <fmt/format.h>

#include "base/byte_writer.h"
#include "component/binary/core_writer.h"

namespace spindle::assemble {
namespace {

using component::CoreFuncType;

constexpr uint8_t kFuncRef = 0x70;

enum Section : uint8_t {
  kTypes = 1,
  kImports = 2,
  kFunctions = 3,
  kTables = 4,
  kExports = 7,
  kStart = 8,
  kElements = 9,
  kCode = 10,
};

ByteWriter preamble() {
  static constexpr uint8_t kPreamble[] = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
  ByteWriter module;
  module.bytes(kPreamble);
  return module;
}

void write_types(ByteWriter& types, std::span<const CoreFuncType* const> functions) {
  for (const auto* function : functions) {
    component::CoreSubType type;
    type.composite = *function;
    component::write_core_rec_group(types, {{type}});
  }
}

// A table of exactly `count` functions.
void write_table_type(ByteWriter& writer, size_t count) {
  writer.u8(kFuncRef);
  writer.u8(0x01);
  writer.leb_u64(count);
  writer.leb_u64(count);
}

// Pushes its parameters and calls through slot `index`, whose type has the same number.
void write_shim_body(ByteWriter& code, const CoreFuncType& type, uint32_t index) {
  ByteWriter body;
  body.leb_u32(0);
  for (uint32_t i = 0; i < type.params.size(); ++i) {
    body.u8(0x20);
    body.leb_u32(i);
  }
  body.u8(0x41);
  body.leb_s32(static_cast<int32_t>(index));
  body.u8(0x11);
  body.leb_u32(index);
  body.leb_u32(0);
  body.u8(0x0b);
  code.sized(body);
}

}  // namespace

std::vector<uint8_t> shim_module(std::span<const CoreFuncType* const> types) {
  ByteWriter type_section;
  ByteWriter functions;
  ByteWriter exports;
  ByteWriter code;
  auto count = static_cast<uint32_t>(types.size());
  type_section.leb_u32(count);
  functions.leb_u32(count);
  exports.leb_u32(count + 1);
  code.leb_u32(count);
  write_types(type_section, types);
  for (uint32_t i = 0; i < count; ++i) {
    functions.leb_u32(i);
    exports.name(fmt::format("{}", i));
    exports.u8(0x00);
    exports.leb_u32(i);
    write_shim_body(code, *types[i], i);
  }
  exports.name(kShimTable);
  exports.u8(0x01);
  exports.leb_u32(0);
  ByteWriter tables;
  tables.leb_u32(1);
  write_table_type(tables, count);
  auto module = preamble();
  module.section(kTypes, type_section);
  module.section(kFunctions, functions);
  module.section(kTables, tables);
  module.section(kExports, exports);
  module.section(kCode, code);
  return module.take();
}

std::vector<uint8_t> fixup_module(std::span<const CoreFuncType* const> types, FixupInit init) {
  auto count = static_cast<uint32_t>(types.size());
  bool calls_init = init == FixupInit::CallInit;
  ByteWriter type_section;
  type_section.leb_u32(count + 1);
  write_types(type_section, types);
  component::CoreFuncType nothing;
  const CoreFuncType* init_type = &nothing;
  write_types(type_section, {&init_type, 1});

  ByteWriter imports;
  imports.leb_u32(count + (count > 0 ? 1 : 0) + (calls_init ? 1 : 0));
  auto import_function = [&](std::string_view name, uint32_t type) {
    imports.name("");
    imports.name(name);
    imports.u8(0x00);
    imports.leb_u32(type);
  };
  for (uint32_t i = 0; i < count; ++i) import_function(fmt::format("{}", i), i);
  if (calls_init) import_function(kFixupInit, count);
  auto module = preamble();
  if (count > 0) {
    imports.name("");
    imports.name(kShimTable);
    imports.u8(0x01);
    write_table_type(imports, count);
  }
  module.section(kTypes, type_section);
  module.section(kImports, imports);
  if (calls_init) {
    ByteWriter start;
    start.leb_u32(count);
    module.section(kStart, start);
  }
  if (count > 0) {
    // One active segment of functions 0 to count - 1, at 0.
    static constexpr uint8_t kAtZero[] = {0x00, 0x41, 0x00, 0x0b};
    ByteWriter elements;
    elements.leb_u32(1);
    elements.bytes(kAtZero);
    elements.leb_u32(count);
    for (uint32_t i = 0; i < count; ++i) elements.leb_u32(i);
    module.section(kElements, elements);
  }
  return module.take();
}

std::vector<uint8_t> realloc_module() {
  // (module
  //   (import "" "memory" (memory 0))
  //   (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32)
  //         (param $size i32) (result i32) (local $page i32)
  //     (if (i32.or (local.get $old) (local.get $old_size)) (then unreachable))
  //     (local.set $page (memory.grow
  //       (i32.add (i32.shr_u (local.get $size) (i32.const 16))
  //                (i32.ne (i32.and (local.get $size) (i32.const 0xffff)) (i32.const 0)))))
  //     (if (i32.eq (local.get $page) (i32.const -1)) (then unreachable))
  //     (i32.shl (local.get $page) (i32.const 16))))
  static constexpr uint8_t kType[] = {0x01, 0x60, 0x04, 0x7f, 0x7f, 0x7f, 0x7f, 0x01, 0x7f};
  static constexpr uint8_t kBody[] = {
      0x01, 0x01, 0x7f, 0x20, 0x00, 0x20, 0x01, 0x72, 0x04, 0x40, 0x00, 0x0b, 0x20, 0x03, 0x41,
      0x10, 0x76, 0x20, 0x03, 0x41, 0xff, 0xff, 0x03, 0x71, 0x41, 0x00, 0x47, 0x6a, 0x40, 0x00,
      0x22, 0x04, 0x41, 0x7f, 0x46, 0x04, 0x40, 0x00, 0x0b, 0x20, 0x04, 0x41, 0x10, 0x74, 0x0b};
  auto module = preamble();
  ByteWriter types;
  types.bytes(kType);
  module.section(kTypes, types);
  ByteWriter imports;
  imports.leb_u32(1);
  imports.name("");
  imports.name("memory");
  imports.u8(0x02);
  imports.u8(0x00);
  imports.leb_u32(0);
  module.section(kImports, imports);
  ByteWriter functions;
  functions.leb_u32(1);
  functions.leb_u32(0);
  module.section(kFunctions, functions);
  ByteWriter exports;
  exports.leb_u32(1);
  exports.name("cabi_realloc");
  exports.u8(0x00);
  exports.leb_u32(0);
  module.section(kExports, exports);
  ByteWriter code;
  code.leb_u32(1);
  code.sized(kBody);
  module.section(kCode, code);
  return module.take();
}

}  // namespace spindle::assemble
