#include "wasm/start_section.h"

#include <optional>

#include "base/byte_reader.h"

namespace spindle::wasm {

namespace {

constexpr uint8_t kExportSection = 7;
constexpr uint8_t kStartSection = 8;
constexpr uint8_t kFuncExport = 0;
constexpr size_t kHeaderBytes = 8;

// Where a new export goes if the module has no export section: before the first of these.
constexpr bool follows_exports(uint8_t id) {
  return id == kStartSection || id == 9 || id == 10 || id == 11 || id == 12;
}

struct Section {
  uint8_t id = 0;
  std::span<const uint8_t> whole;
  std::span<const uint8_t> content;
};

struct Outline {
  std::vector<Section> sections;
  std::optional<uint32_t> start_function;
};

Result<Outline> read_outline(std::span<const uint8_t> bytes) {
  static constexpr uint8_t kHeader[kHeaderBytes] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  ByteReader reader(bytes);
  auto header = TRY(reader.bytes(kHeaderBytes));
  if (!std::equal(header.begin(), header.end(), kHeader)) return reader.error("not a core module");
  Outline outline;
  while (!reader.at_end()) {
    uint64_t begin = reader.offset();
    Section section;
    section.id = TRY(reader.u8());
    auto size = TRY(reader.leb_u32());
    section.content = TRY(reader.bytes(size));
    section.whole = bytes.subspan(begin, reader.offset() - begin);
    if (section.id == kStartSection) {
      ByteReader content(section.content);
      auto function = TRY(content.leb_u32());
      if (!content.at_end() || outline.start_function) return reader.error("bad start section");
      outline.start_function = function;
    }
    outline.sections.push_back(section);
  }
  return outline;
}

void append(std::vector<uint8_t>& out, std::span<const uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_leb(std::vector<uint8_t>& out, uint64_t value) {
  do {
    auto byte = static_cast<uint8_t>(value & 0x7f);
    value >>= 7;
    out.push_back(value ? byte | 0x80 : byte);
  } while (value);
}

// An export section: the old one's entries, then ours.
void append_exports(std::vector<uint8_t>& out, uint64_t old_count,
                    std::span<const uint8_t> old_entries, std::span<const uint8_t> entry) {
  std::vector<uint8_t> content;
  append_leb(content, old_count + 1);
  append(content, old_entries);
  append(content, entry);
  out.push_back(kExportSection);
  append_leb(out, content.size());
  append(out, content);
}

Result<std::vector<uint8_t>> rewrite(std::span<const uint8_t> bytes, const Outline& outline,
                                     std::string_view name) {
  std::vector<uint8_t> entry;
  append_leb(entry, name.size());
  entry.insert(entry.end(), name.begin(), name.end());
  entry.push_back(kFuncExport);
  append_leb(entry, *outline.start_function);

  std::vector<uint8_t> out;
  out.reserve(bytes.size() + entry.size() + 16);
  append(out, bytes.first(kHeaderBytes));
  bool is_added = false;
  for (const Section& section : outline.sections) {
    if (section.id == kExportSection && !is_added) {
      ByteReader content(section.content);
      auto count = TRY(content.leb_u32());
      append_exports(out, count, content.rest(), entry);
      is_added = true;
      continue;
    }
    if (!is_added && follows_exports(section.id)) {
      append_exports(out, 0, {}, entry);
      is_added = true;
    }
    if (section.id != kStartSection) append(out, section.whole);
  }
  return out;
}

}  // namespace

bool has_start_section(std::span<const uint8_t> bytes) {
  auto outline = read_outline(bytes);
  return outline && outline->start_function.has_value();
}

std::vector<uint8_t> extract_start(std::span<const uint8_t> bytes, std::string_view name) {
  auto outline = read_outline(bytes);
  if (outline && outline->start_function) {
    auto rewritten = rewrite(bytes, *outline, name);
    if (rewritten) return rewritten.take_value();
  }
  return {bytes.begin(), bytes.end()};
}

}  // namespace spindle::wasm
