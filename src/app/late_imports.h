#pragma once

// Imports that are bound at run time, as a manifest declares them: an extension of Spindle, in the
// table that Spin leaves to tools, so that Spin loads such a manifest too.
//
//   [component.front.tool.spindle.late."plugins:shapes/plugin@1.0.0"]
//   candidates = { circle = { component = "circle" }, square = { path = "square.wasm" } }
//   choose = { header = "x-plugin" }        # or { variable = "plugin" }
//   default = "circle"                      # where the request has no such header
//   with = ["plugins:shapes/types@1.0.0"]   # interfaces that the same instance serves
//
// Only `candidates` is required. What a name means is decided when the application is prepared.

#include <string>
#include <string_view>
#include <vector>

#include "app/source_text.h"
#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

struct LateCandidate {
  std::string name;
  // One of the two: a component of the application with all that it may reach, or a file that may
  // reach nothing.
  std::string component;
  std::string path;
  bool operator==(const LateCandidate&) const = default;
};

struct LateImport {
  // The first is the one that the manifest names; `with` are the others.
  std::vector<std::string> interfaces;
  std::vector<LateCandidate> candidates;
  // By what the candidate is chosen: at most one is not empty.
  std::string header;
  std::string variable;
  std::string default_candidate;
  bool operator==(const LateImport&) const = default;
};

// The contents of the table `late` in the table `spindle` of a component; `what` names that
// component.
Result<std::vector<LateImport>> read_late_imports(const SourceText& source, const Table& late,
                                                  const std::string& what);
// The same table again.
Value late_imports_value(const std::vector<LateImport>& imports);

}  // namespace spindle::app
