#pragma once

// analyze_and_write: from a linked program to the module that it comes to. What merging and pruning
// have in common.

#include "wasm/rewrite/module_writer.h"
#include "wasm/rewrite/program.h"

namespace spindle::wasm::rewrite {

// `options.exports` are resolved; functions among them may be replaced by what they forward to.
Result<WrittenModule> analyze_and_write(Program& program, WriterOptions options);

}  // namespace spindle::wasm::rewrite
