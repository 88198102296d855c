#include "wasm/rewrite/merge.h"

#include <set>

#include <fmt/format.h>

#include "wasm/rewrite/analysis.h"
#include "wasm/start_section.h"

namespace spindle::wasm {

Result<MergedModule> merge_modules(std::span<const MergeInstance> instances,
                                   std::span<const MergeExport> exports,
                                   const MergeLimits& limits) {
  using namespace rewrite;
  auto program = TRY(Program::link(instances, Imports::HostNumbers, limits));
  WriterOptions options;
  options.start_name = kStartExport;
  std::set<std::string_view> names;
  for (const MergeExport& item : exports) {
    auto node = TRY(
        program.resolve(item.item).context([&] { return fmt::format("export `{}`", item.name); }));
    if (item.name == kStartExport || !names.insert(item.name).second) {
      return Error::invalid_input(fmt::format("export name `{}` is taken", item.name));
    }
    options.exports.push_back({node, item.name});
  }
  auto written = TRY(analyze_and_write(program, std::move(options)));
  return MergedModule{std::move(written.bytes), written.statistics};
}

}  // namespace spindle::wasm
