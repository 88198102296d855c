#include "assemble/componentize/make_component.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "assemble/componentize/adapters.h"
#include "assemble/componentize/core_part.h"
#include "assemble/componentize/old_module.h"
#include "assemble/wit_decode/decode.h"
#include "assemble/wit_encode/world_type.h"

namespace spindle::assemble {
namespace {

// wasi-libc of earlier compilers takes memory that others have grown for its own.
constexpr std::array<uint32_t, 3> kClangMin = {15, 0, 7};

enum class ModuleKind : uint8_t { SaysItsWorld, Command };

// `15.0.7 (https://...)`: the numbers at the beginning.
std::array<uint32_t, 3> version_numbers(std::string_view text) {
  std::array<uint32_t, 3> numbers{};
  const char* at = text.data();
  const char* end = at + text.size();
  for (auto& number : numbers) {
    auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc() || read.ptr == end || *read.ptr != '.') break;
    at = read.ptr + 1;
  }
  return numbers;
}

Result<void> check_compiler(const CoreCustomSections& custom) {
  for (const auto& producer : custom.producers) {
    if (producer.field != "processed-by" || producer.name != "clang") continue;
    if (version_numbers(producer.version) < kClangMin) {
      return Error::not_supported(
          fmt::format("the module was compiled by clang {}; clang 15.0.7 or newer is needed, "
                      "because the allocator of its C library takes others' memory for its own",
                      producer.version));
    }
  }
  return {};
}

bool imports_from(const CorePart& part, std::string_view module) {
  const auto& imports = part.interface.imports;
  return std::ranges::find(imports, module, &component::CoreImportDecl::module) != imports.end();
}

Result<ModuleKind> kind_of(const CorePart& part, const CoreCustomSections& custom,
                           const ComponentizeOptions& options) {
  if (custom.has_component_types || options.world) return ModuleKind::SaysItsWorld;
  bool allocates =
      part.exports_function("cabi_realloc") || part.exports_function("canonical_abi_realloc");
  if (part.exports_function("_start") && !allocates) {
    TRY(check_compiler(custom));
    return ModuleKind::Command;
  }
  return Error::not_supported(
      "the module has neither a `component-type` section, nor a `_start` function of WASI preview "
      "1, nor a handler of Spin's first SDKs");
}

// What to keep of an adapter: what the module imports, and what it exports to the component.
std::set<std::string_view> wanted_exports(const CorePart& part, std::string_view name,
                                          const CorePart& adapter) {
  std::set<std::string_view> wanted;
  for (const auto& import : part.interface.imports) {
    if (import.module == name) wanted.insert(import.name);
  }
  for (const auto& item : adapter.interface.exports) {
    if (item.name.find('#') != std::string_view::npos) wanted.insert(item.name);
  }
  return wanted;
}

// Adapters as they were given, and as they become part of the component.
struct Adapters {
  std::map<std::string_view, std::span<const uint8_t>> given;
  std::vector<std::vector<uint8_t>> prepared;
  std::vector<Adapter> list;
};

Result<Adapters> choose_adapters(const CorePart& part, ModuleKind kind,
                                 const ComponentizeOptions& options) {
  Adapters adapters;
  if (kind == ModuleKind::Command) {
    adapters.given[kPreview1] = command_adapter();
  } else if (imports_from(part, kPreview1)) {
    adapters.given[kPreview1] = reactor_adapter();
  }
  for (const auto& [name, bytes] : options.adapters) adapters.given[name] = bytes;
  adapters.prepared.reserve(adapters.given.size());
  for (const auto& [name, bytes] : adapters.given) {
    auto context = fmt::format("adapter `{}`", name);
    auto core = TRY(read_core_part(name, bytes).context(context));
    auto prepared = TRY(prepare_adapter(bytes, wanted_exports(part, name, core)).context(context));
    adapters.prepared.push_back(std::move(prepared));
    adapters.list.push_back({name, adapters.prepared.back()});
  }
  return adapters;
}

}  // namespace

Result<std::vector<uint8_t>> componentize(std::span<const uint8_t> module,
                                          const ComponentizeOptions& options) {
  auto part = TRY(read_core_part("", module));
  auto custom = TRY(read_custom_sections(module));
  if (!custom.has_component_types && !options.world && is_old_module(part)) {
    const OldModule modern = TRY(modernize(part));
    ComponentizeOptions with_world = options;
    with_world.world.emplace(GivenWorld{modern.resolve, modern.world});
    return componentize(modern.bytes, with_world);
  }
  auto kind = TRY(kind_of(part, custom, options));
  auto adapters = TRY(choose_adapters(part, kind, options));
  auto sections = TRY(component_type_sections(module));
  for (const auto& [name, bytes] : adapters.given) {
    auto more = TRY(component_type_sections(bytes));
    sections.insert(sections.end(), more.begin(), more.end());
  }
  std::vector<uint8_t> given_world;
  if (options.world) {
    given_world = TRY(encode_world_type(options.world->resolve, options.world->world));
    sections.emplace_back(given_world);
  }
  auto world = TRY(decode_component_types(sections).context("worlds of the module"));
  return encode_module({module, adapters.list, world.resolve, world.world, world.encoding});
}

}  // namespace spindle::assemble
