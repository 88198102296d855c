#include "component/binary/encode.h"

#include "base/byte_writer.h"
#include "base/overloaded.h"
#include "component/binary/canon_writer.h"
#include "component/binary/core_writer.h"
#include "component/binary/limits.h"
#include "component/binary/type_writer.h"

namespace spindle::component {
namespace {

enum Section : uint8_t {
  kCustom = 0,
  kCoreModule = 1,
  kCoreInstance = 2,
  kCoreType = 3,
  kComponent = 4,
  kInstance = 5,
  kAlias = 6,
  kType = 7,
  kCanon = 8,
  kImport = 10,
  kExport = 11,
};

Section section_of(const Definition& definition) {
  return std::visit(
      Overloaded{[](const CoreModuleDef&) { return kCoreModule; },
                 [](const CoreInstantiateDef&) { return kCoreInstance; },
                 [](const CoreInlineExportsDef&) { return kCoreInstance; },
                 [](const CoreTypeDef&) { return kCoreType; },
                 [](const NestedComponentDef&) { return kComponent; },
                 [](const InstantiateDef&) { return kInstance; },
                 [](const InlineExportsDef&) { return kInstance; },
                 [](const AliasDef&) { return kAlias; }, [](const TypeDef&) { return kType; },
                 [](const CanonDef&) { return kCanon; }, [](const ImportDef&) { return kImport; },
                 [](const ExportDef&) { return kExport; }},
      definition.kind);
}

// Writes the content of one definition.
class DefinitionWriter {
 public:
  explicit DefinitionWriter(ByteWriter& writer) : writer_(writer) {}

  void operator()(const CoreModuleDef& module) { writer_.bytes(module.bytes); }
  void operator()(const CoreInstantiateDef& def) {
    writer_.u8(0x00);
    writer_.leb_u32(def.module.value);
    writer_.leb_u64(def.args.size());
    for (const auto& arg : def.args) {
      writer_.name(arg.name);
      writer_.u8(0x12);
      writer_.leb_u32(arg.instance.value);
    }
  }
  void operator()(const CoreInlineExportsDef& def) {
    writer_.u8(0x01);
    writer_.leb_u64(def.exports.size());
    for (const auto& item : def.exports) {
      writer_.name(item.name);
      writer_.u8(static_cast<uint8_t>(item.item.sort));
      writer_.leb_u32(item.item.index);
    }
  }
  void operator()(const CoreTypeDef& type) { write_core_type_def(writer_, type); }
  void operator()(const NestedComponentDef& nested) {
    writer_.bytes(encode_component(*nested.component));
  }
  void operator()(const InstantiateDef& def) {
    writer_.u8(0x00);
    writer_.leb_u32(def.component.value);
    writer_.leb_u64(def.args.size());
    for (const auto& arg : def.args) {
      writer_.name(arg.name);
      write_sort_index(writer_, arg.item);
    }
  }
  void operator()(const InlineExportsDef& def) {
    writer_.u8(0x01);
    writer_.leb_u64(def.exports.size());
    for (const auto& item : def.exports) {
      write_extern_name(writer_, item.name);
      write_sort_index(writer_, item.item);
    }
  }
  void operator()(const AliasDef& alias) { write_alias(writer_, alias); }
  void operator()(const TypeDef& type) { write_type_def(writer_, type); }
  void operator()(const CanonDef& canon) { write_canon(writer_, canon); }
  void operator()(const ImportDef& import) { write_import(writer_, import); }
  void operator()(const ExportDef& def) {
    write_extern_name(writer_, def.name);
    write_sort_index(writer_, def.item);
    writer_.u8(def.ascription ? 1 : 0);
    if (def.ascription) write_extern_desc(writer_, *def.ascription);
  }

 private:
  ByteWriter& writer_;
};

using Definitions = std::span<const Definition>;

// As many definitions as go into one section with the first.
Definitions first_section(Definitions definitions) {
  auto id = section_of(definitions.front());
  if (id == kCoreModule || id == kComponent) return definitions.first(1);
  size_t count = 1;
  while (count < definitions.size() && section_of(definitions[count]) == id) ++count;
  return definitions.first(count);
}

void write_section(ByteWriter& writer, Definitions definitions) {
  auto id = section_of(definitions.front());
  ByteWriter content;
  if (id != kCoreModule && id != kComponent) content.leb_u64(definitions.size());
  for (const auto& definition : definitions) std::visit(DefinitionWriter(content), definition.kind);
  writer.section(id, content);
}

// As many names as go into one subsection with the first.
std::span<const ItemName> first_names(std::span<const ItemName> items) {
  size_t count = 1;
  while (count < items.size() && count < kMaxTypes &&
         items[count].item.sort == items[0].item.sort) {
    ++count;
  }
  return items.first(count);
}

void write_names(ByteWriter& writer, const ComponentNames& names) {
  if (names.component.empty() && names.items.empty()) return;
  ByteWriter content;
  content.name("component-name");
  if (!names.component.empty()) {
    ByteWriter name;
    name.name(names.component);
    content.section(0, name);
  }
  for (std::span<const ItemName> rest = names.items; !rest.empty();) {
    auto group = first_names(rest);
    ByteWriter part;
    write_sort(part, group[0].item.sort);
    part.leb_u64(group.size());
    for (const auto& item : group) {
      part.leb_u32(item.item.index);
      part.name(item.name);
    }
    content.section(1, part);
    rest = rest.subspan(group.size());
  }
  writer.section(kCustom, content);
}

}  // namespace

std::vector<uint8_t> encode_component(const Component& component) {
  static constexpr uint8_t kPreamble[] = {0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00};
  ByteWriter writer;
  writer.bytes(kPreamble);
  for (Definitions rest = component.definitions; !rest.empty();) {
    auto section = first_section(rest);
    write_section(writer, section);
    rest = rest.subspan(section.size());
  }
  write_names(writer, component.names);
  return writer.take();
}

}  // namespace spindle::component
