#include "wasm/rewrite/function_names.h"

#include "base/byte_reader.h"

namespace spindle::wasm::rewrite {

namespace {

constexpr uint8_t kFunctionNames = 1;
constexpr size_t kNameLimit = 100'000;

Result<void> read_names(ByteReader reader, std::vector<std::string_view>& names) {
  while (!reader.at_end()) {
    auto id = TRY(reader.u8());
    auto size = TRY(reader.leb_u32());
    auto content = TRY(reader.take(size));
    if (id != kFunctionNames) continue;
    auto count = TRY(content.leb_u32());
    for (uint32_t i = 0; i < count; ++i) {
      auto index = TRY(content.leb_u32());
      auto name = TRY(content.name(kNameLimit));
      if (index < names.size()) names[index] = name;
    }
  }
  return {};
}

}  // namespace

std::string_view FunctionNames::find(const ModuleSections& module, uint32_t function) {
  auto [found, is_new] = names_.try_emplace(&module);
  auto& names = found->second;
  if (is_new) {
    names.resize(module.functions.size());
    for (const CustomSection& section : module.custom) {
      // Names read before any damage are good.
      if (section.name == "name") (void)read_names(ByteReader(section.content), names).has_value();
    }
  }
  return names[function];
}

}  // namespace spindle::wasm::rewrite
