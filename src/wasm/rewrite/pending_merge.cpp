// Stands in until merging is there, which deletes this file.

#include "wasm/rewrite/merge.h"

namespace spindle::wasm {

Result<MergedModule> merge_modules(std::span<const MergeInstance>, std::span<const MergeExport>,
                                   const MergeLimits&) {
  return Error::not_supported("merging core modules is not supported yet");
}

}  // namespace spindle::wasm
