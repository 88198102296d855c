// Whether what satisfies an import is of a type that fits: the checks of instantiation.

#include <fmt/format.h>

#include "base/byte_writer.h"
#include "wasm/rewrite/program.h"

namespace spindle::wasm::rewrite {

namespace {

// Within the importer's limits. The sizes are those declared: an import that fits only after growth
// is for whoever instantiates one by one.
bool fits(const SizeLimits& offered, const SizeLimits& wanted) {
  if (offered.is_64 != wanted.is_64 || offered.is_shared != wanted.is_shared) return false;
  if (offered.minimum < wanted.minimum) return false;
  return !wanted.maximum || (offered.maximum && *offered.maximum <= *wanted.maximum);
}

}  // namespace

// A value type with its type index, if any, replaced by the id: the same for same types.
std::optional<std::vector<uint8_t>> Program::same_type_key(uint32_t instance,
                                                           Bytes value_type) const {
  References found;
  if (!decode_value_type(value_type, 0, found)) return std::nullopt;
  ByteWriter key;
  if (found.list.empty()) {
    // The long form of a nullable abstract reference.
    bool is_long = value_type.size() == 2 && value_type[0] == 0x63;
    key.bytes(is_long ? value_type.subspan(1) : value_type);
    return key.take();
  }
  const Reference& reference = found.list.front();
  auto id = type(instance, reference.index);
  if (!id) return std::nullopt;
  key.bytes(value_type.first(reference.offset));
  key.u8(0xff);
  key.u32_fixed(*id);
  return key.take();
}

Result<void> Program::check_link_type(ItemKind kind, ItemId import, ItemId target) const {
  uint32_t importer = owner({node_kind(kind), import});
  uint32_t exporter = owner({node_kind(kind), target});
  auto same = [&](Bytes wanted, Bytes offered) {
    auto key = same_type_key(importer, wanted);
    return key && key == same_type_key(exporter, offered);
  };
  auto mismatch = [&](std::string_view what) {
    return Error::not_supported(
        fmt::format("an imported {} differs in its {}", to_string(kind), what));
  };
  switch (kind) {
    case ItemKind::Func: {
      auto wanted = TRY(function_type(import));
      auto offered = TRY(function_type(target));
      if (!types_.is_subtype(offered, wanted)) return mismatch("type");
      return {};
    }
    case ItemKind::Table:
      if (!same(table(import).element_type, table(target).element_type)) return mismatch("type");
      if (!fits(table(target).size, table(import).size)) return mismatch("limits");
      return {};
    case ItemKind::Memory:
      if (memory(import).page_size_log2 != memory(target).page_size_log2) {
        return mismatch("page size");
      }
      if (!fits(memory(target).size, memory(import).size)) return mismatch("limits");
      return {};
    case ItemKind::Global:
      if (global(import).flags != global(target).flags) return mismatch("mutability");
      if (!same(global(import).value_type, global(target).value_type)) return mismatch("type");
      return {};
    case ItemKind::Tag: {
      Node from{NodeKind::Tag, import};
      Node to{NodeKind::Tag, target};
      auto wanted = TRY(type(importer, sections_of(importer).tags[local_index(from)]));
      auto offered = TRY(type(exporter, sections_of(exporter).tags[local_index(to)]));
      if (wanted != offered) return mismatch("type");
      return {};
    }
  }
  return {};
}

Result<void> Program::check_links() const {
  for (uint32_t i = 0; i < instances_.size(); ++i) {
    for (const ModuleImport& import : sections_of(i).imports) {
      const auto kind = static_cast<size_t>(import.kind);
      ItemId id = instances_[i].base[kind] + import.index;
      ItemId target = targets_[kind][id];
      if (target == id) continue;
      TRY(check_link_type(import.kind, id, target).context([&] {
        return fmt::format("import `{}` `{}` of core instance {}", import.module, import.name, i);
      }));
    }
  }
  return {};
}

}  // namespace spindle::wasm::rewrite
