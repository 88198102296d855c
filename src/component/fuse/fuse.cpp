#include "component/fuse/fuse.h"

#include <fmt/format.h>

#include "component/binary/core_module.h"
#include "component/fuse/glue_module.h"
#include "component/fuse/thunk_module.h"
#include "component/plan/core_imports.h"
#include "wasm/rewrite/merge.h"

namespace spindle::component {

using wasm::HostImportNumber;
using wasm::InstanceExport;
using wasm::MergeInstance;
using wasm::MergeSource;

namespace {

// A module that is instantiated many times is copied as often: beyond this factor one module of
// shared code is better.
constexpr uint64_t kGrowthMax = 4;
constexpr uint64_t kGrowthFree = uint64_t{1} << 20;

}  // namespace

Result<FusedLayout> FusedLayout::create(const InstantiationPlan& plan,
                                        const std::vector<bool>& waits) {
  FusedLayout layout;
  for (size_t i = 0; i < plan.trampolines.size(); ++i) {
    const TrampolineIndex index(i);
    layout.hosts_.push_back({FusedHost::Kind::Trampoline, index});
    if (!waits[i]) continue;
    layout.glue_numbers_.emplace(index, static_cast<uint32_t>(layout.glue_.size()));
    layout.glue_.push_back(index);
  }
  for (TrampolineIndex index : layout.glue_) {
    layout.hosts_.push_back({FusedHost::Kind::Start, index});
    layout.hosts_.push_back({FusedHost::Kind::Finish, index});
  }
  layout.adapter_ = TRY(make_adapter_module(plan));
  for (const AdapterImport& import : layout.adapter_.imports) {
    const auto* helper = std::get_if<AdapterHelperImport>(&import);
    if (helper == nullptr) continue;
    const auto number = static_cast<uint32_t>(layout.helpers_.size());
    if (layout.helper_numbers_.emplace(*helper, number).second) layout.helpers_.push_back(*helper);
  }
  return layout;
}

std::optional<AdapterHelperImport> FusedLayout::helper(uint32_t number) const {
  if (number >= helpers_.size()) return std::nullopt;
  return helpers_[number];
}

std::string FusedLayout::fingerprint() const {
  // Changes whenever the same component is to be fused differently.
  constexpr int kVersion = 3;
  std::string text = fmt::format("fused {} {}", kVersion, hosts_.size());
  for (TrampolineIndex index : glue_) text += fmt::format(" {}", index.value);
  text.append(reinterpret_cast<const char*>(adapter_.bytes.data()), adapter_.bytes.size());
  return text;
}

std::string fused_function(FunctionSlot slot) {
  return fmt::format("f{}", slot.value);
}
std::string fused_memory(MemorySlot slot) {
  return fmt::format("m{}", slot.value);
}

class Fuser {
 public:
  Fuser(const InstantiationPlan& plan, const FusedLayout& layout) : plan_(plan), layout_(layout) {}

  Result<std::vector<uint8_t>> run(std::span<const std::span<const uint8_t>> modules) {
    TRY(add_steps(modules));
    add_glue();
    add_thunks();
    TRY(add_adapter());
    wasm::MergeLimits limits;
    limits.output_bytes = output_limit(modules);
    wasm::MergedModule merged = TRY(wasm::merge_modules(instances_, exports(), limits));
    return std::move(merged.bytes);
  }

 private:
  uint32_t glue_instance() const { return static_cast<uint32_t>(plan_.steps.size()); }
  uint32_t thunk_instance() const { return glue_instance() + (has_glue() ? 1 : 0); }
  uint32_t adapter_instance() const { return thunk_instance() + 1; }
  bool has_glue() const { return !layout_.glue_.empty(); }

  uint64_t output_limit(std::span<const std::span<const uint8_t>> modules) const {
    uint64_t bytes = glue_bytes_.size() + thunks_.bytes.size() + layout_.adapter_.bytes.size();
    for (std::span<const uint8_t> module : modules) bytes += module.size();
    return kGrowthFree + kGrowthMax * bytes;
  }

  MergeSource source(const CoreItem& item) const {
    if (const auto* exported = std::get_if<CoreExport>(&item)) {
      return InstanceExport{exported->step.value, exported->name};
    }
    const auto index = std::get<TrampolineIndex>(item);
    auto adapted = layout_.adapter_.functions.find(index);
    if (adapted != layout_.adapter_.functions.end()) {
      return InstanceExport{adapter_instance(), adapted->second};
    }
    auto waiting = layout_.glue_numbers_.find(index);
    if (waiting != layout_.glue_numbers_.end()) {
      return InstanceExport{glue_instance(), fmt::format("{}", waiting->second)};
    }
    return host(index.value);
  }
  MergeSource host(size_t number) const {
    return InstanceExport{thunk_instance(), fmt::format("{}", number)};
  }
  // Helpers have the first numbers, groups follow.
  uint32_t group_base() const { return static_cast<uint32_t>(layout_.helpers_.size()); }

  Result<void> add_steps(std::span<const std::span<const uint8_t>> modules) {
    for (const InstantiationStep& step : plan_.steps) {
      MergeInstance& made = instances_.emplace_back();
      made.module = modules[step.module.value];
      const CoreModuleInterface interface = TRY(read_core_module(made.module, 0));
      for (const CoreImportDecl& import : interface.imports) {
        const CoreItem item = TRY(core_import(step, import.module, import.name));
        made.imports.push_back(source(item));
      }
    }
    return {};
  }

  void add_glue() {
    if (!has_glue()) return;
    std::vector<PlannedSignature> signatures;
    MergeInstance& made = instances_.emplace_back();
    for (uint32_t i = 0; i < layout_.glue_.size(); ++i) {
      signatures.push_back(plan_.trampolines[layout_.glue_[i].value].signature);
      const size_t start = plan_.trampolines.size() + 2 * size_t{i};
      made.imports.push_back(host(start));
      made.imports.push_back(host(start + 1));
    }
    glue_bytes_ = encode_glue_module(signatures, GlueSuspend::Own);
    made.module = glue_bytes_;
  }

  PlannedSignature signature(const FusedHost& host) const {
    const PlannedSignature& whole = plan_.trampolines[host.trampoline.value].signature;
    if (host.kind == FusedHost::Kind::Start) return {whole.params, {FlatType::I32}};
    return whole;
  }

  void add_thunks() {
    std::vector<HostThunk> thunks;
    for (uint32_t number = 0; number < layout_.hosts_.size(); ++number) {
      thunks.push_back({number, signature(layout_.hosts_[number])});
    }
    thunks_ = make_thunk_module(thunks);
    MergeInstance& made = instances_.emplace_back();
    made.module = thunks_.bytes;
    for (uint32_t group = 0; group < thunks_.groups; ++group) {
      made.imports.emplace_back(HostImportNumber{group_base() + group});
    }
  }

  Result<void> add_adapter() {
    if (layout_.adapter_.bytes.empty()) return {};
    MergeInstance& made = instances_.emplace_back();
    made.module = layout_.adapter_.bytes;
    for (const AdapterImport& import : layout_.adapter_.imports) {
      if (const auto* item = std::get_if<CoreItem>(&import)) {
        made.imports.push_back(source(*item));
        continue;
      }
      const auto& helper = std::get<AdapterHelperImport>(import);
      made.imports.emplace_back(HostImportNumber{layout_.helper_numbers_.at(helper)});
    }
    return {};
  }

  std::vector<wasm::MergeExport> exports() const {
    std::vector<wasm::MergeExport> made;
    for (size_t i = 0; i < plan_.functions.size(); ++i) {
      made.push_back({source(plan_.functions[i]), fused_function(FunctionSlot(i))});
    }
    for (size_t i = 0; i < plan_.memories.size(); ++i) {
      made.push_back({source(plan_.memories[i]), fused_memory(MemorySlot(i))});
    }
    for (const auto& [frame, name] : layout_.adapter_.flags) {
      made.push_back({InstanceExport{adapter_instance(), name}, name});
    }
    return made;
  }

  const InstantiationPlan& plan_;
  const FusedLayout& layout_;
  std::vector<uint8_t> glue_bytes_;
  ThunkModule thunks_;
  std::vector<MergeInstance> instances_;
};

Result<std::vector<uint8_t>> fuse_plan(const InstantiationPlan& plan, const FusedLayout& layout,
                                       std::span<const std::span<const uint8_t>> modules) {
  return Fuser(plan, layout).run(modules);
}

}  // namespace spindle::component
