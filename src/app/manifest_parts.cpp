#include "app/manifest_parts.h"

#include <algorithm>

#include "app/allowed_hosts.h"
#include "app/identifiers.h"
#include "app/semver.h"
#include "app/template.h"
#include "fmt/format.h"

namespace spindle::app::manifest_parts {
namespace {

Result<void> check_digest(TableReader& reader, const std::string& digest) {
  if (digest.starts_with("sha256:")) return {};
  return reader.error(
      reader.table().find("digest")->at,
      fmt::format("digest \"{}\" in {} must begin with \"sha256:\"", digest, reader.what()));
}

bool is_package_name(std::string_view name) {
  size_t colon = name.find(':');
  return colon != std::string_view::npos && is_kebab_id(name.substr(0, colon)) &&
         is_kebab_id(name.substr(colon + 1));
}

Result<void> check_package(TableReader& reader, const std::string& package) {
  if (is_package_name(package)) return {};
  return reader.error(
      reader.table().find("package")->at,
      fmt::format("package \"{}\" in {} must be \"namespace:name\"", package, reader.what()));
}

Result<UrlSource> parse_url_source(TableReader& reader) {
  UrlSource url;
  url.url = TRY(reader.required_string("url"));
  url.digest = TRY(reader.required_string("digest"));
  TRY(check_digest(reader, url.digest));
  return url;
}

Result<std::string> parse_component_id(TableReader& reader) {
  std::string id = TRY(reader.required_string("component"));
  if (auto problem = kebab_id_problem(id))
    return reader.error(reader.table().find("component")->at,
                        fmt::format("invalid component id \"{}\": {}", id, *problem));
  return id;
}

Result<std::optional<Inherit>> parse_inherit(TableReader& reader) {
  constexpr std::string_view kKey = "inherit_configuration";
  const TableEntry* entry = reader.take(kKey);
  if (!entry) return std::optional<Inherit>();
  if (const bool* all = entry->value.as_bool()) return std::optional(Inherit{*all, {}});
  if (!entry->value.as_array())
    return reader.error(entry->value.at,
                        fmt::format("`{}` in {} must be a boolean or an array of strings, not {}",
                                    kKey, reader.what(), entry->value.kind_name()));
  auto some = TRY(reader.strings(kKey));
  return std::optional(Inherit{false, std::move(some)});
}

// The part of a dependency that its keys decide: which form it has.
Result<void> parse_dependency_form(TableReader& reader, Dependency& dependency) {
  const Table& table = reader.table();
  if (table.contains("path")) {
    auto path = TRY(reader.required_string("path"));
    dependency.form = PathSource{std::move(path)};
  } else if (table.contains("url")) {
    dependency.form = TRY(parse_url_source(reader));
  } else if (table.contains("component")) {
    auto id = TRY(parse_component_id(reader));
    dependency.form = ComponentReference{std::move(id)};
  } else if (table.contains("version")) {
    RegistrySource source;
    source.version = TRY(reader.required_string("version"));
    source.registry = TRY(reader.optional_string("registry"));
    if (!is_version_requirement(source.version))
      return reader.error(table.find("version")->at,
                          fmt::format("\"{}\" is not a version requirement", source.version));
    source.package = TRY(reader.optional_string("package")).value_or("");
    if (!source.package.empty()) TRY(check_package(reader, source.package));
    dependency.form = std::move(source);
  } else {
    return reader.error(
        reader.at(),
        fmt::format("{} must have one of `version`, `path`, `url`, `component`", reader.what()));
  }
  dependency.inherit = TRY(parse_inherit(reader));
  return {};
}

struct DependencyName {
  std::string_view package;    // empty for a plain name
  std::string_view interface;  // may be empty
  std::string_view version;    // may be empty
};

std::optional<DependencyName> split_name(std::string_view name) {
  if (name.find_first_of(":/") == std::string_view::npos)
    return is_kebab_id(name) ? std::optional(DependencyName{}) : std::nullopt;
  DependencyName parts;
  if (size_t at = name.find('@'); at != std::string_view::npos) {
    parts.version = name.substr(at + 1);
    if (!Semver::parse(parts.version)) return std::nullopt;
    name = name.substr(0, at);
  }
  if (size_t slash = name.find('/'); slash != std::string_view::npos) {
    parts.interface = name.substr(slash + 1);
    if (!is_kebab_id(parts.interface)) return std::nullopt;
    name = name.substr(0, slash);
  }
  parts.package = name;
  return is_package_name(name) ? std::optional(parts) : std::nullopt;
}

bool conflict(const DependencyName& a, const DependencyName& b) {
  if (a.package.empty() || a.package != b.package) return false;
  if (!a.version.empty() && !b.version.empty() &&
      !semver_compatible(*Semver::parse(a.version), *Semver::parse(b.version)))
    return false;
  return a.interface.empty() || b.interface.empty() || a.interface == b.interface;
}

// Rules between the name of a dependency and its form.
Result<void> check_dependency(const SourceText& source, const Dependency& dependency) {
  auto name = split_name(dependency.name);
  const auto* registry = std::get_if<RegistrySource>(&dependency.form);
  if (name->package.empty() && registry && registry->package.empty())
    return source.error(dependency.at,
                        fmt::format("dependency `{}` has a plain name, so its package is not known",
                                    dependency.name),
                        "write { version = \"...\", package = \"namespace:name\" }");
  bool checked_form = registry || std::holds_alternative<PathSource>(dependency.form);
  if (!name->package.empty() && name->interface.empty() && dependency.export_name && checked_form)
    return source.error(
        dependency.at,
        fmt::format("dependency `{}` is a whole package, so it cannot name an export",
                    dependency.name),
        fmt::format("name the interface, for example \"{}/interface\"", dependency.name));
  return {};
}

}  // namespace

Result<ComponentSource> parse_source(const SourceText& source, const TableEntry& entry,
                                     const std::string& what) {
  ComponentSource result{{}, entry.value.at};
  if (const std::string* path = entry.value.as_string()) {
    result.form = PathSource{*path};
    return result;
  }
  const Table* table = entry.value.as_table();
  if (!table)
    return source.error(entry.value.at, fmt::format("`{}` of {} must be a path or a table, not {}",
                                                    entry.key, what, entry.value.kind_name()));
  TableReader reader(source, *table, entry.value.at, fmt::format("`{}` of {}", entry.key, what));
  if (table->contains("url")) {
    result.form = TRY(parse_url_source(reader));
  } else if (table->contains("package") || table->contains("version")) {
    RegistrySource registry;
    registry.registry = TRY(reader.optional_string("registry"));
    registry.package = TRY(reader.required_string("package"));
    registry.version = TRY(reader.required_string("version"));
    TRY(check_package(reader, registry.package));
    if (!Semver::parse(registry.version))
      return reader.error(
          table->find("version")->at,
          fmt::format("version \"{}\" of {} must be an exact version such as \"1.2.3\"",
                      registry.version, what));
    result.form = std::move(registry);
  } else {
    std::string_view known[] = {"url", "digest", "registry", "package", "version"};
    return source.error(
        entry.value.at,
        fmt::format("{} must have `url` and `digest`, or `package` and `version`", reader.what()),
        table->empty() ? "" : suggestion(table->begin()->key, known));
  }
  TRY(reader.finish());
  return result;
}

Result<Build> parse_build(const SourceText& source, const TableEntry& entry,
                          const std::string& what) {
  const Table* table = entry.value.as_table();
  if (!table)
    return source.error(entry.value.at, fmt::format("`build` of {} must be a table, not {}", what,
                                                    entry.value.kind_name()));
  TableReader reader(source, *table, entry.value.at, fmt::format("`build` of {}", what));
  Build build;
  const TableEntry* command = TRY(reader.required("command"));
  if (const std::string* text = command->value.as_string()) {
    build.commands.push_back(*text);
  } else {
    build.commands = TRY(reader.strings("command"));
  }
  build.workdir = TRY(reader.optional_string("workdir"));
  if (build.workdir && build.workdir->starts_with('/'))
    return reader.error(
        table->find("workdir")->at,
        fmt::format("workdir \"{}\" of {} must be relative to the manifest", *build.workdir, what));
  build.watch = TRY(reader.strings("watch"));
  TRY(reader.finish());
  return build;
}

Result<std::vector<FileMount>> parse_files(TableReader& reader) {
  std::vector<FileMount> mounts;
  const Array* array = TRY(reader.optional_array("files"));
  if (!array) return mounts;
  for (const Value& item : *array) {
    FileMount mount{{}, {}, item.at};
    if (const std::string* pattern = item.as_string()) {
      mount.source = *pattern;
    } else if (const Table* table = item.as_table()) {
      TableReader inner(reader.source(), *table, item.at,
                        fmt::format("`files` of {}", reader.what()));
      mount.source = TRY(inner.required_string("source"));
      mount.destination = TRY(inner.required_string("destination"));
      TRY(inner.finish());
    } else {
      return reader.error(item.at, fmt::format("`files` of {} must hold strings or tables, not {}",
                                               reader.what(), item.kind_name()));
    }
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

Result<std::vector<Variable>> parse_variables(TableReader& reader) {
  std::vector<Variable> variables;
  const Table* table = TRY(reader.optional_table("variables"));
  if (!table) return variables;
  for (const TableEntry& entry : *table) {
    auto problem = lower_snake_id_problem(entry.key);
    if (!problem) problem = variable_key_problem(entry.key);
    if (problem)
      return reader.error(entry.at,
                          fmt::format("invalid variable name \"{}\": {}", entry.key, *problem));
    if (!entry.value.as_table())
      return reader.error(
          entry.value.at,
          fmt::format("variable `{}` must be a table, not {}", entry.key, entry.value.kind_name()),
          fmt::format("write {} = {{ default = ... }}", entry.key));
    TableReader inner(reader.source(), *entry.value.as_table(), entry.at,
                      fmt::format("variable `{}`", entry.key));
    Variable variable{entry.key, entry.at, {}, {}, false};
    variable.description = TRY(inner.optional_string("description"));
    variable.default_value = TRY(inner.optional_string("default"));
    bool required = TRY(inner.optional_bool("required")).value_or(false);
    variable.secret = TRY(inner.optional_bool("secret")).value_or(false);
    TRY(inner.finish());
    if (required == variable.default_value.has_value())
      return reader.error(
          entry.at, fmt::format("variable `{}` must be `required` OR have a `default`", entry.key));
    variables.push_back(std::move(variable));
  }
  return variables;
}

Result<Dependency> parse_dependency(const SourceText& source, const TableEntry& entry,
                                    const std::string& what) {
  Dependency dependency;
  dependency.name = entry.key;
  dependency.at = entry.at;
  if (!split_name(entry.key))
    return source.error(entry.at,
                        fmt::format("invalid dependency name \"{}\" in {}", entry.key, what),
                        "expected a kebab-case name, or \"namespace:package/interface@version\"");
  if (const std::string* version = entry.value.as_string()) {
    if (!is_version_requirement(*version))
      return source.error(entry.value.at,
                          fmt::format("\"{}\" is not a version requirement", *version));
    dependency.bare_version = true;
    dependency.form =
        RegistrySource{std::nullopt, std::string(split_name(entry.key)->package), *version};
    TRY(check_dependency(source, dependency));
    return dependency;
  }
  const Table* table = entry.value.as_table();
  if (!table)
    return source.error(entry.value.at,
                        fmt::format("dependency `{}` must be a string or a table, not {}",
                                    entry.key, entry.value.kind_name()));
  TableReader reader(source, *table, entry.value.at,
                     fmt::format("dependency `{}` of {}", entry.key, what));
  TRY(parse_dependency_form(reader, dependency));
  dependency.export_name = TRY(reader.optional_string("export"));
  TRY(reader.finish());
  TRY(check_dependency(source, dependency));
  if (auto* registry = std::get_if<RegistrySource>(&dependency.form);
      registry && registry->package.empty())
    registry->package = split_name(entry.key)->package;
  return dependency;
}

Result<Dependency> parse_trigger_dependency(const SourceText& source, const Value& value,
                                            const std::string& what) {
  Dependency dependency;
  dependency.at = value.at;
  const Table* table = value.as_table();
  if (!table)
    return source.error(value.at,
                        fmt::format("{} must be a table, not {}", what, value.kind_name()));
  TableReader reader(source, *table, value.at, what);
  TRY(parse_dependency_form(reader, dependency));
  if (std::holds_alternative<RegistrySource>(dependency.form)) TRY(reader.required("package"));
  TRY(reader.finish());
  return dependency;
}

Result<void> check_dependencies(const SourceText& source, const std::vector<Dependency>& all) {
  std::vector<DependencyName> names;
  for (const Dependency& dependency : all) {
    auto name = split_name(dependency.name);
    for (size_t i = 0; i < names.size(); ++i) {
      if (conflict(names[i], *name))
        return source.error(dependency.at,
                            fmt::format("dependencies `{}` and `{}` overlap: both provide the same "
                                        "interfaces",
                                        all[i].name, dependency.name));
    }
    names.push_back(*name);
  }
  return {};
}

Result<std::vector<std::string>> parse_labels(TableReader& reader, std::string_view key) {
  auto labels = TRY(reader.strings(key));
  const Value* array = reader.table().find(key);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (auto problem = label_problem(labels[i]))
      return reader.error((*array->as_array())[i].at,
                          fmt::format("invalid label \"{}\" in `{}` of {}: {}", labels[i], key,
                                      reader.what(), *problem));
  }
  return labels;
}

Result<void> parse_common_fields(TableReader& reader, Component& component) {
  const TableEntry* source = TRY(reader.required("source"));
  component.source = TRY(parse_source(reader.source(), *source, reader.what()));
  component.description = TRY(reader.optional_string("description")).value_or("");
  component.environment = TRY(reader.string_table("environment"));
  component.files = TRY(parse_files(reader));
  component.exclude_files = TRY(reader.strings("exclude_files"));
  component.ai_models = TRY(reader.strings("ai_models"));
  component.allowed_outbound_hosts = TRY(reader.strings("allowed_outbound_hosts"));
  if (const TableEntry* build = reader.take("build"))
    component.build = TRY(parse_build(reader.source(), *build, reader.what()));
  for (const TableEntry& entry : reader.table()) component.written_fields.push_back(entry.key);
  std::ranges::sort(component.written_fields);
  return {};
}

Result<void> convert_http_hosts(TableReader& reader, Component& component,
                                std::vector<std::string>& warnings) {
  const TableEntry* entry = reader.take("allowed_http_hosts");
  if (!entry) return {};
  component.allowed_http_hosts = TRY(reader.strings("allowed_http_hosts"));
  auto converted = convert_allowed_http_hosts(component.allowed_http_hosts);
  if (!converted) return reader.error(entry->value.at, converted.error().message());
  for (std::string& host : *converted) component.allowed_outbound_hosts.push_back(std::move(host));
  warnings.push_back(fmt::format(
      "`allowed_http_hosts` of {} is deprecated, use `allowed_outbound_hosts = [\"{}\"]`",
      reader.what(), fmt::join(component.allowed_outbound_hosts, "\", \"")));
  return {};
}

}  // namespace spindle::app::manifest_parts
