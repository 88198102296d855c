#pragma once

// CodeCache: compiled modules on disk, named by what they were compiled from.
//
// A file's name is the SHA-256 of the module's bytes, the engine's version and its settings, so an
// entry is never stale. Files are written beside and renamed, so other processes see all or
// nothing. Compiled code is trusted once loaded; therefore the directory belongs to us alone (mode
// 0700, our user, checked when opened), and each file ends in a checksum: one that is truncated or
// damaged is removed and compiled again. Failing to write is not an error, only a slower next
// start.
//
// Safe to use from several threads and processes.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "wasm/engine.h"
#include "wasm/module.h"

namespace spindle::wasm {

struct CodeCacheStats {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t damaged = 0;
  uint64_t write_failures = 0;
  bool operator==(const CodeCacheStats&) const = default;
};

class CodeCache {
 public:
  // Makes the directory. An error where it is not private.
  static Result<std::unique_ptr<CodeCache>> open(std::string directory);
  // $XDG_CACHE_HOME/spindle/code, else $HOME/.cache/spindle/code; an error without either.
  static Result<std::string> default_directory();

  // The module compiled from `bytes`, from the cache where it is there.
  Result<Module> compile(std::shared_ptr<const Engine> engine, std::span<const uint8_t> bytes);
  // The same for a module that is made of other bytes, named by all that it is made of: `make` is
  // called only where the cache does not have it.
  using Make = std::function<Result<std::vector<uint8_t>>()>;
  Result<Module> compile_made(std::shared_ptr<const Engine> engine,
                              std::span<const std::span<const uint8_t>> key, const Make& make);

  CodeCacheStats stats() const;
  const std::string& directory() const { return directory_; }
  std::string path_of(const Engine& engine, std::span<const uint8_t> bytes) const;

 private:
  explicit CodeCache(std::string directory) : directory_(std::move(directory)) {}
  // Nothing where it has to be compiled.
  std::optional<Module> load(const std::shared_ptr<const Engine>& engine, const std::string& path);
  Result<Module> compile_to(const std::string& path, std::shared_ptr<const Engine> engine,
                            std::span<const uint8_t> bytes);

  std::string directory_;
  std::atomic<uint64_t> hits_ = 0;
  std::atomic<uint64_t> misses_ = 0;
  std::atomic<uint64_t> damaged_ = 0;
  std::atomic<uint64_t> write_failures_ = 0;
};

}  // namespace spindle::wasm
