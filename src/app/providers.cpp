#include <algorithm>

#include "app/identifiers.h"
#include "app/json.h"
#include "app/source_text.h"
#include "app/toml.h"
#include "app/variables.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

constexpr size_t kMaxVariableFileBytes = size_t{4} << 20;

Result<Value> parse_values_file(const std::string& path, std::string text) {
  if (path.ends_with(".json")) return parse_json(text);
  if (path.ends_with(".toml")) {
    SourceText source(path, std::move(text));
    auto table = TRY(parse_toml(source));
    return Value(std::move(table));
  }
  return Error::invalid_input(fmt::format(
      "variables file \"{}\" must end in .json or .toml; a single value is given as name=@file",
      path));
}

Result<void> add_file(StaticProvider::Values& values, const std::string& path,
                      const FileReader& files) {
  auto text = TRY(files.read(path, kMaxVariableFileBytes));
  auto parsed = TRY(parse_values_file(path, std::move(text)).context([&] {
    return fmt::format("variables file \"{}\"", path);
  }));
  const Table* table = parsed.as_table();
  if (!table)
    return Error::invalid_input(fmt::format(
        "variables file \"{}\" must hold a table of strings, not {}", path, parsed.kind_name()));
  for (const TableEntry& entry : *table) {
    if (!entry.value.as_string())
      return Error::invalid_input(fmt::format("variable `{}` in \"{}\" must be a string, not {}",
                                              entry.key, path, entry.value.kind_name()));
    values.insert_or_assign(entry.key, *entry.value.as_string());
  }
  return {};
}

}  // namespace

Result<StaticProvider> StaticProvider::from_arguments(std::span<const std::string> arguments,
                                                      const FileReader& files) {
  Values values;
  for (const std::string& argument : arguments) {
    if (argument.starts_with('@')) {
      TRY(add_file(values, argument.substr(1), files));
      continue;
    }
    size_t equals = argument.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error::invalid_input(fmt::format(
          "invalid variable \"{}\", expected name=value, name=@file or @file.json or @file.toml",
          argument));
    std::string name = argument.substr(0, equals);
    std::string value = argument.substr(equals + 1);
    if (value.starts_with('@')) value = TRY(files.read(value.substr(1), kMaxVariableFileBytes));
    values.insert_or_assign(std::move(name), std::move(value));
  }
  return StaticProvider(std::move(values));
}

Result<Lookup> StaticProvider::get(std::string_view variable) const {
  auto found = values_.find(variable);
  return found == values_.end() ? Lookup(Absent{}) : Lookup(found->second);
}

bool StaticProvider::may_provide(std::string_view variable) const {
  return values_.contains(variable);
}

Result<EnvironmentProvider> EnvironmentProvider::create(Options options,
                                                        const Environment& environment,
                                                        const FileReader& files) {
  DotenvValues dotenv;
  if (!options.dotenv_path.empty()) {
    auto text = files.read(options.dotenv_path, kMaxDotenvBytes);
    if (text) {
      dotenv = TRY(parse_dotenv(*text, options.dotenv_path));
    } else if (text.error().kind() != ErrorKind::NotFound) {
      return text.take_error();
    }
  }
  return EnvironmentProvider(std::move(options.prefix), environment, std::move(dotenv));
}

std::optional<std::string> EnvironmentProvider::find(std::string_view variable) const {
  std::string name = fmt::format("{}_{}", prefix_, variable);
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  // The prefix stays as the operator wrote it.
  name.replace(0, prefix_.size(), prefix_);
  if (auto value = environment_->get(name)) return value;
  auto found = dotenv_.find(name);
  return found == dotenv_.end() ? std::nullopt : std::optional(found->second);
}

Result<Lookup> EnvironmentProvider::get(std::string_view variable) const {
  auto value = find(variable);
  return value ? Lookup(*std::move(value)) : Lookup(Absent{});
}

bool EnvironmentProvider::may_provide(std::string_view variable) const {
  return find(variable).has_value();
}

}  // namespace spindle::app
