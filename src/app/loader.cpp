#include "app/loader.h"

#include <algorithm>

#include "app/executor.h"
#include "app/files.h"
#include "app/system.h"
#include "app/toml.h"
#include "app/url.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

namespace fs = std::filesystem;

bool is_bare_wasm(const fs::path& path) {
  return path.extension() == ".wasm";
}

Result<void> check_source(const Manifest& manifest, const Component& component,
                          const fs::path& directory) {
  const auto* source = std::get_if<PathSource>(&component.source.form);
  if (!source) return {};
  fs::path path = directory / source->path;
  std::error_code error;
  if (fs::is_regular_file(path, error)) return {};
  std::string help = component.build
                         ? fmt::format("build it first with its command: {}",
                                       fmt::join(component.build->commands, " && "))
                         : "check the path, which is relative to the manifest's directory";
  std::string_view why = fs::is_directory(path, error) ? "is a directory" : "does not exist";
  Error located = manifest.source->error(
      component.source.at,
      fmt::format("the source of component `{}`, \"{}\", {}", component.id, source->path, why),
      help);
  return Error::not_found(located.message());
}

// The same for what components are composed with.
Result<void> check_dependency_source(const Manifest& manifest, const Dependency& dependency,
                                     const fs::path& directory) {
  const auto* source = std::get_if<PathSource>(&dependency.form);
  std::error_code error;
  if (!source || fs::is_regular_file(directory / source->path, error)) return {};
  Error located = manifest.source->error(
      dependency.at, fmt::format("the file of a dependency, \"{}\", does not exist", source->path));
  return Error::not_found(located.message());
}

Result<void> check_sources(const Manifest& manifest, const fs::path& directory) {
  for (const Component& component : manifest.components) {
    if (!is_served_by_host(manifest, component.id)) {
      TRY(check_source(manifest, component, directory));
    }
    for (const Dependency& dependency : component.dependencies)
      TRY(check_dependency_source(manifest, dependency, directory));
  }
  for (const Trigger& trigger : manifest.triggers) {
    for (const auto& [role, dependencies] : trigger.dependencies) {
      for (const Dependency& dependency : dependencies)
        TRY(check_dependency_source(manifest, dependency, directory));
    }
  }
  return {};
}

Result<std::vector<LockedFile>> mount_files(const Component& component, const fs::path& directory,
                                            const LoadOptions& options, LockedApp& app) {
  if (options.mounts == MountMode::Direct)
    return direct_mounts(component.files, component.exclude_files, directory);
  std::vector<LockedFile> files;
  if (component.files.empty() || options.working_directory.empty()) return files;
  fs::path assets = fs::absolute(options.working_directory) / "assets" / component.id;
  auto outcome = TRY(copy_files(component.files, component.exclude_files, directory, assets));
  for (std::string& warning : outcome.warnings)
    app.warnings.push_back(fmt::format("component `{}`: {}", component.id, warning));
  LockedFile file;
  file.content.source = file_url(assets.string());
  file.path = "/";
  files.push_back(std::move(file));
  return files;
}

LockedApp bare_wasm_app(const fs::path& path) {
  LockedApp app;
  app.name = path.stem().string();
  app.origin = file_url(path.string());
  LockedComponent component;
  component.id = app.name;
  component.source.source = file_url(path.string());
  Table config;
  config.set("route", Value("/..."));
  config.set("component", Value(component.id));
  app.triggers.push_back({"http-trigger1", "http", component.id, Value(std::move(config))});
  app.components.push_back(std::move(component));
  return app;
}

void add_environment(LockedApp& app, const LoadOptions& options) {
  for (LockedComponent& component : app.components) {
    for (const auto& [key, value] : options.environment)
      component.environment.insert_or_assign(key, value);
  }
}

Result<fs::path> absolute_path(const fs::path& path) {
  std::error_code error;
  fs::path absolute = fs::canonical(path, error);
  if (error) return Error::from_errno(error.value(), fmt::format("opening \"{}\"", path.string()));
  return absolute;
}

// A clone of a shared component (middleware) mounts what its original mounts.
void set_mounts(LockedApp& app, const Manifest& manifest, const std::string& id,
                const std::vector<LockedFile>& files) {
  for (LockedComponent& component : app.components) {
    bool clone = component.id.starts_with(id + "-for-") && !manifest.find_component(component.id);
    if (component.id == id || clone) component.files = files;
  }
}

}  // namespace

Result<fs::path> find_manifest(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return absolute_path(path);
  fs::path manifest = path / "spin.toml";
  if (fs::exists(manifest, error)) return absolute_path(manifest);
  return Error::not_found(fmt::format(
      "no spin.toml in \"{}\"; go to the directory of an application, or name it with -f",
      path.string()));
}

Result<Manifest> load_manifest(const fs::path& manifest_path) {
  auto text = TRY(DiskFiles().read(manifest_path.string(), kMaxTomlBytes));
  return parse_manifest(
      std::make_shared<SourceText>(manifest_path.filename().string(), std::move(text)));
}

Result<LockedApp> load_app(const fs::path& path, const LoadOptions& options) {
  fs::path manifest_path = TRY(find_manifest(path));
  if (is_bare_wasm(manifest_path)) {
    LockedApp app = bare_wasm_app(manifest_path);
    add_environment(app, options);
    return app;
  }
  auto manifest = TRY(load_manifest(manifest_path));
  TRY(normalize_manifest(manifest, options.profile));
  fs::path directory = manifest_path.parent_path();
  LockOptions lock{directory.string(), manifest_path.string(), options.profile};
  auto app = TRY(lock_manifest(manifest, lock));
  if (options.sources == SourceCheck::MustExist) TRY(check_sources(manifest, directory));
  for (const Component& component : manifest.components) {
    auto files = TRY(mount_files(component, directory, options, app).context([&] {
      return fmt::format("files of component `{}`", component.id);
    }));
    set_mounts(app, manifest, component.id, files);
  }
  add_environment(app, options);
  return app;
}

Result<std::pair<std::string, std::string>> parse_env_argument(std::string_view argument) {
  size_t equals = argument.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return Error::invalid_input(
        fmt::format("invalid environment variable \"{}\", expected NAME=VALUE", argument));
  return std::pair(std::string(argument.substr(0, equals)),
                   std::string(argument.substr(equals + 1)));
}

}  // namespace spindle::app
