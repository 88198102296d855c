#pragma once

// Module: compiled code of one core module. Immutable, shared between threads; a copy is a pointer.
//
// Instantiating never runs guest code here: a module that has a start section is rewritten before
// it is compiled, so that the section's function is an export instead (start_section.h). Whoever
// instantiates calls `start_export()` as any other function, with deadlines and budgets.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/engine.h"
#include "wasm/types.h"

namespace spindle::wasm {

class Module {
 public:
  // The engine's own words say what is wrong with an invalid module.
  static Result<Module> compile(std::shared_ptr<const Engine> engine,
                                std::span<const uint8_t> bytes);
  // Whether compile() would accept it, without compiling.
  static Result<void> validate(const Engine& engine, std::span<const uint8_t> bytes);
  // A file that holds what serialize() returned for the same engine. The file is mapped. Its
  // content is trusted: only CodeCache, which wrote and verified it, calls this.
  static Result<Module> load_trusted_file(std::shared_ptr<const Engine> engine,
                                          const std::string& path);
  Result<std::vector<uint8_t>> serialize() const;

  const std::vector<ImportType>& imports() const;
  const std::vector<ExportType>& exports() const;
  const ExportType* find_export(std::string_view name) const;
  // The export that holds what was the start function.
  std::optional<std::string_view> start_export() const;
  const std::shared_ptr<const Engine>& engine() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Module(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// What Module::compile() checks, without compiling.
Result<void> validate_module(const Engine& engine, std::span<const uint8_t> bytes);

// WebAssembly text, of a core module or a component, to binary.
Result<std::vector<uint8_t>> wat2wasm(std::string_view text);

}  // namespace spindle::wasm
