#include <algorithm>

#include "app/identifiers.h"
#include "app/manifest_parts.h"
#include "app/template.h"
#include "fmt/format.h"

namespace spindle::app::manifest_parts {
namespace {

// Version 1 lets ids be anything; version 2 wants kebab case.
Result<std::string> kebab_from_v1(const SourceText& source, const std::string& id, Position at) {
  if (is_kebab_id(id)) return id;
  std::string converted = id;
  for (char& c : converted) {
    if (c == '_') c = '-';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (auto problem = kebab_id_problem(converted))
    return source.error(at, fmt::format("invalid component id \"{}\": {}", id, *problem));
  return converted;
}

// Reads the tables of version 1 and writes down what version 2 would have said.
class ParserV1 {
 public:
  explicit ParserV1(Manifest& manifest) : manifest_(manifest), source_(*manifest.source) {}

  Result<void> run(const Table& root) {
    TableReader reader(source_, root, {1, 1}, "the manifest");
    reader.take("spin_manifest_version");
    reader.take("spin_version");
    manifest_.version = 1;
    manifest_.name = TRY(reader.required_string("name"));
    manifest_.application_version = TRY(reader.optional_string("version")).value_or("");
    manifest_.description = TRY(reader.optional_string("description")).value_or("");
    manifest_.authors = TRY(reader.strings("authors"));
    TRY(parse_trigger_settings(reader));
    manifest_.variables = TRY(parse_variables(reader));
    if (const Array* components = TRY(reader.optional_array("component"))) {
      for (const Value& item : *components) TRY(parse_component(item));
    }
    return reader.finish();
  }

 private:
  Result<void> parse_trigger_settings(TableReader& reader) {
    const TableEntry* entry = TRY(reader.required("trigger"));
    const Table* table = TRY(reader.optional_table("trigger"));
    TableReader inner(source_, *table, entry->at, "`trigger`");
    type_ = TRY(inner.required_string("type"));
    manifest_.trigger_settings.set(type_, Value(inner.rest()), entry->at);
    return {};
  }

  Result<void> parse_component(const Value& item) {
    const Table* table = item.as_table();
    if (!table)
      return source_.error(item.at,
                           fmt::format("`component` must hold tables, not {}", item.kind_name()),
                           "write [[component]]");
    const Value* id_value = table->find("id");
    std::string what = id_value && id_value->as_string()
                           ? fmt::format("component `{}`", *id_value->as_string())
                           : "a component";
    TableReader reader(source_, *table, item.at, what);
    Component component;
    component.at = item.at;
    std::string id = TRY(reader.required_string("id"));
    component.id = TRY(kebab_from_v1(source_, id, id_value->at));
    TRY(reader.required("trigger"));
    const Table* trigger = TRY(reader.optional_table("trigger"));
    TRY(parse_common_fields(reader, component));
    if (!table->contains("allowed_outbound_hosts"))
      component.allowed_outbound_hosts = {"redis://*:*", "mysql://*:*", "postgres://*:*"};
    TRY(convert_http_hosts(reader, component, ignored_warnings_));
    TRY(parse_config(reader, component));
    component.key_value_stores = TRY(reader.strings("key_value_stores"));
    component.sqlite_databases = TRY(reader.strings("sqlite_databases"));
    TRY(reader.finish());
    add(std::move(component), *trigger);
    return {};
  }

  Result<void> parse_config(TableReader& reader, Component& component) {
    component.variables = TRY(reader.string_table("config"));
    for (const auto& [name, text] : component.variables) {
      const TableEntry* entry = reader.table().find("config")->as_table()->find_entry(name);
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

  // Of equal ids the last component wins, in the place of the first; both triggers stay.
  void add(Component component, const Table& config) {
    Trigger trigger;
    trigger.type = type_;
    trigger.at = component.at;
    trigger.id = fmt::format("trigger-{}", component.id);
    trigger.component = component.id;
    trigger.config = config;
    manifest_.triggers.push_back(std::move(trigger));
    auto same = std::ranges::find(manifest_.components, component.id, &Component::id);
    if (same != manifest_.components.end()) {
      *same = std::move(component);
    } else {
      manifest_.components.push_back(std::move(component));
    }
  }

  Manifest& manifest_;
  const SourceText& source_;
  std::string type_;
  std::vector<std::string> ignored_warnings_;  // in version 1 the old field is the normal one
};

}  // namespace

Result<Manifest> parse_manifest_v1(SourceTextPointer source, const Table& root) {
  Manifest manifest;
  manifest.source = std::move(source);
  TRY(ParserV1(manifest).run(root));
  return manifest;
}

}  // namespace spindle::app::manifest_parts
