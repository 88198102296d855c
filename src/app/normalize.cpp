#include <algorithm>
#include <set>

#include "app/identifiers.h"
#include "app/manifest.h"
#include "app/manifest_parts.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

using Names = std::set<std::string, std::less<>>;

void name_triggers(Manifest& manifest) {
  Names used;
  for (const Trigger& trigger : manifest.triggers) {
    if (!trigger.id.empty()) used.insert(trigger.id);
  }
  std::vector<std::pair<std::string, size_t>> counters;  // by type
  for (Trigger& trigger : manifest.triggers) {
    if (!trigger.id.empty()) continue;
    if (trigger.component && std::holds_alternative<std::string>(*trigger.component)) {
      std::string id =
          fmt::format("{}-{}-trigger", std::get<std::string>(*trigger.component), trigger.type);
      if (used.insert(id).second) {
        trigger.id = std::move(id);
        continue;
      }
    }
    auto counter =
        std::ranges::find(counters, trigger.type, &std::pair<std::string, size_t>::first);
    if (counter == counters.end()) counter = counters.insert(counter, {trigger.type, 1});
    do {
      trigger.id = fmt::format("{}-trigger{}", trigger.type, counter->second++);
    } while (!used.insert(trigger.id).second);
  }
}

// Moves components written inside triggers to the list of components.
class InlineComponents {
 public:
  explicit InlineComponents(Manifest& manifest) : manifest_(manifest) {
    for (const Component& component : manifest.components) used_.insert(component.id);
  }

  void run() {
    for (Trigger& trigger : manifest_.triggers) {
      size_t specs = trigger.component ? 1 : 0;
      for (const auto& [name, list] : trigger.components) specs += list.size();
      std::string wanted = specs == 1 ? fmt::format("{}-component", trigger.id) : "";
      if (trigger.component) move_out(*trigger.component, wanted);
      for (auto& [name, list] : trigger.components) {
        for (ComponentSpec& spec : list) move_out(spec, wanted);
      }
    }
  }

 private:
  void move_out(ComponentSpec& spec, const std::string& wanted) {
    auto* component = std::get_if<Component>(&spec);
    if (!component) return;
    component->id = wanted;
    if (wanted.empty() || !is_kebab_id(wanted) || used_.contains(wanted)) {
      do {
        component->id = fmt::format("inline-component{}", next_++);
      } while (used_.contains(component->id));
    }
    used_.insert(component->id);
    std::string id = component->id;
    manifest_.components.push_back(std::move(*component));
    spec = std::move(id);
  }

  Manifest& manifest_;
  Names used_;
  size_t next_ = 1;
};

void apply_profile(Component& component, const Profile& profile) {
  if (profile.source) component.source = *profile.source;
  for (const auto& [key, value] : profile.environment) {
    auto same =
        std::ranges::find(component.environment, key, &std::pair<std::string, std::string>::first);
    if (same != component.environment.end()) {
      same->second = value;
    } else {
      component.environment.emplace_back(key, value);
    }
  }
  for (const Dependency& dependency : profile.dependencies) {
    auto same = std::ranges::find(component.dependencies, dependency.name, &Dependency::name);
    if (same != component.dependencies.end()) {
      *same = dependency;
    } else {
      component.dependencies.push_back(dependency);
    }
  }
  if (!profile.build_commands.empty()) {
    if (!component.build) component.build.emplace();
    component.build->commands = profile.build_commands;
  }
}

Result<void> apply_profiles(Manifest& manifest, std::string_view name) {
  if (name.empty()) return {};
  bool found = false;
  std::vector<std::string_view> known;
  for (Component& component : manifest.components) {
    for (const Profile& profile : component.profiles) {
      known.push_back(profile.name);
      if (profile.name != name) continue;
      found = true;
      apply_profile(component, profile);
    }
    TRY(manifest_parts::check_dependencies(*manifest.source, component.dependencies));
  }
  if (found) return {};
  std::string help = suggestion(name, known);
  return Error::not_found(fmt::format("no component of {} defines profile \"{}\"{}{}",
                                      manifest.source->name(), name, help.empty() ? "" : "; ",
                                      help));
}

Result<void> push_inheritance_down(const Manifest& manifest, Component& component) {
  if (!component.dependencies_inherit_configuration) return {};
  for (Dependency& dependency : component.dependencies) {
    if (dependency.inherit)
      return manifest.source->error(
          dependency.at,
          fmt::format("dependency `{}` has `inherit_configuration`, and component `{}` has "
                      "`dependencies_inherit_configuration`: only one of them may be given",
                      dependency.name, component.id));
  }
  if (!*component.dependencies_inherit_configuration) return {};
  for (Dependency& dependency : component.dependencies) {
    if (!dependency.bare_version) dependency.inherit = Inherit{true, {}};
  }
  return {};
}

constexpr std::string_view kNotForDependencies[] = {
    "ai_models", "allowed_http_hosts", "allowed_outbound_hosts", "dependencies", "environment",
    "files",     "key_value_stores",   "sqlite_databases",       "variables"};

Result<void> resolve_reference(const Manifest& manifest, Dependency& dependency) {
  const auto* reference = std::get_if<ComponentReference>(&dependency.form);
  if (!reference) return {};
  const Component* target = manifest.find_component(reference->id);
  if (!target) {
    std::vector<std::string_view> known;
    for (const Component& component : manifest.components) known.push_back(component.id);
    return manifest.source->error(
        dependency.at, fmt::format("a dependency names the unknown component `{}`", reference->id),
        suggestion(reference->id, known));
  }
  std::vector<std::string> offending;
  for (const std::string& field : target->written_fields) {
    if (std::ranges::find(kNotForDependencies, field) != std::end(kNotForDependencies))
      offending.push_back(field);
  }
  if (!offending.empty())
    return manifest.source->error(
        dependency.at,
        fmt::format(
            "component `{}` cannot be a dependency, because it has its own configuration: {}",
            target->id, fmt::join(offending, ", ")));
  std::visit([&](const auto& form) { dependency.form = form; }, target->source.form);
  return {};
}

Result<void> resolve_references(Manifest& manifest) {
  for (Component& component : manifest.components) {
    for (Dependency& dependency : component.dependencies)
      TRY(resolve_reference(manifest, dependency));
  }
  for (Trigger& trigger : manifest.triggers) {
    for (auto& [role, dependencies] : trigger.dependencies) {
      for (Dependency& dependency : dependencies) TRY(resolve_reference(manifest, dependency));
    }
  }
  return {};
}

}  // namespace

Result<void> normalize_manifest(Manifest& manifest, std::string_view profile) {
  name_triggers(manifest);
  InlineComponents(manifest).run();
  TRY(apply_profiles(manifest, profile));
  for (Component& component : manifest.components) TRY(push_inheritance_down(manifest, component));
  TRY(resolve_references(manifest));
  return manifest_parts::check_components(manifest);
}

}  // namespace spindle::app
