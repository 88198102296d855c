#pragma once

// AdapterLinks: what the adapter module imports and declares: its types, imports and globals, each
// once, numbered in the order in which code first asks for them. Generated code calls imports only,
// so the module's own functions need no numbers while there may be more imports to come.

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/byte_writer.h"
#include "component/fuse/adapter_module.h"

namespace spindle::component {

class AdapterLinks {
 public:
  explicit AdapterLinks(const InstantiationPlan& plan) : plan_(plan) {}

  uint32_t type(const PlannedSignature& signature);
  // Numbers in the module's function and memory index spaces.
  uint32_t function(FunctionSlot slot, const PlannedSignature& signature);
  uint32_t helper(AdapterHelper helper, TrampolineIndex trampoline);
  uint32_t memory(MemorySlot slot);
  // The global with a frame's flags.
  uint32_t flags(FrameIndex frame);

  uint32_t function_count() const { return function_count_; }
  const std::map<FrameIndex, uint32_t>& flags() const { return flags_; }
  std::vector<AdapterImport> take_imports() { return std::move(imports_); }

  // Contents of sections.
  ByteWriter type_section() const;
  ByteWriter import_section() const;
  ByteWriter global_section() const;

 private:
  uint32_t add_function(const AdapterImport& import, const PlannedSignature& signature);

  const InstantiationPlan& plan_;
  std::vector<PlannedSignature> types_;
  std::map<std::pair<std::vector<FlatType>, std::vector<FlatType>>, uint32_t> type_numbers_;
  std::vector<AdapterImport> imports_;
  // Of each import: the type of a function; nothing for a memory.
  std::vector<std::optional<uint32_t>> import_types_;
  std::map<AdapterImport, uint32_t> known_;
  std::map<FrameIndex, uint32_t> flags_;
  uint32_t function_count_ = 0;
  uint32_t memory_count_ = 0;
};

}  // namespace spindle::component
