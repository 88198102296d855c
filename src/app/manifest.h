#pragma once

// Manifest: spin.toml as its author wrote it, checked, in one shape for both manifest versions.
//
// parse_manifest reads version 1 or 2 strictly (unknown keys are errors), converts version 1, and
// checks every rule that needs nothing but the text. normalize_manifest then gives triggers their
// ids, turns inline components into named ones, applies a profile, pushes inheritance switches down
// and replaces dependencies on other components by their sources. Only a normalized manifest is
// locked.
//
// Order of declaration is kept everywhere. `at` fields point into `source`, for errors that are
// found later. Nothing here touches the disk: paths are as written, relative to the manifest.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "app/spindle_table.h"
#include "app/source_text.h"
#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

struct PathSource {
  std::string path;
  bool operator==(const PathSource&) const = default;
};
struct UrlSource {
  std::string url;
  std::string digest;  // "sha256:..."
  bool operator==(const UrlSource&) const = default;
};
struct RegistrySource {
  std::optional<std::string> registry;
  std::string package;  // "namespace:name"
  std::string version;  // exact for a component, a requirement for a dependency
  bool operator==(const RegistrySource&) const = default;
};
struct ComponentSource {
  std::variant<PathSource, UrlSource, RegistrySource> form;
  Position at;
  bool operator==(const ComponentSource& other) const { return form == other.form; }
};

// `true`, `false`, or the names of the capabilities that a dependency inherits.
struct Inherit {
  bool all = false;
  std::vector<std::string> some;
  bool nothing() const { return !all && some.empty(); }
  bool operator==(const Inherit&) const = default;
};

struct ComponentReference {
  std::string id;
  bool operator==(const ComponentReference&) const = default;
};

struct Dependency {
  std::string name;  // the import that it satisfies; empty for a trigger dependency
  Position at;
  std::variant<PathSource, UrlSource, RegistrySource, ComponentReference> form;
  bool bare_version = false;  // written as a string
  std::optional<std::string> export_name;
  std::optional<Inherit> inherit;
};

struct FileMount {
  std::string source;                      // a pattern, or the source of a placement
  std::optional<std::string> destination;  // set for a placement
  Position at;
};

struct Build {
  std::vector<std::string> commands;
  std::optional<std::string> workdir;
  std::vector<std::string> watch;
};

struct TargetRef {
  enum class Kind : uint8_t { Catalogue, Url, Path };
  Kind kind = Kind::Catalogue;
  std::string value;
};

struct Profile {
  std::string name;
  std::optional<ComponentSource> source;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<Dependency> dependencies;
  std::vector<std::string> build_commands;
};

struct Component {
  std::string id;
  Position at;
  ComponentSource source;
  std::string description;
  std::vector<std::pair<std::string, std::string>> variables;  // templates
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<FileMount> files;
  std::vector<std::string> exclude_files;
  std::vector<std::string> allowed_http_hosts;
  std::vector<std::string> allowed_outbound_hosts;  // allowed_http_hosts already converted into it
  std::vector<std::string> key_value_stores;
  std::vector<std::string> sqlite_databases;
  std::vector<std::string> ai_models;
  std::optional<std::vector<TargetRef>> targets;
  std::optional<Build> build;
  std::optional<bool> dependencies_inherit_configuration;
  std::vector<Dependency> dependencies;
  std::vector<Profile> profiles;
  SpindleTable spindle;
  // Which of the fields the author wrote, sorted: a component used as a dependency may have few.
  std::vector<std::string> written_fields;
};

// What a trigger runs: a component by name, or one written in place (until normalization).
using ComponentSpec = std::variant<std::string, Component>;

struct Trigger {
  std::string type;
  std::string id;  // empty until normalization if the author gave none
  Position at;
  std::optional<ComponentSpec> component;
  std::vector<std::pair<std::string, std::vector<ComponentSpec>>> components;
  std::vector<std::pair<std::string, std::vector<Dependency>>> dependencies;  // by role
  Table config;  // everything else, for the trigger to understand
};

struct Variable {
  std::string name;
  Position at;
  std::optional<std::string> description;
  std::optional<std::string> default_value;  // none: required
  bool secret = false;
};

struct Manifest {
  SourceTextPointer source;
  int version = 2;
  std::string name;
  std::string application_version;
  std::string description;
  std::vector<std::string> authors;
  std::vector<TargetRef> targets;
  Table trigger_settings;  // [application.trigger.<type>]
  std::vector<Variable> variables;
  std::vector<Trigger> triggers;
  std::vector<Component> components;
  std::vector<std::string> warnings;  // deprecations, for the terminal

  const Component* find_component(std::string_view id) const;
};

Result<Manifest> parse_manifest(SourceTextPointer source);
// `profile` empty: none. It is an error if no component defines a profile that was asked for.
Result<void> normalize_manifest(Manifest& manifest, std::string_view profile);

}  // namespace spindle::app
