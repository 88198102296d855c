#include "wasm/rewrite/module_sections.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/byte_reader.h"

namespace spindle::wasm::rewrite {

namespace {

constexpr size_t kNameLimit = 100'000;
constexpr uint32_t kItemLimit = 1'000'000;
constexpr uint64_t kModuleBytesLimit = uint64_t{1} << 31;
constexpr uint8_t kHeader[] = {0, 'a', 's', 'm', 1, 0, 0, 0};

Error unknown(const ByteReader& reader, uint32_t code, std::string_view what) {
  return Error::invalid_input(fmt::format("unknown code 0x{:02x}, expected {}", code, what))
      .with_offset(reader.offset() - 1);
}

class SectionReader {
 public:
  explicit SectionReader(Bytes bytes) { module_.bytes = bytes; }
  Result<ModuleSections> read();

 private:
  Result<void> section(uint8_t id, ByteReader& reader);
  Result<void> entry(uint8_t id, ByteReader& reader);
  Result<void> custom(ByteReader& reader);
  Result<void> import(ByteReader& reader);
  Result<void> import_group(ByteReader& reader, std::string_view module, uint8_t form);
  Result<ItemKind> import_type(ByteReader& reader);
  Result<void> add_import(const ByteReader& reader, ModuleImport import);
  Result<void> table(ByteReader& reader);
  Result<void> table_type(ByteReader& reader, ModuleTable& table);
  Result<void> memory(ByteReader& reader);
  Result<void> global_type(ByteReader& reader);
  Result<void> tag(ByteReader& reader);
  Result<void> exported(ByteReader& reader);
  Result<void> element(ByteReader& reader);
  Result<void> element_items(ByteReader& reader, ElementSegment& segment);
  Result<void> data(ByteReader& reader);
  Result<void> check() const;

  Result<Bytes> initializer(ByteReader& reader);
  Result<Bytes> value_type(ByteReader& reader);
  Result<SizeLimits> limits(ByteReader& reader, uint8_t flags);
  Result<uint32_t> count(ByteReader& reader);
  // From `begin` to where `reader` is.
  Bytes since(uint64_t begin, const ByteReader& reader) const {
    return module_.bytes.subspan(begin, reader.offset() - begin);
  }

  ModuleSections module_;
  References scratch_;
};

// Entries take at least a byte each.
Result<uint32_t> SectionReader::count(ByteReader& reader) {
  auto value = TRY(reader.leb_u32());
  if (value > reader.remaining()) {
    return reader.error(fmt::format("{} entries in {} bytes", value, reader.remaining()));
  }
  return value;
}

Result<Bytes> SectionReader::initializer(ByteReader& reader) {
  scratch_.list.clear();
  scratch_.constant_calls.clear();
  auto length = TRY(decode_initializer(reader.rest(), reader.offset(), scratch_));
  return reader.bytes(length);
}

Result<Bytes> SectionReader::value_type(ByteReader& reader) {
  scratch_.list.clear();
  auto length = TRY(decode_value_type(reader.rest(), reader.offset(), scratch_));
  return reader.bytes(length);
}

Result<SizeLimits> SectionReader::limits(ByteReader& reader, uint8_t flags) {
  SizeLimits limits;
  limits.is_shared = (flags & 2) != 0;
  limits.is_64 = (flags & 4) != 0;
  auto bound = [&]() -> Result<uint64_t> {
    if (limits.is_64) return reader.leb_u64();
    auto value = TRY(reader.leb_u32());
    return uint64_t{value};
  };
  limits.minimum = TRY(bound());
  if ((flags & 1) != 0) limits.maximum = TRY(bound());
  return limits;
}

Result<void> SectionReader::table_type(ByteReader& reader, ModuleTable& table) {
  table.element_type = TRY(value_type(reader));
  uint64_t begin = reader.offset();
  auto flags = TRY(reader.u8());
  if (flags > 7) return unknown(reader, flags, "flags of a table");
  table.size = TRY(limits(reader, flags));
  table.limits = since(begin, reader);
  return {};
}

Result<void> SectionReader::table(ByteReader& reader) {
  ModuleTable table;
  auto code = TRY(reader.peek());
  const bool has_initializer = code == 0x40;
  if (has_initializer) TRY(reader.bytes(2));
  TRY(table_type(reader, table));
  if (has_initializer) table.initializer = TRY(initializer(reader));
  module_.tables.push_back(table);
  return {};
}

Result<void> SectionReader::memory(ByteReader& reader) {
  ModuleMemory memory;
  uint64_t begin = reader.offset();
  auto flags = TRY(reader.u8());
  if (flags > 15) return unknown(reader, flags, "flags of a memory");
  memory.size = TRY(limits(reader, flags));
  if ((flags & 8) != 0) memory.page_size_log2 = TRY(reader.leb_u32());
  if (memory.page_size_log2 > 63) return reader.error("page size of a memory is too large");
  memory.type = since(begin, reader);
  module_.memories.push_back(memory);
  return {};
}

Result<void> SectionReader::global_type(ByteReader& reader) {
  ModuleGlobal global;
  global.value_type = TRY(value_type(reader));
  global.flags = TRY(reader.u8());
  if (global.flags > 3) return unknown(reader, global.flags, "flags of a global");
  module_.globals.push_back(global);
  return {};
}

Result<void> SectionReader::tag(ByteReader& reader) {
  auto attribute = TRY(reader.u8());
  if (attribute != 0) return unknown(reader, attribute, "the attribute of a tag");
  auto type = TRY(reader.leb_u32());
  module_.tags.push_back(type);
  return {};
}

Result<ItemKind> SectionReader::import_type(ByteReader& reader) {
  auto code = TRY(reader.u8());
  switch (code) {
    case 0x00:
    case 0x20: {
      auto type = TRY(reader.leb_u32());
      module_.functions.push_back(type);
      return ItemKind::Func;
    }
    case 0x01: {
      ModuleTable table;
      TRY(table_type(reader, table));
      module_.tables.push_back(table);
      return ItemKind::Table;
    }
    case 0x02: TRY(memory(reader)); return ItemKind::Memory;
    case 0x03: TRY(global_type(reader)); return ItemKind::Global;
    case 0x04: TRY(tag(reader)); return ItemKind::Tag;
    default: return unknown(reader, code, "the kind of an import");
  }
}

Result<void> SectionReader::add_import(const ByteReader& reader, ModuleImport import) {
  if (module_.imports.size() >= kItemLimit) {
    return Error::limit_exceeded(fmt::format("more than {} imports", kItemLimit))
        .with_offset(reader.offset());
  }
  auto& imported = module_.imported[static_cast<size_t>(import.kind)];
  import.index = imported++;
  module_.imports.push_back(import);
  return {};
}

// The compact encodings: names that share their module, and perhaps their type too.
Result<void> SectionReader::import_group(ByteReader& reader, std::string_view module,
                                         uint8_t form) {
  std::optional<ByteReader> shared;
  if (form == 0x7e) {
    shared = reader;
    // Read once here to get past it; each import reads it again.
    ModuleSections saved;
    std::swap(saved, module_);
    module_.bytes = saved.bytes;
    auto kind = import_type(reader);
    std::swap(saved, module_);
    if (!kind) return kind.take_error();
  }
  auto names = TRY(count(reader));
  for (uint32_t i = 0; i < names; ++i) {
    auto name = TRY(reader.name(kNameLimit));
    ByteReader type = shared ? *shared : reader;
    auto kind = TRY(import_type(type));
    if (!shared) reader = type;
    TRY(add_import(reader, {module, name, kind, 0}));
  }
  return {};
}

Result<void> SectionReader::import(ByteReader& reader) {
  auto module = TRY(reader.name(kNameLimit));
  auto name = TRY(reader.name(kNameLimit));
  auto form = TRY(reader.peek());
  if (name.empty() && (form == 0x7e || form == 0x7f)) {
    TRY(reader.u8());
    return import_group(reader, module, form);
  }
  auto kind = TRY(import_type(reader));
  return add_import(reader, {module, name, kind, 0});
}

Result<void> SectionReader::exported(ByteReader& reader) {
  ModuleExport item;
  item.name = TRY(reader.name(kNameLimit));
  auto kind = TRY(reader.u8());
  if (kind >= kItemKinds) return unknown(reader, kind, "the kind of an export");
  item.kind = static_cast<ItemKind>(kind);
  item.index = TRY(reader.leb_u32());
  module_.exports.push_back(item);
  return {};
}

Result<void> SectionReader::element_items(ByteReader& reader, ElementSegment& segment) {
  segment.count = TRY(count(reader));
  uint64_t begin = reader.offset();
  for (uint32_t i = 0; i < segment.count; ++i) {
    if (segment.element_type.empty()) {
      TRY(reader.leb_u32());
    } else {
      TRY(initializer(reader));
    }
  }
  segment.items = since(begin, reader);
  return {};
}

// A nullable reference to a function, the type that some forms leave out.
constexpr uint8_t kFuncRef[] = {0x70};

Result<void> SectionReader::element(ByteReader& reader) {
  ElementSegment segment;
  auto form = TRY(reader.leb_u32());
  if (form > 7) return unknown(reader, form, "the form of an element segment");
  const bool is_active = (form & 1) == 0;
  const bool is_explicit = (form & 2) != 0;
  if (is_active) {
    segment.mode = SegmentMode::Active;
    if (is_explicit) segment.table = TRY(reader.leb_u32());
    segment.offset = TRY(initializer(reader));
  } else {
    segment.mode = is_explicit ? SegmentMode::Declared : SegmentMode::Passive;
  }
  if ((form & 4) != 0) segment.element_type = Bytes(kFuncRef);
  if ((form & 3) != 0) {
    if ((form & 4) != 0) {
      segment.element_type = TRY(value_type(reader));
    } else {
      auto kind = TRY(reader.u8());
      if (kind != 0) return unknown(reader, kind, "the kind of elements");
    }
  }
  TRY(element_items(reader, segment));
  module_.elements.push_back(segment);
  return {};
}

Result<void> SectionReader::data(ByteReader& reader) {
  DataSegment segment;
  auto form = TRY(reader.leb_u32());
  if (form > 2) return unknown(reader, form, "the form of a data segment");
  if (form != 1) {
    segment.mode = SegmentMode::Active;
    if (form == 2) segment.memory = TRY(reader.leb_u32());
    segment.offset = TRY(initializer(reader));
  }
  auto size = TRY(reader.leb_u32());
  segment.content = TRY(reader.bytes(size));
  module_.data.push_back(segment);
  return {};
}

Result<void> SectionReader::entry(uint8_t id, ByteReader& reader) {
  switch (id) {
    case 2: return import(reader);
    case 3: {
      auto type = TRY(reader.leb_u32());
      module_.functions.push_back(type);
      return {};
    }
    case 4: return table(reader);
    case 5: return memory(reader);
    case 6: {
      TRY(global_type(reader));
      module_.globals.back().initializer = TRY(initializer(reader));
      return {};
    }
    case 7: return exported(reader);
    case 9: return element(reader);
    case 10: {
      auto size = TRY(reader.leb_u32());
      auto body = TRY(reader.bytes(size));
      module_.bodies.push_back(body);
      return {};
    }
    case 11: return data(reader);
    default: return tag(reader);
  }
}

Result<void> SectionReader::custom(ByteReader& reader) {
  CustomSection section;
  section.name = TRY(reader.name(kNameLimit));
  section.content = reader.rest();
  module_.custom.push_back(section);
  return {};
}

Result<void> SectionReader::section(uint8_t id, ByteReader& reader) {
  switch (id) {
    case 0: return custom(reader);
    case 1: module_.types = reader.rest(); return {};
    case 8: module_.start = TRY(reader.leb_u32()); break;
    case 12: TRY(reader.leb_u32()); break;
    default: {
      if (id > 13) return unknown(reader, id, "a section");
      auto entries = TRY(count(reader));
      if (entries > kItemLimit) return reader.error("too many entries in a section");
      for (uint32_t i = 0; i < entries; ++i) TRY(entry(id, reader));
    }
  }
  if (reader.at_end()) return {};
  return reader.error(fmt::format("{} bytes too many in section {}", reader.remaining(), id));
}

Result<void> SectionReader::check() const {
  if (module_.functions.size() - module_.imported_count(ItemKind::Func) != module_.bodies.size()) {
    return Error::invalid_input("as many functions as function bodies are expected");
  }
  for (const ModuleExport& item : module_.exports) {
    if (item.index < module_.count(item.kind)) continue;
    return Error::invalid_input(fmt::format("export `{}` refers to {} {}, there are {}", item.name,
                                            to_string(item.kind), item.index,
                                            module_.count(item.kind)));
  }
  if (module_.start && *module_.start >= module_.functions.size()) {
    return Error::invalid_input(fmt::format("start function {} does not exist", *module_.start));
  }
  for (const ElementSegment& segment : module_.elements) {
    if (segment.mode == SegmentMode::Active && segment.table >= module_.tables.size()) {
      return Error::invalid_input(fmt::format("elements of unknown table {}", segment.table));
    }
  }
  for (const DataSegment& segment : module_.data) {
    if (segment.mode == SegmentMode::Active && segment.memory >= module_.memories.size()) {
      return Error::invalid_input(fmt::format("data of unknown memory {}", segment.memory));
    }
  }
  return {};
}

// The order of sections, which is not that of their ids.
constexpr uint8_t position_of(uint8_t id) {
  constexpr uint8_t kPositions[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};
  return kPositions[id];
}

Result<ModuleSections> SectionReader::read() {
  if (module_.bytes.size() > kModuleBytesLimit) {
    return Error::limit_exceeded(fmt::format("module of {} bytes, at most {} are allowed",
                                             module_.bytes.size(), kModuleBytesLimit));
  }
  ByteReader reader(module_.bytes);
  auto header = TRY(reader.bytes(sizeof kHeader));
  if (!std::equal(header.begin(), header.end(), kHeader)) {
    return Error::invalid_input("not a core module").with_offset(0);
  }
  uint8_t last = 0;
  while (!reader.at_end()) {
    auto id = TRY(reader.u8());
    if (id > 13) return unknown(reader, id, "a section");
    auto size = TRY(reader.leb_u32());
    auto content = TRY(reader.take(size));
    if (id != 0) {
      if (position_of(id) <= last) return content.error(fmt::format("section {} out of order", id));
      last = position_of(id);
    }
    TRY(section(id, content));
  }
  TRY(check());
  return std::move(module_);
}

}  // namespace

std::string_view to_string(ItemKind kind) {
  switch (kind) {
    case ItemKind::Func: return "function";
    case ItemKind::Table: return "table";
    case ItemKind::Memory: return "memory";
    case ItemKind::Global: return "global";
    case ItemKind::Tag: return "tag";
  }
  return "unknown";
}

uint32_t ModuleSections::count(ItemKind kind) const {
  switch (kind) {
    case ItemKind::Func: return static_cast<uint32_t>(functions.size());
    case ItemKind::Table: return static_cast<uint32_t>(tables.size());
    case ItemKind::Memory: return static_cast<uint32_t>(memories.size());
    case ItemKind::Global: return static_cast<uint32_t>(globals.size());
    case ItemKind::Tag: return static_cast<uint32_t>(tags.size());
  }
  return 0;
}

// Of a view that is not of the module (an implied type) zero.
uint64_t ModuleSections::offset_of(Bytes part) const {
  std::less<const uint8_t*> before;
  if (part.empty() || before(part.data(), bytes.data()) ||
      !before(part.data(), bytes.data() + bytes.size())) {
    return 0;
  }
  return static_cast<uint64_t>(part.data() - bytes.data());
}

Result<ModuleSections> read_module_sections(Bytes bytes) {
  return SectionReader(bytes).read();
}

}  // namespace spindle::wasm::rewrite
