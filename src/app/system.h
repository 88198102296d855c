#pragma once

// What the loader needs of the machine, as interfaces, so that tests run without it: environment
// variables and the reading of small files. The composition root passes the real ones in.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spindle::app {

class Environment {
 public:
  virtual ~Environment() = default;
  virtual std::optional<std::string> get(std::string_view name) const = 0;
};

class FileReader {
 public:
  virtual ~FileReader() = default;
  // The whole file; NotFound if there is none, LimitExceeded if it is larger than `limit`.
  virtual Result<std::string> read(const std::string& path, size_t limit) const = 0;
};

class ProcessEnvironment final : public Environment {
 public:
  std::optional<std::string> get(std::string_view name) const override;
};

class DiskFiles final : public FileReader {
 public:
  Result<std::string> read(const std::string& path, size_t limit) const override;
};

// The fakes: what a test says is there.
class MapEnvironment final : public Environment {
 public:
  MapEnvironment() = default;
  explicit MapEnvironment(std::map<std::string, std::string, std::less<>> values)
      : values_(std::move(values)) {}
  std::optional<std::string> get(std::string_view name) const override;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

class MapFiles final : public FileReader {
 public:
  MapFiles() = default;
  explicit MapFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  Result<std::string> read(const std::string& path, size_t limit) const override;

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace spindle::app
