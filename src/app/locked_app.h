#pragma once

// LockedApp: an application as it will be run. Everything is decided: components have ids and the
// place of their bytes, triggers name components, mounts are listed. It is what the runtime reads,
// and what spin.lock holds as JSON.
//
// lock_manifest makes one from a normalized Manifest; to_json_value and parse_locked_app are its
// text form. A reader must refuse what it does not understand: check_requirements.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/manifest.h"
#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

// Bytes somewhere: at a URL, written in place, or known by digest.
struct ContentRef {
  std::optional<std::string> source;  // file URL
  std::optional<std::string> inline_bytes;
  std::optional<std::string> digest;

  // The path of a file URL; nothing otherwise.
  std::optional<std::string> path() const;
  bool operator==(const ContentRef&) const = default;
};

struct LockedFile {
  ContentRef content;  // a file, or a directory to mount
  std::string path;    // where the guest sees it
  bool operator==(const LockedFile&) const = default;
};

struct LockedDependency {
  std::string name;  // the import that it satisfies; empty for a trigger dependency
  ContentRef source;
  std::optional<std::string> export_name;
  Inherit inherit;
  bool operator==(const LockedDependency&) const = default;
};

using StringMap = std::map<std::string, std::string, std::less<>>;

struct LockedComponent {
  std::string id;
  ContentRef source;
  std::string description;
  StringMap environment;
  StringMap variables;  // templates; "config" in JSON
  std::vector<LockedFile> files;
  std::vector<std::string> allowed_outbound_hosts;
  std::vector<std::string> key_value_stores;
  std::vector<std::string> sqlite_databases;  // "databases" in JSON
  std::vector<std::string> ai_models;
  std::optional<Build> build;
  // "spindle" in the metadata of JSON; paths are absolute.
  SpindleTable spindle;
  Table other_metadata;
  std::vector<LockedDependency> dependencies;
  std::vector<std::pair<std::string, std::vector<LockedDependency>>> trigger_dependencies;
  StringMap host_requirements;
};

struct LockedTrigger {
  std::string id;
  std::string type;
  std::string component;  // empty if the trigger names none
  Value config;           // a table; holds `component` again, as written in JSON
};

struct LockedVariable {
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> default_value;  // none: required
  bool secret = false;
};

struct LockedApp {
  std::string name;
  std::string version;
  std::string description;
  std::vector<std::string> authors;
  std::string origin;   // URL of the manifest
  std::string profile;  // empty: none
  Table trigger_settings;
  Table other_metadata;
  StringMap host_requirements;
  std::vector<LockedVariable> variables;  // sorted by name
  std::vector<LockedTrigger> triggers;
  std::vector<LockedComponent> components;
  std::vector<std::string> warnings;  // for the terminal; not part of the JSON

  const LockedComponent* find_component(std::string_view id) const;
  LockedComponent* find_component(std::string_view id);
  // The settings of [application.trigger.<type>], or null.
  const Table* settings_of(std::string_view trigger_type) const;
};

struct LockOptions {
  std::string app_directory;  // absolute; relative sources start here
  std::string origin_path;    // absolute path of the manifest
  std::string profile;
};

// Files are not part of it: mounts depend on how they are made (app/files.h).
Result<LockedApp> lock_manifest(const Manifest& manifest, const LockOptions& options);

Value to_json_value(const LockedApp& app);
Result<LockedApp> parse_locked_app(std::string_view json);

// Refuses an application, or any of its components, that requires of the host what is not in
// `supported` ("local_service_chaining", "middleware").
Result<void> check_requirements(const LockedApp& app, std::span<const std::string_view> supported);

// --component-id: keeps these components and their triggers. An error names an unknown id, or a
// kept component that calls a dropped one.
Result<void> keep_components(LockedApp& app, std::span<const std::string> ids);

}  // namespace spindle::app
