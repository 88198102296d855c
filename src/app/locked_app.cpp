#include "app/locked_app.h"

#include <algorithm>
#include <set>

#include "app/allowed_hosts.h"
#include "app/executor.h"
#include "app/url.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

constexpr std::string_view kChaining = "local_service_chaining";
constexpr std::string_view kMiddleware = "middleware";

std::string join_path(const std::string& directory, const std::string& path) {
  return path.starts_with('/') ? path : fmt::format("{}/{}", directory, path);
}

Error remote_source(const Manifest& manifest, Position at, std::string_view what) {
  Error located = manifest.source->error(
      at, fmt::format("{} is not supported yet", what),
      "download the component and write its path: source = \"component.wasm\"");
  return Error::not_supported(located.message());
}

template <typename Form>
Result<ContentRef> lock_source(const Manifest& manifest, const LockOptions& options,
                               const Form& form, Position at) {
  return std::visit(
      [&]<typename T>(const T& source) -> Result<ContentRef> {
        if constexpr (std::same_as<T, PathSource>) {
          ContentRef content;
          content.source = file_url(join_path(options.app_directory, source.path));
          return content;
        } else if constexpr (std::same_as<T, UrlSource>) {
          return remote_source(manifest, at, fmt::format("a source by URL, \"{}\",", source.url));
        } else if constexpr (std::same_as<T, RegistrySource>) {
          return remote_source(
              manifest, at,
              fmt::format("a source from a registry, \"{}@{}\",", source.package, source.version));
        } else {
          return Error::internal("a dependency still names a component");
        }
      },
      form);
}

Result<LockedDependency> lock_dependency(const Manifest& manifest, const LockOptions& options,
                                         const Dependency& dependency) {
  LockedDependency locked;
  locked.name = dependency.name;
  locked.source = TRY(lock_source(manifest, options, dependency.form, dependency.at));
  locked.export_name = dependency.export_name;
  locked.inherit = dependency.inherit.value_or(Inherit{});
  return locked;
}

bool calls_siblings(const Component& component) {
  return std::ranges::any_of(component.allowed_outbound_hosts, [](const std::string& entry) {
    auto host = AllowedHost::parse(entry);
    return host && host->is_service_chaining();
  });
}

Result<LockedComponent> lock_component(const Manifest& manifest, const LockOptions& options,
                                       const Component& component) {
  LockedComponent locked;
  locked.id = component.id;
  const auto* url = std::get_if<UrlSource>(&component.source.form);
  if (url != nullptr && is_served_by_host(manifest, component.id)) {
    locked.source.source = url->url;
    locked.source.digest = url->digest;
  } else {
    locked.source = TRY(lock_source(manifest, options, component.source.form, component.source.at));
  }
  locked.description = component.description;
  locked.environment.insert(component.environment.begin(), component.environment.end());
  locked.variables.insert(component.variables.begin(), component.variables.end());
  locked.allowed_outbound_hosts = component.allowed_outbound_hosts;
  locked.key_value_stores = component.key_value_stores;
  locked.sqlite_databases = component.sqlite_databases;
  locked.ai_models = component.ai_models;
  locked.build = component.build;
  locked.spindle = component.spindle;
  for (LateImport& import : locked.spindle.late_imports) {
    for (LateCandidate& candidate : import.candidates) {
      if (!candidate.path.empty()) {
        candidate.path = join_path(options.app_directory, candidate.path);
      }
    }
  }
  for (const Dependency& dependency : component.dependencies) {
    auto one = TRY(lock_dependency(manifest, options, dependency));
    locked.dependencies.push_back(std::move(one));
  }
  if (calls_siblings(component)) locked.host_requirements.emplace(kChaining, "required");
  return locked;
}

LockedTrigger lock_trigger(const Trigger& trigger) {
  LockedTrigger locked{trigger.id, trigger.type, {}, {}};
  Table config = trigger.config;
  if (trigger.component) {
    locked.component = std::get<std::string>(*trigger.component);
    config.set("component", Value(locked.component));
  }
  if (!trigger.components.empty()) {
    Table roles;
    for (const auto& [role, specs] : trigger.components) {
      Array ids;
      for (const ComponentSpec& spec : specs) ids.emplace_back(std::get<std::string>(spec));
      roles.append(role, Value(std::move(ids)));
    }
    config.set("components", Value(std::move(roles)));
  }
  locked.config = Value(std::move(config));
  return locked;
}

// Moves the dependencies of triggers to the components that they run. A component that several
// triggers share is cloned for each trigger that adds something to it.
class MiddlewareSplit {
 public:
  MiddlewareSplit(const Manifest& manifest, const LockOptions& options, LockedApp& app)
      : manifest_(manifest), options_(options), app_(app) {}

  Result<void> run() {
    for (size_t i = 0; i < manifest_.triggers.size(); ++i) {
      if (!manifest_.triggers[i].dependencies.empty()) TRY(split(i));
    }
    return {};
  }

 private:
  Result<void> split(size_t index) {
    const Trigger& trigger = manifest_.triggers[index];
    LockedTrigger& locked = app_.triggers[index];
    LockedComponent* component = app_.find_component(locked.component);
    if (!component)
      return manifest_.source->error(
          trigger.at, fmt::format("trigger `{}` has dependencies, but no component", trigger.id));
    if (trigger.dependencies.size() > 1 || trigger.dependencies[0].first != kMiddleware)
      return manifest_.source->error(
          trigger.at,
          fmt::format("trigger `{}` has a dependency that is not `middleware`", trigger.id));
    if (is_shared(locked.component)) component = &clone_for(*component, locked);
    std::vector<LockedDependency> all;
    for (const Dependency& dependency : trigger.dependencies[0].second) {
      auto one = TRY(lock_dependency(manifest_, options_, dependency));
      all.push_back(std::move(one));
    }
    component->trigger_dependencies.emplace_back(kMiddleware, std::move(all));
    component->host_requirements.emplace(kMiddleware, "required");
    return {};
  }

  bool is_shared(const std::string& id) const {
    auto runs = [&](const Trigger& trigger) {
      return trigger.component && std::get<std::string>(*trigger.component) == id;
    };
    return std::ranges::count_if(manifest_.triggers, runs) > 1;
  }

  LockedComponent& clone_for(const LockedComponent& original, LockedTrigger& trigger) {
    LockedComponent clone = original;
    std::string base = fmt::format("{}-for-{}", original.id, trigger.id);
    clone.id = base;
    for (int n = 1; app_.find_component(clone.id); ++n) clone.id = fmt::format("{}-d{}", base, n);
    trigger.component = clone.id;
    trigger.config.as_table()->set("component", Value(clone.id));
    app_.components.push_back(std::move(clone));
    return app_.components.back();
  }

  const Manifest& manifest_;
  const LockOptions& options_;
  LockedApp& app_;
};

}  // namespace

std::optional<std::string> ContentRef::path() const {
  return source ? path_of_file_url(*source) : std::nullopt;
}

const LockedComponent* LockedApp::find_component(std::string_view id) const {
  auto found = std::ranges::find(components, id, &LockedComponent::id);
  return found == components.end() ? nullptr : &*found;
}

LockedComponent* LockedApp::find_component(std::string_view id) {
  auto found = std::ranges::find(components, id, &LockedComponent::id);
  return found == components.end() ? nullptr : &*found;
}

const Table* LockedApp::settings_of(std::string_view trigger_type) const {
  const Value* settings = trigger_settings.find(trigger_type);
  return settings ? settings->as_table() : nullptr;
}

Result<LockedApp> lock_manifest(const Manifest& manifest, const LockOptions& options) {
  LockedApp app;
  app.name = manifest.name;
  app.version = manifest.application_version;
  app.description = manifest.description;
  app.authors = manifest.authors;
  app.origin = file_url(options.origin_path);
  app.profile = options.profile;
  app.trigger_settings = manifest.trigger_settings;
  app.warnings = manifest.warnings;
  for (const Variable& variable : manifest.variables)
    app.variables.push_back(
        {variable.name, variable.description, variable.default_value, variable.secret});
  std::ranges::sort(app.variables, {}, &LockedVariable::name);
  for (const Component& component : manifest.components) {
    auto locked = TRY(lock_component(manifest, options, component));
    app.components.push_back(std::move(locked));
  }
  for (const Trigger& trigger : manifest.triggers) app.triggers.push_back(lock_trigger(trigger));
  TRY(MiddlewareSplit(manifest, options, app).run());
  return app;
}

Result<void> check_requirements(const LockedApp& app, std::span<const std::string_view> supported) {
  auto check = [&](const StringMap& requirements, std::string_view what) -> Result<void> {
    for (const auto& [key, value] : requirements) {
      if (value == "optional") continue;
      if (value != "required" || std::ranges::find(supported, key) == supported.end())
        return Error::not_supported(fmt::format(
            "{} requires `{}` ({}), which this trigger does not support", what, key, value));
    }
    return {};
  };
  TRY(check(app.host_requirements, fmt::format("application \"{}\"", app.name)));
  for (const LockedComponent& component : app.components)
    TRY(check(component.host_requirements, fmt::format("component `{}`", component.id)));
  return {};
}

namespace {

// The sibling that an entry lets a component call: an id, or "*" for all.
std::optional<std::string> called_sibling(const std::string& entry) {
  auto host = AllowedHost::parse(entry);
  if (!host || !host->is_service_chaining()) return std::nullopt;
  if (const auto* exact = std::get_if<ExactHost>(&host->host))
    return std::string(chained_component(exact->name).value_or(""));
  return "*";
}

}  // namespace

Result<void> keep_components(LockedApp& app, std::span<const std::string> ids) {
  if (ids.empty()) return {};
  std::set<std::string, std::less<>> kept(ids.begin(), ids.end());
  for (const std::string& id : kept) {
    if (app.find_component(id)) continue;
    std::vector<std::string_view> known;
    for (const LockedComponent& component : app.components) known.push_back(component.id);
    return Error::not_found(fmt::format("no component \"{}\" in application \"{}\"; {}", id,
                                        app.name, suggestion(id, known)));
  }
  for (const LockedComponent& component : app.components) {
    if (!kept.contains(component.id)) continue;
    for (const std::string& entry : component.allowed_outbound_hosts) {
      auto callee = called_sibling(entry);
      bool dropped =
          callee && (*callee == "*" ? kept.size() < app.components.size()
                                    : app.find_component(*callee) && !kept.contains(*callee));
      if (dropped)
        return Error::invalid_input(
            fmt::format("component `{}` may call \"{}\", which --component-id leaves out",
                        component.id, entry));
    }
  }
  std::erase_if(app.components,
                [&](const auto& component) { return !kept.contains(component.id); });
  std::erase_if(app.triggers,
                [&](const auto& trigger) { return !kept.contains(trigger.component); });
  return {};
}

}  // namespace spindle::app
