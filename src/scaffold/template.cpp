#include "scaffold/template.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>

#include "app/system.h"
#include "app/table_reader.h"
#include "app/toml.h"

namespace spindle::scaffold {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxPatternMemory = int64_t{1} << 20;

Result<TemplateCondition> read_condition(const app::SourceText& source,
                                         const app::TableEntry& entry) {
  const auto* table = entry.value.as_table();
  if (table == nullptr) return source.error(entry.value.at, "expected a table");
  app::TableReader reader(source, *table, entry.value.at, fmt::format("condition `{}`", entry.key));
  TemplateCondition made;
  const auto* condition = TRY(reader.required("condition"));
  const auto* inner = condition->value.as_table();
  if (inner == nullptr) return source.error(condition->value.at, "expected a table");
  app::TableReader kind(source, *inner, condition->value.at, "`condition`");
  made.manifest_entry = TRY(kind.required_string("manifest_entry_exists"));
  TRY(kind.finish());
  made.skip_files = TRY(reader.strings("skip_files"));
  made.skip_parameters = TRY(reader.strings("skip_parameters"));
  made.skip_snippets = TRY(reader.strings("skip_snippets"));
  TRY(reader.finish());
  return made;
}

// Nothing: not supported.
Result<std::optional<TemplateVariant>> read_variant(const app::SourceText& source,
                                                    const app::TableEntry& entry) {
  const auto* table = entry.value.as_table();
  if (table == nullptr) return source.error(entry.value.at, "expected a table");
  app::TableReader reader(source, *table, entry.value.at, fmt::format("`[{}]`", entry.key));
  TemplateVariant made;
  const auto supported = TRY(reader.optional_bool("supported"));
  made.skip_files = TRY(reader.strings("skip_files"));
  made.skip_parameters = TRY(reader.strings("skip_parameters"));
  made.snippets = TRY(reader.string_table("snippets"));
  const auto copy_into = TRY(reader.optional_string("copy_into"));
  made.copies_into_root = copy_into == "root";
  const auto* conditions = TRY(reader.optional_table("conditions"));
  if (conditions != nullptr) {
    for (const auto& condition : *conditions) {
      auto read = TRY(read_condition(source, condition));
      made.conditions.push_back(std::move(read));
    }
  }
  TRY(reader.finish());
  if (!supported.value_or(true)) return std::optional<TemplateVariant>();
  return std::optional(std::move(made));
}

Result<TemplateParameter> read_parameter(const app::SourceText& source,
                                         const app::TableEntry& entry) {
  const auto* table = entry.value.as_table();
  if (table == nullptr) return source.error(entry.value.at, "expected a table");
  app::TableReader reader(source, *table, entry.value.at, fmt::format("parameter `{}`", entry.key));
  TemplateParameter made;
  made.name = entry.key;
  const auto type = TRY(reader.required_string("type"));
  if (type != "string") {
    return reader.error(entry.value.at,
                        fmt::format("unknown type \"{}\", expected \"string\"", type));
  }
  made.prompt = TRY(reader.required_string("prompt"));
  made.default_value = TRY(reader.optional_string("default"));
  made.pattern = TRY(reader.optional_string("pattern"));
  made.allowed_values = TRY(reader.strings("allowed_values"));
  TRY(reader.finish());
  return made;
}

Result<TemplateDirectory> read_output(const app::SourceText& source, const app::TableEntry& entry) {
  const auto* table = entry.value.as_table();
  if (table == nullptr) return source.error(entry.value.at, "expected a table");
  app::TableReader reader(source, *table, entry.value.at, fmt::format("output `{}`", entry.key));
  const auto action = TRY(reader.required_string("action"));
  if (action != "create_dir") {
    return reader.error(entry.value.at,
                        fmt::format("unknown action \"{}\", expected \"create_dir\"", action));
  }
  TemplateDirectory made;
  made.path = TRY(reader.required_string("path"));
  const auto at = TRY(reader.optional_string("at"));
  if (at && *at != "component" && *at != "manifest") {
    return reader.error(entry.value.at,
                        fmt::format("unknown place \"{}\", expected component or manifest", *at));
  }
  made.at_manifest = at == "manifest";
  TRY(reader.finish());
  return made;
}

Result<void> read_lists(const app::SourceText& source, app::TableReader& reader, Template& made) {
  const auto* parameters = TRY(reader.optional_table("parameters"));
  if (parameters != nullptr) {
    for (const auto& entry : *parameters) {
      auto parameter = TRY(read_parameter(source, entry));
      made.parameters.push_back(std::move(parameter));
    }
  }
  const auto* outputs = TRY(reader.optional_table("outputs"));
  if (outputs != nullptr) {
    for (const auto& entry : *outputs) {
      auto directory = TRY(read_output(source, entry));
      made.directories.push_back(std::move(directory));
    }
  }
  return {};
}

}  // namespace

bool Template::has_tag(std::string_view tag) const {
  return std::ranges::find(tags, tag) != tags.end();
}

fs::path template_manifest_path(const fs::path& root) {
  return root / "metadata" / "spin-template.toml";
}

Result<Template> read_template(const fs::path& root) {
  const auto path = template_manifest_path(root);
  auto text = TRY(app::DiskFiles().read(path.string(), app::kMaxTomlBytes));
  const app::SourceText source(path.string(), std::move(text));
  const auto document = TRY(app::parse_toml(source));
  app::TableReader reader(source, document, {1, 1}, "the template's manifest");
  Template made;
  made.root = root;
  const auto version = TRY(reader.required_string("manifest_version"));
  if (version != "1") {
    return reader.error({1, 1},
                        fmt::format("unknown manifest_version \"{}\", expected \"1\"", version));
  }
  made.id = TRY(reader.required_string("id"));
  if (made.id.empty()) return reader.error({1, 1}, "the template's `id` is empty");
  made.description = TRY(reader.optional_string("description")).value_or("");
  made.tags = TRY(reader.strings("tags"));
  reader.take("trigger_type");
  if (reader.take("custom_filters") != nullptr) {
    return Error::not_supported(
        fmt::format("template `{}`: custom_filters are not supported", made.id));
  }
  const auto* create = reader.take("new_application");
  made.new_application = TemplateVariant();
  if (create != nullptr) made.new_application = TRY(read_variant(source, *create));
  const auto* add = reader.take("add_component");
  if (add != nullptr) made.add_component = TRY(read_variant(source, *add));
  TRY(read_lists(source, reader, made));
  TRY(reader.finish());
  return made;
}

Result<void> check_value(const TemplateParameter& parameter, std::string_view value) {
  const auto& allowed = parameter.allowed_values;
  if (!allowed.empty() && std::ranges::find(allowed, value) == allowed.end()) {
    return Error::invalid_input(fmt::format("`{}` cannot be \"{}\", expected one of {}",
                                            parameter.name, value, fmt::join(allowed, ", ")));
  }
  if (!parameter.pattern) return {};
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  const re2::RE2 pattern(*parameter.pattern, options);
  if (!pattern.ok()) {
    return Error::invalid_input(
        fmt::format("the pattern of `{}` is not valid: {}", parameter.name, pattern.error()));
  }
  if (re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), pattern)) return {};
  return Error::invalid_input(fmt::format("`{}` cannot be \"{}\", expected text that matches {}",
                                          parameter.name, value, *parameter.pattern));
}

}  // namespace spindle::scaffold
