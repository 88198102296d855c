#pragma once

// Reads component-model scripts in their own text form, `.wast`:
//
//   (component ...)                         (component definition $A ...)   (component instance $i
//   $A) (assert_invalid (component ...) "message")          (assert_malformed (component ...)
//   "message") (assert_return (invoke "f" (u32.const 1)) (u32.const 2)) (assert_trap (invoke "f")
//   "message")    (assert_trap (component ...) "message")   (invoke "f")
//
// Components stay text until they are run: the engine's library makes binaries of them. Values are
// turned into the JSON that json_value.h reads. A line `;; features: a b` switches parts off or on,
// see features_of() in runner.cpp.

#include <filesystem>

#include "base/result.h"
#include "script.h"

namespace spindle::conformance {

Result<Script> read_wast(std::string name, std::string_view text);
// Every `.wast` file of `folder`, by name.
Result<std::vector<Script>> load_wast_folder(const std::filesystem::path& folder);

}  // namespace spindle::conformance
