#include "develop/build_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "app/loader.h"
#include "app/system.h"
#include "app/toml.h"

namespace spindle::develop {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNoProfile = "<anonymous>";
constexpr size_t kMaxProfileNameBytes = 4096;

std::optional<std::string> path_of(const app::ComponentSource& source) {
  const auto* path = std::get_if<app::PathSource>(&source.form);
  if (path == nullptr) return std::nullopt;
  return path->path;
}

BuildComponent from_component(const app::Component& component) {
  BuildComponent made;
  made.id = component.id;
  made.source = path_of(component.source);
  made.files = component.files;
  for (const auto& dependency : component.dependencies) {
    const auto* path = std::get_if<app::PathSource>(&dependency.form);
    if (path != nullptr) made.dependency_sources.push_back(path->path);
  }
  if (!component.build) return made;
  made.commands = component.build->commands;
  made.workdir = component.build->workdir;
  made.watch = component.build->watch;
  return made;
}

// --- The lenient reading: wrong types and unknown keys are passed over. ---

std::vector<std::string> strings_in(const app::Table& table, std::string_view key) {
  std::vector<std::string> strings;
  const auto* value = table.find(key);
  if (value == nullptr) return strings;
  if (const auto* one = value->as_string()) strings.push_back(*one);
  if (const auto* several = value->as_array()) {
    for (const auto& item : *several) {
      if (const auto* text = item.as_string()) strings.push_back(*text);
    }
  }
  return strings;
}

const app::Table* table_in(const app::Table* table, std::string_view key) {
  const auto* value = table == nullptr ? nullptr : table->find(key);
  return value == nullptr ? nullptr : value->as_table();
}

const std::string* string_in(const app::Table& table, std::string_view key) {
  const auto* value = table.find(key);
  return value == nullptr ? nullptr : value->as_string();
}

BuildComponent from_table(const std::string& id, const app::Table& table,
                          std::string_view profile) {
  BuildComponent made;
  made.id = id;
  if (const auto* source = string_in(table, "source")) made.source = *source;
  if (const auto* build = table_in(&table, "build")) {
    made.commands = strings_in(*build, "command");
    made.watch = strings_in(*build, "watch");
    if (const auto* workdir = string_in(*build, "workdir")) made.workdir = *workdir;
  }
  const auto* chosen = table_in(table_in(&table, "profile"), profile);
  if (chosen == nullptr) return made;
  if (const auto* source = string_in(*chosen, "source")) made.source = *source;
  if (const auto* build = table_in(chosen, "build")) made.commands = strings_in(*build, "command");
  return made;
}

// The components of either version of the manifest, with their ids.
std::vector<std::pair<std::string, const app::Table*>> tables_of(const app::Table& document) {
  std::vector<std::pair<std::string, const app::Table*>> tables;
  const auto* value = document.find("component");
  if (value == nullptr) return tables;
  if (const auto* named = value->as_table()) {
    for (const auto& entry : *named) {
      if (const auto* table = entry.value.as_table()) tables.emplace_back(entry.key, table);
    }
  }
  if (const auto* listed = value->as_array()) {
    for (const auto& item : *listed) {
      const auto* table = item.as_table();
      const auto* id = table == nullptr ? nullptr : string_in(*table, "id");
      if (id != nullptr) tables.emplace_back(*id, table);
    }
  }
  return tables;
}

Result<void> read_leniently(BuildManifest& manifest, std::string_view profile) {
  auto text = TRY(app::DiskFiles().read(manifest.path.string(), app::kMaxTomlBytes));
  const app::SourceText source(manifest.path.filename().string(), std::move(text));
  auto document = TRY(app::parse_toml(source));
  bool defines = profile.empty();
  for (const auto& [id, table] : tables_of(document)) {
    defines = defines || table_in(table_in(table, "profile"), profile) != nullptr;
    manifest.components.push_back(from_table(id, *table, profile));
  }
  if (defines) return {};
  return Error::not_found(
      fmt::format("no component of {} defines profile \"{}\"", source.name(), profile));
}

Result<void> read_strictly(BuildManifest& manifest, std::string_view profile) {
  auto read = TRY(app::load_manifest(manifest.path));
  TRY(app::normalize_manifest(read, profile));
  manifest.has_targets = !read.targets.empty();
  for (const auto& component : read.components) {
    if (component.targets) manifest.has_targets = true;
    manifest.components.push_back(from_component(component));
  }
  return {};
}

fs::path last_build_path(const fs::path& manifest_path) {
  return manifest_path.parent_path() / ".spin" / "last-build.txt";
}

}  // namespace

const BuildComponent* BuildManifest::find(std::string_view id) const {
  auto found = std::ranges::find(components, id, &BuildComponent::id);
  return found == components.end() ? nullptr : &*found;
}

fs::path BuildManifest::working_directory(const BuildComponent& component) const {
  return component.workdir ? (directory() / *component.workdir).lexically_normal() : directory();
}

Result<BuildManifest> read_build_manifest(const fs::path& path, std::string_view profile) {
  BuildManifest manifest;
  manifest.path = TRY(app::find_manifest(path));
  auto strict = read_strictly(manifest, profile);
  if (strict) return manifest;
  manifest.components.clear();
  TRY(read_leniently(manifest, profile));
  manifest.problem = strict.take_error();
  return manifest;
}

Result<void> record_last_build(const BuildManifest& manifest, std::string_view profile) {
  const auto path = last_build_path(manifest.path);
  std::error_code error;
  if (profile.empty() && !fs::exists(path, error)) return {};
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << (profile.empty() ? kNoProfile : profile);
  file.flush();
  if (file) return {};
  return Error::unavailable(fmt::format("writing `{}`", path.string()));
}

std::optional<std::string> other_profile_warning(const fs::path& manifest_path,
                                                 std::string_view profile) {
  auto read = app::DiskFiles().read(last_build_path(manifest_path).string(), kMaxProfileNameBytes);
  if (!read) return std::nullopt;
  std::string_view built = read.value();
  while (built.ends_with('\n')) built.remove_suffix(1);
  const auto running = profile.empty() ? kNoProfile : profile;
  if (built == running) return std::nullopt;
  auto name_of = [](std::string_view name) {
    return name == kNoProfile ? std::string("no profile") : fmt::format("the profile `{}`", name);
  };
  return fmt::format("the last build had {}, this runs with {}", name_of(built), name_of(running));
}

}  // namespace spindle::develop
