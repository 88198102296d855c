#include "assemble/componentize/core_part.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "component/binary/limits.h"

namespace spindle::assemble {
namespace {

constexpr size_t kPreambleBytes = 8;
constexpr uint32_t kProducersMax = 1000;
constexpr uint8_t kImportSection = 2;

bool is_component_type(std::string_view name) {
  return name == "component-type" || name.starts_with("component-type:");
}

struct Section {
  uint8_t id = 0;
  std::span<const uint8_t> whole;  // with id and length
  ByteReader content;
};

Result<Section> read_section(ByteReader& reader) {
  Section section;
  auto rest = reader.rest();
  section.id = TRY(reader.u8());
  auto size = TRY(reader.leb_u32());
  section.content = TRY(reader.take(size));
  section.whole = rest.first(rest.size() - reader.remaining());
  return section;
}

Result<void> read_producers(ByteReader& section, std::vector<Producer>& producers) {
  auto fields = TRY(section.leb_u32());
  for (uint32_t i = 0; i < fields; ++i) {
    auto field = TRY(section.name(component::kMaxNameBytes));
    auto values = TRY(section.leb_u32());
    for (uint32_t j = 0; j < values; ++j) {
      auto name = TRY(section.name(component::kMaxNameBytes));
      auto version = TRY(section.name(component::kMaxNameBytes));
      if (producers.size() == kProducersMax) return section.error("too many producers");
      producers.push_back({field, name, version});
    }
  }
  return {};
}

Result<void> skip_limits(ByteReader& reader) {
  constexpr uint8_t kHasMax = 1;
  constexpr uint8_t kHasPageSize = 8;
  const auto flags = TRY(reader.u8());
  TRY(reader.leb_u64());
  if ((flags & kHasMax) != 0) TRY(reader.leb_u64());
  if ((flags & kHasPageSize) != 0) TRY(reader.leb_u32());
  return {};
}

// Of a value; references to a type have a second part.
Result<void> skip_type(ByteReader& reader) {
  const auto form = TRY(reader.u8());
  if (form == 0x63 || form == 0x64) TRY(reader.leb_u64());
  return {};
}

// What an import is, after its names.
Result<void> skip_import(ByteReader& reader) {
  const auto kind = TRY(reader.u8());
  if (kind == 0) TRY(reader.leb_u32());
  if (kind == 0) return {};
  if (kind == 1) TRY(skip_type(reader));
  if (kind == 1 || kind == 2) return skip_limits(reader);
  if (kind == 3) TRY(skip_type(reader));
  TRY(reader.u8());
  if (kind == 4) TRY(reader.leb_u32());
  return {};
}

Result<ByteWriter> rename_imports(ByteReader section, std::span<const std::string_view> names) {
  ByteWriter renamed;
  const auto count = TRY(section.leb_u32());
  VERIFY(count == names.size());
  renamed.leb_u32(count);
  for (const auto name : names) {
    renamed.name(TRY(section.name(component::kMaxNameBytes)));
    TRY(section.name(component::kMaxNameBytes));
    renamed.name(name);
    const auto rest = section.rest();
    TRY(skip_import(section));
    renamed.bytes(rest.first(rest.size() - section.remaining()));
  }
  return renamed;
}

}  // namespace

const component::CoreExternType* CorePart::find_export(std::string_view wanted) const {
  auto found = exports.find(wanted);
  return found == exports.end() ? nullptr : found->second;
}

bool CorePart::exports_function(std::string_view wanted) const {
  const auto* found = find_export(wanted);
  return found != nullptr && std::holds_alternative<component::CoreFuncUse>(*found);
}

Result<const component::CoreFuncType*> CorePart::function_type(uint32_t type) const {
  if (type < types.size()) {
    const auto* function = std::get_if<component::CoreFuncType>(&types[type]->composite);
    if (function != nullptr) return function;
  }
  return Error::invalid_input(fmt::format("core type {} is not a function type", type));
}

Result<CorePart> read_core_part(std::string_view name, std::span<const uint8_t> bytes) {
  CorePart part;
  part.name = name;
  part.bytes = bytes;
  part.interface = TRY(component::read_core_module(bytes, 0));
  for (const auto& group : part.interface.types) {
    for (const auto& type : group.types) part.types.push_back(&type);
  }
  for (const auto& item : part.interface.exports) part.exports.emplace(item.name, &item.type);
  return part;
}

Result<CoreCustomSections> read_custom_sections(std::span<const uint8_t> module) {
  CoreCustomSections found;
  ByteReader reader(module);
  TRY(reader.bytes(kPreambleBytes));
  while (!reader.at_end()) {
    auto section = TRY(read_section(reader));
    if (section.id != 0) continue;
    auto name = TRY(section.content.name(component::kMaxNameBytes));
    if (is_component_type(name)) found.has_component_types = true;
    // It only informs: what was read before a mistake is kept.
    if (name == "producers") (void)read_producers(section.content, found.producers);
  }
  return found;
}

Result<std::vector<uint8_t>> without_component_types(std::span<const uint8_t> module) {
  ByteReader reader(module);
  auto preamble = TRY(reader.bytes(kPreambleBytes));
  std::vector<uint8_t> kept(preamble.begin(), preamble.end());
  kept.reserve(module.size());
  while (!reader.at_end()) {
    auto section = TRY(read_section(reader));
    if (section.id == 0) {
      auto name = TRY(section.content.name(component::kMaxNameBytes));
      if (is_component_type(name)) continue;
    }
    kept.insert(kept.end(), section.whole.begin(), section.whole.end());
  }
  return kept;
}

Result<std::vector<uint8_t>> with_import_names(std::span<const uint8_t> module,
                                               std::span<const std::string_view> names) {
  ByteReader reader(module);
  ByteWriter out;
  out.bytes(TRY(reader.bytes(kPreambleBytes)));
  while (!reader.at_end()) {
    auto section = TRY(read_section(reader));
    if (section.id != kImportSection) {
      out.bytes(section.whole);
      continue;
    }
    const auto renamed = TRY(rename_imports(section.content, names));
    out.section(kImportSection, renamed);
  }
  return out.take();
}

}  // namespace spindle::assemble
