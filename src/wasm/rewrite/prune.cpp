#include "wasm/rewrite/prune.h"

#include <set>

#include <fmt/format.h>

#include "wasm/rewrite/analysis.h"

namespace spindle::wasm {

Result<std::vector<uint8_t>> prune_module(std::span<const uint8_t> bytes,
                                          std::span<const std::string_view> kept_exports) {
  using namespace rewrite;
  MergeInstance instance;
  instance.module = bytes;
  auto program = TRY(Program::link({&instance, 1}, Imports::Kept, {}));
  WriterOptions options;
  options.imports = Imports::Kept;
  std::set<std::string_view> names;
  for (std::string_view name : kept_exports) {
    if (!names.insert(name).second) continue;
    const MergeSource source = InstanceExport{0, std::string(name)};
    auto node = TRY(program.resolve(source));
    options.exports.push_back({node, name});
  }
  auto written = TRY(analyze_and_write(program, std::move(options)));
  return std::move(written.bytes);
}

}  // namespace spindle::wasm
