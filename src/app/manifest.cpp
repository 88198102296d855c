#include "app/manifest.h"

#include <algorithm>

#include "app/allowed_hosts.h"
#include "app/json.h"
#include "app/manifest_parts.h"
#include "app/template.h"
#include "app/toml.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

enum class Version : uint8_t { One, Two };

Result<Version> probe_version(const SourceText& source, const Table& root) {
  const TableEntry* entry = root.find_entry("spin_manifest_version");
  if (!entry) entry = root.find_entry("spin_version");
  if (!entry)
    return source.error({1, 1}, "missing field `spin_manifest_version`",
                        "write `spin_manifest_version = 2` as the first line");
  const std::string* text = entry->value.as_string();
  const int64_t* number = entry->value.as_integer();
  if (text && *text == "1") return Version::One;
  if (number && *number == 2) return Version::Two;
  std::string help;
  if (text && *text == "2") help = "write the number 2, without quotes";
  if (number && *number == 1) help = "version 1 is written as the string \"1\"";
  return source.error(entry->value.at,
                      fmt::format("invalid manifest version: {}", to_json(entry->value)), help);
}

// Where the component writes this field, else where the component stands.
Error component_error(const Manifest& manifest, const Component& component, const Error& error) {
  return manifest.source->error(component.at,
                                fmt::format("component `{}`: {}", component.id, error.message()));
}

Result<void> check_hosts(const Manifest& manifest, const Component& component) {
  auto default_of = [&](std::string_view name) -> std::optional<std::string> {
    auto found = std::ranges::find(manifest.variables, name, &Variable::name);
    return found == manifest.variables.end() ? std::nullopt : found->default_value;
  };
  auto checked = check_allowed_hosts(component.allowed_outbound_hosts, default_of);
  if (!checked) return component_error(manifest, component, checked.error());
  return {};
}

// Templates may name only variables of the application.
Result<void> check_variables(const Manifest& manifest, const Component& component) {
  for (const auto& [name, text] : component.variables) {
    auto parsed = TRY(Template::parse(text));
    for (const std::string& used : parsed.variables()) {
      if (std::ranges::find(manifest.variables, used, &Variable::name) != manifest.variables.end())
        continue;
      std::vector<std::string_view> known;
      for (const Variable& variable : manifest.variables) known.push_back(variable.name);
      return manifest.source->error(
          component.at,
          fmt::format("variable `{}` of component `{}` uses the unknown application variable `{}`",
                      name, component.id, used),
          suggestion(used, known));
    }
  }
  return {};
}

}  // namespace

const Component* Manifest::find_component(std::string_view id) const {
  auto found = std::ranges::find(components, id, &Component::id);
  return found == components.end() ? nullptr : &*found;
}

Result<Manifest> parse_manifest(SourceTextPointer source) {
  auto root = TRY(parse_toml(*source));
  Version version = TRY(probe_version(*source, root));
  if (version == Version::One) return manifest_parts::parse_manifest_v1(std::move(source), root);
  return manifest_parts::parse_manifest_v2(std::move(source), root);
}

namespace manifest_parts {

Result<void> check_components(const Manifest& manifest) {
  for (const Component& component : manifest.components) {
    TRY(check_variables(manifest, component));
    TRY(check_hosts(manifest, component));
  }
  return {};
}

}  // namespace manifest_parts
}  // namespace spindle::app
