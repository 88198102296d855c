#include <algorithm>

#include "app/allowed_hosts.h"
#include "app/identifiers.h"
#include "app/manifest_parts.h"
#include "app/template.h"
#include "fmt/format.h"

namespace spindle::app::manifest_parts {
namespace {

// Reads the tables of version 2 into one Manifest. Holds the text and collects warnings.
class ParserV2 {
 public:
  explicit ParserV2(Manifest& manifest) : manifest_(manifest), source_(*manifest.source) {}

  Result<void> run(const Table& root) {
    TableReader reader(source_, root, {1, 1}, "the manifest");
    TRY(reader.required("spin_manifest_version"));
    const TableEntry* application = TRY(reader.required("application"));
    TRY(parse_application(*application));
    manifest_.variables = TRY(parse_variables(reader));
    TRY(reader.required("trigger"));
    const Table* triggers = TRY(reader.optional_table("trigger"));
    TRY(parse_triggers(*triggers));
    if (const Table* components = TRY(reader.optional_table("component"))) {
      for (const TableEntry& entry : *components) {
        auto component = TRY(parse_named_component(entry));
        manifest_.components.push_back(std::move(component));
      }
    }
    return reader.finish();
  }

 private:
  Result<void> parse_application(const TableEntry& entry) {
    const Table* table = TRY(as_table(entry, "`application`"));
    TableReader reader(source_, *table, entry.at, "`[application]`");
    manifest_.name = TRY(reader.required_string("name"));
    manifest_.application_version = TRY(reader.optional_string("version")).value_or("");
    manifest_.description = TRY(reader.optional_string("description")).value_or("");
    manifest_.authors = TRY(reader.strings("authors"));
    auto targets = TRY(parse_targets(reader));
    if (targets) manifest_.targets = *std::move(targets);
    TRY(check_table_of_tables(reader, "tool"));
    TRY(check_table_of_tables(reader, "trigger"));
    if (const Value* settings = table->find("trigger")) {
      manifest_.trigger_settings = *settings->as_table();
    }
    return reader.finish();
  }

  Result<const Table*> as_table(const TableEntry& entry, const std::string& what) {
    if (const Table* table = entry.value.as_table()) return table;
    return source_.error(entry.value.at,
                         fmt::format("{} must be a table, not {}", what, entry.value.kind_name()));
  }

  Result<void> check_table_of_tables(TableReader& reader, std::string_view key) {
    const Table* table = TRY(reader.optional_table(key));
    if (!table) return {};
    for (const TableEntry& entry : *table)
      TRY(as_table(entry, fmt::format("`{}.{}` in {}", key, entry.key, reader.what())));
    return {};
  }

  Result<std::optional<std::vector<TargetRef>>> parse_targets(TableReader& reader) {
    std::optional<std::vector<TargetRef>> targets;
    const Array* array = TRY(reader.optional_array("targets"));
    if (!array) return targets;
    targets.emplace();
    for (const Value& item : *array) {
      auto target = TRY(parse_target(reader, item));
      targets->push_back(std::move(target));
    }
    return targets;
  }

  Result<TargetRef> parse_target(const TableReader& outer, const Value& item) {
    if (const std::string* name = item.as_string())
      return TargetRef{TargetRef::Kind::Catalogue, *name};
    const Table* table = item.as_table();
    if (!table)
      return source_.error(
          item.at, fmt::format("`targets` of {} must hold strings or tables, not {}", outer.what(),
                               item.kind_name()));
    TableReader reader(source_, *table, item.at, fmt::format("a target of {}", outer.what()));
    TargetRef target;
    target.kind = table->contains("url") ? TargetRef::Kind::Url : TargetRef::Kind::Path;
    target.value = TRY(reader.required_string(table->contains("url") ? "url" : "path"));
    TRY(reader.finish());
    return target;
  }

  Result<void> parse_triggers(const Table& types) {
    for (const TableEntry& type : types) {
      const Array* array = type.value.as_array();
      if (!array)
        return source_.error(type.at,
                             fmt::format("`trigger.{}` must be an array of tables", type.key),
                             fmt::format("write [[trigger.{}]]", type.key));
      for (const Value& item : *array) {
        auto trigger = TRY(parse_trigger(type.key, item));
        manifest_.triggers.push_back(std::move(trigger));
      }
    }
    return {};
  }

  Result<Trigger> parse_trigger(const std::string& type, const Value& item) {
    const Table* table = item.as_table();
    if (!table)
      return source_.error(
          item.at, fmt::format("`trigger.{}` must hold tables, not {}", type, item.kind_name()));
    TableReader reader(source_, *table, item.at, fmt::format("`[[trigger.{}]]`", type));
    Trigger trigger;
    trigger.type = type;
    trigger.at = item.at;
    trigger.id = TRY(reader.optional_string("id")).value_or("");
    if (const TableEntry* component = reader.take("component"))
      trigger.component = TRY(parse_spec(*component, component->value));
    if (const Table* all = TRY(reader.optional_table("components"))) {
      for (const TableEntry& entry : *all) {
        auto specs = TRY(parse_specs(entry));
        trigger.components.emplace_back(entry.key, std::move(specs));
      }
    }
    TRY(parse_trigger_dependencies(reader, trigger));
    trigger.config = reader.rest();
    return trigger;
  }

  Result<void> parse_trigger_dependencies(TableReader& reader, Trigger& trigger) {
    const Table* roles = TRY(reader.optional_table("dependencies"));
    if (!roles) return {};
    for (const TableEntry& role : *roles) {
      const Array* array = role.value.as_array();
      if (!array)
        return source_.error(role.value.at, fmt::format("`dependencies.{}` of {} must be an array",
                                                        role.key, reader.what()));
      std::vector<Dependency> all;
      for (const Value& item : *array) {
        std::string what = fmt::format("a `{}` dependency of {}", role.key, reader.what());
        auto dependency = TRY(parse_trigger_dependency(source_, item, what));
        all.push_back(std::move(dependency));
      }
      trigger.dependencies.emplace_back(role.key, std::move(all));
    }
    return {};
  }

  // A spec or an array of specs.
  Result<std::vector<ComponentSpec>> parse_specs(const TableEntry& entry) {
    std::vector<ComponentSpec> specs;
    const Array* array = entry.value.as_array();
    if (!array) {
      auto spec = TRY(parse_spec(entry, entry.value));
      specs.push_back(std::move(spec));
      return specs;
    }
    for (const Value& item : *array) {
      auto spec = TRY(parse_spec(entry, item));
      specs.push_back(std::move(spec));
    }
    return specs;
  }

  Result<ComponentSpec> parse_spec(const TableEntry& entry, const Value& value) {
    if (const std::string* id = value.as_string()) {
      if (auto problem = kebab_id_problem(*id))
        return source_.error(value.at,
                             fmt::format("invalid component id \"{}\": {}", *id, *problem));
      return ComponentSpec(*id);
    }
    const Table* table = value.as_table();
    if (!table)
      return source_.error(value.at, fmt::format("`{}` of a trigger must be a component id or a "
                                                 "component, not {}",
                                                 entry.key, value.kind_name()));
    auto component = TRY(parse_component(*table, value.at, "an inline component"));
    return ComponentSpec(std::move(component));
  }

  Result<Component> parse_named_component(const TableEntry& entry) {
    if (auto problem = kebab_id_problem(entry.key))
      return source_.error(entry.at,
                           fmt::format("invalid component id \"{}\": {}", entry.key, *problem));
    std::string what = fmt::format("component `{}`", entry.key);
    const Table* table = TRY(as_table(entry, what));
    auto component = TRY(parse_component(*table, entry.at, what));
    component.id = entry.key;
    return component;
  }

  Result<Component> parse_component(const Table& table, Position at, const std::string& what) {
    TableReader reader(source_, table, at, what);
    Component component;
    component.at = at;
    TRY(check_field_names(reader));
    TRY(parse_common_fields(reader, component));
    TRY(convert_http_hosts(reader, component, manifest_.warnings));
    TRY(parse_component_variables(reader, component));
    component.key_value_stores = TRY(parse_labels(reader, "key_value_stores"));
    component.sqlite_databases = TRY(parse_labels(reader, "sqlite_databases"));
    component.targets = TRY(parse_targets(reader));
    TRY(check_table_of_tables(reader, "tool"));
    component.spindle = TRY(parse_spindle_table(reader));
    component.dependencies_inherit_configuration =
        TRY(reader.optional_bool("dependencies_inherit_configuration"));
    component.dependencies = TRY(parse_dependencies(reader));
    component.profiles = TRY(parse_profiles(reader));
    TRY(reader.finish());
    return component;
  }

  Result<SpindleTable> parse_spindle_table(const TableReader& reader) {
    const Value* tool = reader.table().find("tool");
    const Value* ours = tool ? tool->as_table()->find("spindle") : nullptr;
    if (!ours) return SpindleTable();
    return read_spindle_table(source_, *ours->as_table(), reader.what());
  }

  // Unknown keys come before missing ones: a misspelt `source` is better explained that way.
  Result<void> check_field_names(const TableReader& outer) {
    constexpr std::string_view kFields[] = {"source",
                                            "description",
                                            "variables",
                                            "environment",
                                            "files",
                                            "exclude_files",
                                            "allowed_http_hosts",
                                            "allowed_outbound_hosts",
                                            "key_value_stores",
                                            "sqlite_databases",
                                            "ai_models",
                                            "targets",
                                            "build",
                                            "tool",
                                            "dependencies_inherit_configuration",
                                            "dependencies",
                                            "profile"};
    for (const TableEntry& entry : outer.table()) {
      if (std::ranges::find(kFields, entry.key) == std::end(kFields))
        return source_.error(entry.at,
                             fmt::format("unknown key `{}` in {}", entry.key, outer.what()),
                             suggestion(entry.key, kFields));
    }
    return {};
  }

  Result<void> parse_component_variables(TableReader& reader, Component& component) {
    component.variables = TRY(reader.string_table("variables"));
    for (const auto& [name, text] : component.variables) {
      const TableEntry* entry = reader.table().find("variables")->as_table()->find_entry(name);
      auto problem = lower_snake_id_problem(name);
      if (!problem) problem = variable_key_problem(name);
      if (problem)
        return source_.error(entry->at, fmt::format("invalid variable name \"{}\" in {}: {}", name,
                                                    reader.what(), *problem));
      if (auto parsed = Template::parse(text); !parsed)
        return source_.error(entry->value.at, parsed.error().message());
    }
    return {};
  }

  Result<std::vector<Dependency>> parse_dependencies(TableReader& reader) {
    std::vector<Dependency> all;
    const Table* table = TRY(reader.optional_table("dependencies"));
    if (!table) return all;
    for (const TableEntry& entry : *table) {
      auto dependency = TRY(parse_dependency(source_, entry, reader.what()));
      all.push_back(std::move(dependency));
    }
    TRY(check_dependencies(source_, all));
    return all;
  }

  Result<std::vector<Profile>> parse_profiles(TableReader& reader) {
    std::vector<Profile> profiles;
    const Table* table = TRY(reader.optional_table("profile"));
    if (!table) return profiles;
    for (const TableEntry& entry : *table) {
      std::string what = fmt::format("profile `{}` of {}", entry.key, reader.what());
      const Table* fields = TRY(as_table(entry, what));
      TableReader inner(source_, *fields, entry.at, what);
      Profile profile;
      profile.name = entry.key;
      if (const TableEntry* source = inner.take("source"))
        profile.source = TRY(parse_source(source_, *source, what));
      profile.environment = TRY(inner.string_table("environment"));
      profile.dependencies = TRY(parse_dependencies(inner));
      if (const TableEntry* build = inner.take("build")) {
        auto parsed = TRY(parse_build(source_, *build, what));
        for (std::string_view key : {"workdir", "watch"}) {
          if (const TableEntry* extra = build->value.as_table()->find_entry(key))
            return source_.error(extra->at,
                                 fmt::format("unknown key `{}` in `build` of {}", key, what),
                                 "a profile may change only `command`");
        }
        profile.build_commands = std::move(parsed.commands);
      }
      TRY(inner.finish());
      profiles.push_back(std::move(profile));
    }
    return profiles;
  }

  Manifest& manifest_;
  const SourceText& source_;
};

}  // namespace

Result<Manifest> parse_manifest_v2(SourceTextPointer source, const Table& root) {
  Manifest manifest;
  manifest.source = std::move(source);
  TRY(ParserV2(manifest).run(root));
  return manifest;
}

}  // namespace spindle::app::manifest_parts
