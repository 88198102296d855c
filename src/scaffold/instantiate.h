#pragma once

// A template becomes files: a new application, or a component of one that exists.
//
//   auto plan = TRY(plan_instance(definition, request, questions));
//   TRY(write_instance(plan));
//
// Everything is asked, rendered and checked before anything is written. Files stay below the target
// whatever their rendered names; the manifest that a component is added to must still be TOML.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "scaffold/liquid.h"
#include "scaffold/template.h"

namespace spindle::scaffold {

// How values are had that were not given.
class Questions {
 public:
  virtual ~Questions() = default;
  // A value that passes check_value, or an error where nobody can be asked.
  virtual Result<std::string> ask(const TemplateParameter& parameter) = 0;
};

struct InstanceRequest {
  std::string name;
  // The directory of the new application; of a component, relative to its manifest.
  std::filesystem::path output;
  // Add to this application; absent: make one.
  std::optional<std::filesystem::path> manifest;
  LiquidValues values;
  bool accept_defaults = false;
  bool no_vcs = false;
  // Of `authors` and `username`.
  std::string author;
  std::string user;
};

struct InstanceFile {
  std::filesystem::path path;
  std::string content;
  bool is_executable = false;
};

struct InstancePlan {
  std::filesystem::path directory;
  std::vector<std::filesystem::path> directories;
  std::vector<InstanceFile> files;
  // Of the application's manifest where a component is added.
  std::optional<InstanceFile> manifest;
};

// Segments that begin with a letter, between characters that are neither letters nor digits.
Result<void> check_name(std::string_view name);
// Where an instance goes that was given no place.
std::filesystem::path default_output(std::string_view name);

// Where the files of the instance go.
std::filesystem::path instance_directory(const Template& definition,
                                         const InstanceRequest& request);

Result<InstancePlan> plan_instance(const Template& definition, const InstanceRequest& request,
                                   Questions& questions);
Result<void> write_instance(const InstancePlan& plan);

}  // namespace spindle::scaffold
