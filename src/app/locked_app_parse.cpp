#include <algorithm>

#include "app/base64.h"
#include "app/json.h"
#include "app/locked_app.h"
#include "app/table_reader.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

constexpr std::string_view kUnderstood[] = {"host_requirements", "component_host_requirements"};

Result<StringMap> string_map(TableReader& reader, std::string_view key) {
  auto pairs = TRY(reader.string_table(key));
  return StringMap(pairs.begin(), pairs.end());
}

class LockReader {
 public:
  Result<LockedApp> run(const Value& root) {
    const Table* table = TRY(as_table(root, "the locked application"));
    TableReader reader(source_, *table, {}, "the locked application");
    int64_t version = TRY(reader.optional_integer("spin_lock_version")).value_or(-1);
    if (version != 0 && version != 1)
      return Error::not_supported(
          fmt::format("locked application has version {}, expected 0 or 1", version));
    auto needed = TRY(reader.strings("must_understand"));
    for (const std::string& word : needed) {
      if (std::ranges::find(kUnderstood, word) == std::end(kUnderstood))
        return Error::not_supported(
            fmt::format("locked application requires understanding `{}`", word));
    }
    LockedApp app;
    app.host_requirements = TRY(string_map(reader, "host_requirements"));
    TRY(read_metadata(reader, app));
    TRY(read_variables(reader, app));
    TRY(read_triggers(reader, app));
    TRY(read_components(reader, app));
    return app;
  }

 private:
  Result<const Table*> as_table(const Value& value, std::string_view what) {
    if (const Table* table = value.as_table()) return table;
    return Error::invalid_input(fmt::format("{} must be a table, not {}", what, value.kind_name()));
  }

  Result<void> read_metadata(TableReader& outer, LockedApp& app) {
    const Table* table = TRY(outer.optional_table("metadata"));
    if (!table) return {};
    TableReader reader(source_, *table, {}, "`metadata`");
    app.name = TRY(reader.optional_string("name")).value_or("");
    app.version = TRY(reader.optional_string("version")).value_or("");
    app.description = TRY(reader.optional_string("description")).value_or("");
    app.authors = TRY(reader.strings("authors"));
    app.origin = TRY(reader.optional_string("origin")).value_or("");
    app.profile = TRY(reader.optional_string("profile")).value_or("");
    if (const Table* settings = TRY(reader.optional_table("triggers")))
      app.trigger_settings = *settings;
    TRY(reader.optional_table("trigger"));
    app.other_metadata = reader.rest();
    return {};
  }

  Result<void> read_variables(TableReader& outer, LockedApp& app) {
    const Table* table = TRY(outer.optional_table("variables"));
    if (!table) return {};
    for (const TableEntry& entry : *table) {
      const Table* fields = TRY(as_table(entry.value, "a variable"));
      TableReader reader(source_, *fields, {}, fmt::format("variable `{}`", entry.key));
      LockedVariable variable;
      variable.name = entry.key;
      variable.description = TRY(reader.optional_string("description"));
      variable.default_value = TRY(reader.optional_string("default"));
      variable.secret = TRY(reader.optional_bool("secret")).value_or(false);
      app.variables.push_back(std::move(variable));
    }
    std::ranges::sort(app.variables, {}, &LockedVariable::name);
    return {};
  }

  Result<void> read_triggers(TableReader& outer, LockedApp& app) {
    const Array* array = TRY(outer.optional_array("triggers"));
    if (!array) return {};
    for (const Value& item : *array) {
      const Table* table = TRY(as_table(item, "a trigger"));
      TableReader reader(source_, *table, {}, "a trigger");
      LockedTrigger trigger;
      trigger.id = TRY(reader.required_string("id"));
      trigger.type = TRY(reader.required_string("trigger_type"));
      const TableEntry* config = TRY(reader.required("trigger_config"));
      const Table* fields = TRY(as_table(config->value, "`trigger_config`"));
      if (const Value* component = fields->find("component"); component && component->as_string())
        trigger.component = *component->as_string();
      trigger.config = config->value;
      app.triggers.push_back(std::move(trigger));
    }
    return {};
  }

  Result<ContentRef> read_content(TableReader& reader) {
    ContentRef content;
    content.source = TRY(reader.optional_string("source"));
    content.digest = TRY(reader.optional_string("digest"));
    auto inline_text = TRY(reader.optional_string("inline"));
    if (!inline_text) return content;
    content.inline_bytes = decode_base64(*inline_text);
    if (!content.inline_bytes)
      return Error::invalid_input(fmt::format("`inline` of {} is not base64", reader.what()));
    return content;
  }

  Result<ContentRef> read_source(TableReader& outer) {
    const TableEntry* entry = TRY(outer.required("source"));
    const Table* table = TRY(as_table(entry->value, "`source`"));
    TableReader reader(source_, *table, {}, fmt::format("`source` of {}", outer.what()));
    return read_content(reader);
  }

  Result<LockedDependency> read_dependency(std::string name, const Value& value) {
    const Table* table = TRY(as_table(value, "a dependency"));
    TableReader reader(source_, *table, {}, fmt::format("dependency `{}`", name));
    LockedDependency dependency;
    dependency.name = std::move(name);
    dependency.source = TRY(read_source(reader));
    if (const Value* name_value = table->find("export"); name_value && !name_value->is_null())
      dependency.export_name = TRY(reader.optional_string("export"));
    if (const Value* inherit = table->find("inherit")) {
      const std::string* all = inherit->as_string();
      const Table* some = inherit->as_table();
      if (all && *all == "All") {
        dependency.inherit.all = true;
      } else if (some) {
        TableReader inner(source_, *some, {}, "`inherit`");
        dependency.inherit.some = TRY(inner.strings("Some"));
      } else {
        return Error::invalid_input(
            fmt::format("`inherit` of {} must be \"All\" or {{ \"Some\": [...] }}", reader.what()));
      }
    }
    return dependency;
  }

  Result<void> read_dependencies(TableReader& reader, LockedComponent& component) {
    if (const Table* all = TRY(reader.optional_table("dependencies"))) {
      for (const TableEntry& entry : *all) {
        auto dependency = TRY(read_dependency(entry.key, entry.value));
        component.dependencies.push_back(std::move(dependency));
      }
    }
    const Table* roles = TRY(reader.optional_table("trigger_dependencies"));
    if (!roles) return {};
    for (const TableEntry& role : *roles) {
      const Array* array = role.value.as_array();
      if (!array) return Error::invalid_input("`trigger_dependencies` must hold arrays");
      std::vector<LockedDependency> all;
      for (const Value& item : *array) {
        auto dependency = TRY(read_dependency("", item));
        all.push_back(std::move(dependency));
      }
      component.trigger_dependencies.emplace_back(role.key, std::move(all));
    }
    return {};
  }

  Result<void> read_component_metadata(TableReader& outer, LockedComponent& component) {
    const Table* table = TRY(outer.optional_table("metadata"));
    if (!table) return {};
    TableReader reader(source_, *table, {}, fmt::format("`metadata` of {}", outer.what()));
    component.description = TRY(reader.optional_string("description")).value_or("");
    component.allowed_outbound_hosts = TRY(reader.strings("allowed_outbound_hosts"));
    component.key_value_stores = TRY(reader.strings("key_value_stores"));
    component.sqlite_databases = TRY(reader.strings("databases"));
    component.ai_models = TRY(reader.strings("ai_models"));
    if (const Table* spindle = TRY(reader.optional_table("spindle"))) {
      component.spindle = TRY(read_spindle_table(source_, *spindle, outer.what()));
    }
    component.other_metadata = reader.rest();
    return {};
  }

  Result<void> read_files(TableReader& outer, LockedComponent& component) {
    const Array* array = TRY(outer.optional_array("files"));
    if (!array) return {};
    for (const Value& item : *array) {
      const Table* table = TRY(as_table(item, "a file"));
      TableReader reader(source_, *table, {}, fmt::format("`files` of {}", outer.what()));
      LockedFile file;
      file.content = TRY(read_content(reader));
      file.path = TRY(reader.required_string("path"));
      component.files.push_back(std::move(file));
    }
    return {};
  }

  Result<void> read_components(TableReader& outer, LockedApp& app) {
    const Array* array = TRY(outer.optional_array("components"));
    if (!array) return {};
    for (const Value& item : *array) {
      const Table* table = TRY(as_table(item, "a component"));
      TableReader reader(source_, *table, {}, "a component");
      LockedComponent component;
      component.id = TRY(reader.required_string("id"));
      component.source = TRY(read_source(reader));
      TRY(read_component_metadata(reader, component));
      component.environment = TRY(string_map(reader, "env"));
      component.variables = TRY(string_map(reader, "config"));
      component.host_requirements = TRY(string_map(reader, "host_requirements"));
      TRY(read_files(reader, component));
      TRY(read_dependencies(reader, component));
      app.components.push_back(std::move(component));
    }
    return {};
  }

  SourceText source_{"spin.lock", ""};
};

}  // namespace

Result<LockedApp> parse_locked_app(std::string_view json) {
  auto root = TRY(parse_json(json));
  return LockReader().run(root);
}

}  // namespace spindle::app
