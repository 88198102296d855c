#include "component/binary/names_section.h"

#include "component/binary/core_reader.h"
#include "component/binary/limits.h"
#include "component/binary/type_reader.h"

namespace spindle::component {
namespace {

Result<void> read_subsection(uint8_t id, ByteReader& part, ComponentNames& names) {
  if (id == 0) {
    names.component = TRY(read_name(part));
    return {};
  }
  if (id != 1) return {};
  auto sort = TRY(read_sort(part));
  auto count = TRY(read_count(part, kMaxTypes, "names"));
  for (uint32_t i = 0; i < count; ++i) {
    auto index = TRY(part.leb_u32());
    auto name = TRY(read_name(part));
    names.items.push_back(ItemName{{sort, index}, name});
  }
  return {};
}

Result<void> read_subsections(ByteReader& section, ComponentNames& names) {
  while (!section.at_end()) {
    auto id = TRY(section.u8());
    auto size = TRY(section.leb_u32());
    auto part = TRY(section.take(size));
    TRY(read_subsection(id, part, names));
  }
  return {};
}

}  // namespace

void read_names_section(ByteReader section, ComponentNames& names) {
  // What was read before a mistake is kept.
  (void)read_subsections(section, names);
}

}  // namespace spindle::component
