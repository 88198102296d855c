#pragma once

// Writes the module that a program comes to, section by section.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "wasm/rewrite/rewriter.h"
#include "wasm/rewrite/start_order.h"

namespace spindle::wasm::rewrite {

struct ExportedItem {
  Node node;  // resolved and reached
  std::string_view name;
};

struct WriterOptions {
  Imports imports = Imports::HostNumbers;
  std::vector<ExportedItem> exports;
  // The name under which what runs after instantiation is exported. Empty: a start section.
  std::string_view start_name;
};

struct WrittenModule {
  std::vector<uint8_t> bytes;
  MergeStatistics statistics;
};

Result<WrittenModule> write_module(Program& program, const Findings& findings,
                                   const StartOrder& order, const WriterOptions& options);

}  // namespace spindle::wasm::rewrite
