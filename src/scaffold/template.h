#pragma once

// Template: what metadata/spin-template.toml says, in Spin's format, and where its files are.
//
//   auto found = TRY(read_template("templates/http-c"));
//   TRY(check_value(found.parameters[0], "/hello"));
//
// The manifest is read strictly: unknown keys are errors that point into it. Patterns of parameters
// are regular expressions of RE2, whose time is bounded whatever the pattern.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spindle::scaffold {

struct TemplateParameter {
  std::string name;
  std::string prompt;
  std::optional<std::string> default_value;
  std::optional<std::string> pattern;
  std::vector<std::string> allowed_values;  // empty: all
};

// Holds where the manifest that a component is added to has an entry at a dotted path.
struct TemplateCondition {
  std::string manifest_entry;
  std::vector<std::string> skip_files;
  std::vector<std::string> skip_parameters;
  std::vector<std::string> skip_snippets;
};

// What is different when a template makes an application, or adds to one.
struct TemplateVariant {
  std::vector<std::string> skip_files;
  std::vector<std::string> skip_parameters;
  std::vector<std::pair<std::string, std::string>> snippets;  // kind, file
  std::vector<TemplateCondition> conditions;
  // Files go beside the manifest, not into a directory of the component.
  bool copies_into_root = false;
};

struct TemplateDirectory {
  std::string path;  // Liquid
  bool at_manifest = false;
};

struct Template {
  std::string id;
  std::string description;
  std::vector<std::string> tags;
  std::optional<TemplateVariant> new_application;  // none: not for this
  std::optional<TemplateVariant> add_component;
  std::vector<TemplateParameter> parameters;
  std::vector<TemplateDirectory> directories;
  std::filesystem::path root;

  std::filesystem::path content() const { return root / "content"; }
  std::filesystem::path snippets() const { return root / "metadata" / "snippets"; }
  std::filesystem::path partials() const { return root / "metadata" / "partials"; }
  bool has_tag(std::string_view tag) const;
};

std::filesystem::path template_manifest_path(const std::filesystem::path& root);
Result<Template> read_template(const std::filesystem::path& root);

Result<void> check_value(const TemplateParameter& parameter, std::string_view value);

}  // namespace spindle::scaffold
