// Two modules: whatever merges from what the engine accepts, the engine accepts.
//
// Two bytes are the length of the first. Imports of the first module are host functions; those of
// the second take the first's exports by position where there are any.

#include <algorithm>
#include <cstdlib>

#include "wasm/module.h"
#include "wasm/rewrite/merge.h"
#include "wasm/rewrite/module_sections.h"
#include "wasm/rewrite/prune.h"

namespace {

using namespace spindle;
using namespace spindle::wasm;

std::vector<MergeSource> sources(const rewrite::ModuleSections& module,
                                 const rewrite::ModuleSections* provider) {
  std::vector<MergeSource> list;
  for (uint32_t i = 0; i < module.imports.size(); ++i) {
    if (provider != nullptr && i < provider->exports.size()) {
      list.push_back(InstanceExport{0, std::string(provider->exports[i].name)});
    } else {
      list.push_back(HostImportNumber{i + (provider == nullptr ? 0 : 1000)});
    }
  }
  return list;
}

void check(const std::shared_ptr<const Engine>& engine, std::span<const uint8_t> first,
           std::span<const uint8_t> second) {
  auto a = rewrite::read_module_sections(first);
  auto b = rewrite::read_module_sections(second);
  if (!a || !b) return;
  const MergeInstance instances[] = {{first, sources(*a, nullptr)}, {second, sources(*b, &*a)}};
  std::vector<MergeExport> exports;
  for (uint32_t i = 0; i < 2; ++i) {
    for (const auto& item : (i == 0 ? *a : *b).exports) {
      exports.push_back({InstanceExport{i, std::string(item.name)},
                         std::to_string(i) + "." + std::string(item.name)});
    }
  }
  auto merged = merge_modules(instances, exports);
  auto pruned = prune_module(first, {});
  if (!merged && !pruned) return;
  if (!Module::compile(engine, first)) return;
  if (pruned && !Module::compile(engine, *pruned)) std::abort();
  if (!merged || !Module::compile(engine, second)) return;
  if (!Module::compile(engine, merged->bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto engine = [] {
    EngineOptions options;
    options.pooling = Pooling::Off;
    options.ticker = Ticker::Manual;
    return Engine::create(options).value();
  }();
  if (size < 2 || size > 8192) return 0;
  std::span<const uint8_t> rest(data + 2, size - 2);
  size_t split = std::min<size_t>(data[0] + 256U * data[1], rest.size());
  check(engine, rest.first(split), rest.subspan(split));
  return 0;
}
