#include <algorithm>

#include "app/base64.h"
#include "app/json.h"
#include "app/locked_app.h"
#include "app/table_reader.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

Value to_value(const std::vector<std::string>& strings) {
  Array array;
  for (const std::string& text : strings) array.emplace_back(text);
  return Value(std::move(array));
}

Value to_value(const StringMap& map) {
  Table table;
  for (const auto& [key, text] : map) table.append(key, Value(text));
  return Value(std::move(table));
}

void set_if(Table& table, const char* key, const std::string& text) {
  if (!text.empty()) table.set(key, Value(text));
}
void set_if(Table& table, const char* key, const std::optional<std::string>& text) {
  if (text) table.set(key, Value(*text));
}
template <typename Collection>
  requires(!std::convertible_to<Collection, std::string>)
void set_if(Table& table, const char* key, const Collection& all) {
  if (!all.empty()) table.set(key, to_value(all));
}

Table sorted(Table table) {
  std::sort(table.begin(), table.end(),
            [](const TableEntry& a, const TableEntry& b) { return a.key < b.key; });
  return table;
}

void write_content(Table& table, const ContentRef& content) {
  set_if(table, "source", content.source);
  if (content.inline_bytes) table.set("inline", Value(encode_base64(*content.inline_bytes)));
  set_if(table, "digest", content.digest);
}

Value wasm_source(const ContentRef& content) {
  Table table;
  table.set("content_type", Value("application/wasm"));
  write_content(table, content);
  return Value(std::move(table));
}

Value to_value(const LockedDependency& dependency) {
  Table table;
  table.set("source", wasm_source(dependency.source));
  table.set("export", dependency.export_name ? Value(*dependency.export_name) : Value());
  if (dependency.inherit.all) {
    table.set("inherit", Value("All"));
  } else if (!dependency.inherit.some.empty()) {
    Table some;
    some.set("Some", to_value(dependency.inherit.some));
    table.set("inherit", Value(std::move(some)));
  }
  return Value(std::move(table));
}

Value to_value(const Build& build) {
  Table table;
  table.set("command",
            build.commands.size() == 1 ? Value(build.commands[0]) : to_value(build.commands));
  set_if(table, "workdir", build.workdir);
  set_if(table, "watch", build.watch);
  return Value(std::move(table));
}

Table component_metadata(const LockedComponent& component) {
  Table metadata = component.other_metadata;
  set_if(metadata, "description", component.description);
  set_if(metadata, "allowed_outbound_hosts", component.allowed_outbound_hosts);
  set_if(metadata, "key_value_stores", component.key_value_stores);
  set_if(metadata, "databases", component.sqlite_databases);
  set_if(metadata, "ai_models", component.ai_models);
  if (component.build) metadata.set("build", to_value(*component.build));
  if (!component.spindle.is_empty()) {
    metadata.set("spindle", spindle_table_value(component.spindle));
  }
  return sorted(std::move(metadata));
}

Value to_value(const LockedComponent& component) {
  Table table;
  table.set("id", Value(component.id));
  Table metadata = component_metadata(component);
  if (!metadata.empty()) table.set("metadata", Value(std::move(metadata)));
  table.set("source", wasm_source(component.source));
  set_if(table, "env", component.environment);
  if (!component.files.empty()) {
    Array files;
    for (const LockedFile& file : component.files) {
      Table one;
      write_content(one, file.content);
      one.set("path", Value(file.path));
      files.emplace_back(std::move(one));
    }
    table.set("files", Value(std::move(files)));
  }
  set_if(table, "config", component.variables);
  if (!component.dependencies.empty()) {
    Table all;
    for (const LockedDependency& one : component.dependencies) all.set(one.name, to_value(one));
    table.set("dependencies", Value(sorted(std::move(all))));
  }
  if (!component.trigger_dependencies.empty()) {
    Table roles;
    for (const auto& [role, dependencies] : component.trigger_dependencies) {
      Array all;
      for (const LockedDependency& one : dependencies) all.push_back(to_value(one));
      roles.set(role, Value(std::move(all)));
    }
    table.set("trigger_dependencies", Value(sorted(std::move(roles))));
  }
  set_if(table, "host_requirements", component.host_requirements);
  return Value(std::move(table));
}

Value app_metadata(const LockedApp& app) {
  Table metadata = app.other_metadata;
  set_if(metadata, "name", app.name);
  set_if(metadata, "version", app.version);
  set_if(metadata, "description", app.description);
  set_if(metadata, "authors", app.authors);
  set_if(metadata, "origin", app.origin);
  set_if(metadata, "profile", app.profile);
  Table types = app.trigger_settings;
  for (const LockedTrigger& trigger : app.triggers) {
    if (!types.contains(trigger.type)) types.set(trigger.type, Value(Table()));
  }
  if (!app.trigger_settings.empty()) metadata.set("triggers", Value(sorted(app.trigger_settings)));
  if (types.size() == 1) {
    Table only;
    only.set("type", Value(types.begin()->key));
    if (const Table* settings = types.begin()->value.as_table()) {
      for (const TableEntry& entry : *settings) only.set(entry.key, entry.value);
    }
    metadata.set("trigger", Value(sorted(std::move(only))));
  }
  return Value(sorted(std::move(metadata)));
}

Value variables_value(const LockedApp& app) {
  Table all;
  for (const LockedVariable& variable : app.variables) {
    Table one;
    set_if(one, "description", variable.description);
    set_if(one, "default", variable.default_value);
    if (variable.secret) one.set("secret", Value(true));
    all.set(variable.name, Value(std::move(one)));
  }
  return Value(std::move(all));
}

}  // namespace

Value to_json_value(const LockedApp& app) {
  Table root;
  bool component_requires = std::ranges::any_of(
      app.components, [](const auto& component) { return !component.host_requirements.empty(); });
  Array must_understand;
  if (!app.host_requirements.empty()) must_understand.emplace_back("host_requirements");
  if (component_requires) must_understand.emplace_back("component_host_requirements");
  root.set("spin_lock_version", Value(int64_t{must_understand.empty() ? 0 : 1}));
  if (!must_understand.empty()) root.set("must_understand", Value(std::move(must_understand)));
  root.set("metadata", app_metadata(app));
  set_if(root, "host_requirements", app.host_requirements);
  if (!app.variables.empty()) root.set("variables", variables_value(app));
  Array triggers;
  for (const LockedTrigger& trigger : app.triggers) {
    Table one;
    one.set("id", Value(trigger.id));
    one.set("trigger_type", Value(trigger.type));
    one.set("trigger_config", trigger.config);
    triggers.emplace_back(std::move(one));
  }
  root.set("triggers", Value(std::move(triggers)));
  Array components;
  for (const LockedComponent& component : app.components) components.push_back(to_value(component));
  root.set("components", Value(std::move(components)));
  return Value(std::move(root));
}

}  // namespace spindle::app
