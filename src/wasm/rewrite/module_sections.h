#pragma once

// ModuleSections: a core module taken apart into its sections' entries. Views of the module's
// bytes, which must outlive it; code, segments and initializers are found but not decoded.
//
// Index spaces are as the format has them: imports first. Indices of exports, segments and the
// start function are in bounds; those inside code and types are not looked at. Imports in the
// compact encodings (names or types shared by several) come out as plain ones.
//
// read_module_sections() is also for those who only want to know imports, exports and custom
// sections of a module.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/rewrite/references.h"

namespace spindle::wasm::rewrite {

// The codes of the binary format.
enum class ItemKind : uint8_t { Func, Table, Memory, Global, Tag };
inline constexpr size_t kItemKinds = 5;
std::string_view to_string(ItemKind kind);

struct ModuleImport {
  std::string_view module;
  std::string_view name;
  ItemKind kind = ItemKind::Func;
  uint32_t index = 0;  // in the index space of its kind
};

struct ModuleExport {
  std::string_view name;
  ItemKind kind = ItemKind::Func;
  uint32_t index = 0;
};

struct SizeLimits {
  uint64_t minimum = 0;
  std::optional<uint64_t> maximum;
  bool is_64 = false;
  bool is_shared = false;
};

struct ModuleTable {
  Bytes element_type;
  Bytes limits;  // as encoded, with flags
  SizeLimits size;
  Bytes initializer;  // may be empty
};

struct ModuleMemory {
  Bytes type;
  SizeLimits size;  // in pages
  uint32_t page_size_log2 = 16;
};

struct ModuleGlobal {
  Bytes value_type;
  uint8_t flags = 0;  // bit 0: mutable, bit 1: shared
  Bytes initializer;  // empty for an import
  bool is_mutable() const { return (flags & 1) != 0; }
};

enum class SegmentMode : uint8_t { Active, Passive, Declared };

struct ElementSegment {
  SegmentMode mode = SegmentMode::Passive;
  uint32_t table = 0;
  Bytes offset;        // an initializer, of an active segment
  Bytes element_type;  // empty: functions by index
  uint32_t count = 0;
  Bytes items;  // indices, or initializers if there is an element type
};

struct DataSegment {
  SegmentMode mode = SegmentMode::Passive;
  uint32_t memory = 0;
  Bytes offset;
  Bytes content;
};

struct CustomSection {
  std::string_view name;
  Bytes content;
};

struct ModuleSections {
  Bytes bytes;
  Bytes types;  // content of the type section
  std::vector<ModuleImport> imports;
  std::vector<uint32_t> functions;  // type of each
  std::vector<ModuleTable> tables;
  std::vector<ModuleMemory> memories;
  std::vector<ModuleGlobal> globals;
  std::vector<uint32_t> tags;  // type of each
  std::vector<ModuleExport> exports;
  std::optional<uint32_t> start;
  std::vector<ElementSegment> elements;
  std::vector<Bytes> bodies;  // of the functions that are not imported
  std::vector<DataSegment> data;
  std::vector<CustomSection> custom;
  // How many of each kind are imported.
  std::array<uint32_t, kItemKinds> imported{};

  uint32_t count(ItemKind kind) const;
  uint32_t imported_count(ItemKind kind) const { return imported[static_cast<size_t>(kind)]; }
  // Where a view into the module begins, for messages.
  uint64_t offset_of(Bytes part) const;
};

Result<ModuleSections> read_module_sections(Bytes bytes);

}  // namespace spindle::wasm::rewrite
