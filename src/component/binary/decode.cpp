#include "component/binary/decode.h"

#include <fmt/format.h>

#include <array>

#include "base/byte_reader.h"
#include "component/binary/canon_reader.h"
#include "component/binary/core_reader.h"
#include "component/binary/item_budget.h"
#include "component/binary/limits.h"
#include "component/binary/names_section.h"
#include "component/binary/type_reader.h"

namespace spindle::component {
namespace {

constexpr std::array<uint8_t, 4> kMagic = {0x00, 0x61, 0x73, 0x6d};
constexpr uint16_t kComponentVersion = 0x0d;
constexpr uint16_t kComponentLayer = 1;

Result<BinaryKind> read_preamble(ByteReader& reader) {
  auto magic = TRY(reader.bytes(kMagic.size()));
  if (!std::equal(magic.begin(), magic.end(), kMagic.begin())) {
    return Error::invalid_input("not a WebAssembly binary, its first bytes are wrong")
        .with_offset(reader.offset() - kMagic.size());
  }
  auto version = TRY(reader.u16_le());
  auto layer = TRY(reader.u16_le());
  if (version == 1 && layer == 0) return BinaryKind::CoreModule;
  if (version == kComponentVersion && layer == kComponentLayer) return BinaryKind::Component;
  return Error::invalid_input(
             fmt::format("unknown WebAssembly version 0x{:x}, layer {}; expected a component, "
                         "version 0x{:x}, layer {}",
                         version, layer, kComponentVersion, kComponentLayer))
      .with_offset(reader.offset() - 4);
}

Result<InstantiateArg> read_instantiate_arg(ByteReader& reader) {
  auto name = TRY(read_name(reader));
  auto item = TRY(read_sort_index(reader));
  return InstantiateArg{name, item};
}

Result<InlineExport> read_inline_export(ByteReader& reader) {
  auto name = TRY(read_extern_name(reader));
  auto item = TRY(read_sort_index(reader));
  return InlineExport{name, item};
}

Result<CoreInstantiateArg> read_core_instantiate_arg(ByteReader& reader) {
  auto name = TRY(read_name(reader));
  auto sort = TRY(reader.u8());
  if (sort != 0x12) return unknown_code(reader, sort, "the sort of a core instance");
  CoreInstanceIndex instance{TRY(reader.leb_u32())};
  return CoreInstantiateArg{name, instance};
}

Result<CoreInlineExport> read_core_inline_export(ByteReader& reader) {
  auto name = TRY(read_name(reader));
  auto sort = TRY(reader.u8());
  if (sort > 4) return unknown_code(reader, sort, "the sort of a core export");
  auto index = TRY(reader.leb_u32());
  return CoreInlineExport{name, {static_cast<Sort>(sort), index}};
}

// Decodes one component, and those nested in it.
class ComponentDecoder {
 public:
  ComponentDecoder(std::shared_ptr<const void> owner, ItemBudget& budget, size_t depth)
      : budget_(budget), depth_(depth) {
    component_.owner = std::move(owner);
  }

  Result<Component> decode(ByteReader reader);

 private:
  Result<void> read_section(uint8_t id, ByteReader section);
  Result<void> read_custom(ByteReader& section);
  Result<void> read_module(ByteReader& section);
  Result<void> read_nested(ByteReader& section);
  Result<void> read_definitions(uint8_t id, ByteReader& section);
  Result<void> read_definition(uint8_t id, ByteReader& section);
  Result<void> read_core_instance(ByteReader& section);
  Result<void> read_instance(ByteReader& section);
  Result<void> read_export(ByteReader& section);
  Result<void> append(uint64_t offset, decltype(Definition::kind) kind, size_t limit);

  Component component_;
  ItemBudget& budget_;
  size_t depth_;
  // How many definitions of each kind there are.
  std::array<size_t, std::variant_size_v<decltype(Definition::kind)>> counts_{};
};

Result<void> ComponentDecoder::append(uint64_t offset, decltype(Definition::kind) kind,
                                      size_t limit) {
  if (++counts_[kind.index()] > limit) {
    return Error::limit_exceeded(fmt::format("more than {} definitions of a kind", limit))
        .with_offset(offset);
  }
  TRY(budget_.take(1, offset));
  component_.definitions.push_back(Definition{offset, std::move(kind)});
  return {};
}

Result<Component> ComponentDecoder::decode(ByteReader reader) {
  component_.offset = reader.offset();
  component_.bytes = reader.rest();
  auto kind = TRY(read_preamble(reader));
  if (kind != BinaryKind::Component) {
    return Error::invalid_input("expected a component, found a core module")
        .with_offset(component_.offset);
  }
  while (!reader.at_end()) {
    auto id = TRY(reader.u8());
    if (id > 12) return unknown_code(reader, id, "a section");
    auto size = TRY(reader.leb_u32());
    auto section = TRY(reader.take(size));
    TRY(read_section(id, section));
  }
  return std::move(component_);
}

Result<void> ComponentDecoder::read_section(uint8_t id, ByteReader section) {
  switch (id) {
    case 0: return read_custom(section);
    case 1: return read_module(section);
    case 4: return read_nested(section);
    case 9:
    case 12: return values_not_supported(section.offset());
    default: break;
  }
  TRY(read_definitions(id, section));
  if (!section.at_end()) {
    return section.error(fmt::format("{} bytes too many in section {}", section.remaining(), id));
  }
  return {};
}

Result<void> ComponentDecoder::read_custom(ByteReader& section) {
  auto name = TRY(read_name(section));
  if (name == "component-name") read_names_section(section, component_.names);
  return {};
}

Result<void> ComponentDecoder::read_module(ByteReader& section) {
  auto offset = section.offset();
  auto bytes = section.rest();
  auto kind = TRY(read_preamble(section));
  if (kind != BinaryKind::CoreModule) {
    return Error::invalid_input("expected a core module, found a component").with_offset(offset);
  }
  return append(offset, CoreModuleDef{bytes}, kMaxCoreModules);
}

Result<void> ComponentDecoder::read_nested(ByteReader& section) {
  auto offset = section.offset();
  // A component is larger than other definitions.
  TRY(budget_.take(4, offset));
  if (depth_ + 1 >= kMaxComponentDepth) {
    return Error::limit_exceeded(
               fmt::format("components nest deeper than {} levels", kMaxComponentDepth))
        .with_offset(offset);
  }
  auto nested = TRY(ComponentDecoder(component_.owner, budget_, depth_ + 1).decode(section));
  auto shared = std::make_shared<const Component>(std::move(nested));
  return append(offset, NestedComponentDef{std::move(shared)}, kMaxComponents);
}

Result<void> ComponentDecoder::read_definitions(uint8_t id, ByteReader& section) {
  auto count = TRY(read_count(section, kMaxTypes, "definitions"));
  for (uint32_t i = 0; i < count; ++i) TRY(read_definition(id, section));
  return {};
}

Result<void> ComponentDecoder::read_definition(uint8_t id, ByteReader& section) {
  auto offset = section.offset();
  switch (id) {
    case 2: return read_core_instance(section);
    case 3: {
      auto type = TRY(read_core_type_def(section, budget_));
      return append(offset, std::move(type), kMaxTypes);
    }
    case 5: return read_instance(section);
    case 6: {
      auto alias = TRY(read_alias(section));
      return append(offset, alias, kMaxCoreItems);
    }
    case 7: {
      auto type = TRY(read_type_def(section, budget_));
      return append(offset, std::move(type), kMaxTypes);
    }
    case 8: {
      auto canon = TRY(read_canon(section));
      return append(offset, canon, kMaxFunctions);
    }
    case 10: {
      auto import = TRY(read_import(section));
      return append(offset, import, kMaxImports);
    }
    default: return read_export(section);
  }
}

Result<void> ComponentDecoder::read_core_instance(ByteReader& section) {
  auto offset = section.offset();
  auto form = TRY(section.u8());
  if (form == 0x00) {
    CoreModuleIndex module{TRY(section.leb_u32())};
    auto args = TRY(read_vector(section, kMaxInstantiationArgs, "instantiation arguments",
                                read_core_instantiate_arg));
    return append(offset, CoreInstantiateDef{module, std::move(args)}, kMaxInstances);
  }
  if (form != 0x01) return unknown_code(section, form, "a core instance");
  auto exports =
      TRY(read_vector(section, kMaxInlineExports, "inline exports", read_core_inline_export));
  return append(offset, CoreInlineExportsDef{std::move(exports)}, kMaxInstances);
}

Result<void> ComponentDecoder::read_instance(ByteReader& section) {
  auto offset = section.offset();
  auto form = TRY(section.u8());
  if (form == 0x00) {
    ComponentIndex component{TRY(section.leb_u32())};
    auto args = TRY(read_vector(section, kMaxInstantiationArgs, "instantiation arguments",
                                read_instantiate_arg));
    return append(offset, InstantiateDef{component, std::move(args)}, kMaxInstances);
  }
  if (form != 0x01) return unknown_code(section, form, "an instance");
  auto exports = TRY(read_vector(section, kMaxInlineExports, "inline exports", read_inline_export));
  return append(offset, InlineExportsDef{std::move(exports)}, kMaxInstances);
}

Result<void> ComponentDecoder::read_export(ByteReader& section) {
  auto offset = section.offset();
  ExportDef def;
  def.name = TRY(read_extern_name(section));
  auto item_offset = section.offset();
  def.item = TRY(read_sort_index(section));
  if (def.item.sort == Sort::Value) return values_not_supported(item_offset);
  auto ascribed = TRY(read_flag(section, "the presence of a type ascription"));
  if (ascribed) def.ascription = TRY(read_extern_desc(section));
  return append(offset, def, kMaxExports);
}

}  // namespace

Result<BinaryKind> detect_binary_kind(std::span<const uint8_t> bytes) {
  ByteReader reader(bytes);
  return read_preamble(reader);
}

Result<Component> decode_component(SharedBytes bytes) {
  ItemBudget budget(bytes.bytes.size());
  return ComponentDecoder(std::move(bytes.owner), budget, 0).decode(ByteReader(bytes.bytes));
}

}  // namespace spindle::component
