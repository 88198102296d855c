#include "cli/initial_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/system.h"

namespace spindle::cli {
namespace {

constexpr size_t kScriptBytesMax = 64 << 20;
constexpr std::string_view kDefault = "default";

Result<std::pair<std::string, std::string>> split_pair(const std::string& argument) {
  auto equals = argument.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Error::invalid_input(fmt::format("--key-value `{}` is not KEY=VALUE", argument));
  }
  return std::pair(argument.substr(0, equals), argument.substr(equals + 1));
}

bool is_used(const app::LockedApp& locked,
             std::vector<std::string> app::LockedComponent::* labels) {
  return std::ranges::any_of(locked.components, [labels](const auto& component) {
    return std::ranges::find(component.*labels, kDefault) != (component.*labels).end();
  });
}

}  // namespace

Result<SqlArgument> read_sql_argument(const std::string& argument) {
  if (!argument.starts_with('@')) return SqlArgument{std::string(kDefault), argument};
  std::string path = argument.substr(1);
  std::string label(kDefault);
  const auto colon = path.rfind(':');
  if (colon != std::string::npos) {
    label = path.substr(colon + 1);
    path.resize(colon);
  }
  auto script = app::DiskFiles().read(path, kScriptBytesMax);
  return SqlArgument{std::move(label),
                     TRY(std::move(script).context(fmt::format("--sqlite {}", argument)))};
}

Result<void> execute_sql(const runtime::Application& application,
                         const std::vector<std::string>& arguments) {
  for (const auto& argument : arguments) {
    const auto sql = TRY(read_sql_argument(argument));
    TRY(application.sqlite_databases()
            .execute_now(sql.label, sql.script)
            .context(fmt::format("--sqlite {}", argument)));
  }
  return {};
}

Result<void> store_key_values(const runtime::Application& application,
                              const std::vector<std::string>& arguments) {
  for (const auto& argument : arguments) {
    auto [key, value] = TRY(split_pair(argument));
    TRY(application.key_value_stores()
            .set_now(kDefault, key, host::KeyValueBytes(value.begin(), value.end()))
            .context(fmt::format("--key-value {}", key)));
  }
  return {};
}

std::vector<std::string> default_storage_lines(const runtime::Application& application) {
  std::vector<std::string> lines;
  const auto& locked = application.locked();
  const auto& store = application.key_value_stores().implicit_default();
  if (store && is_used(locked, &app::LockedComponent::key_value_stores)) {
    lines.push_back(fmt::format("Storing default key-value data to \"{}\".", store->string()));
  }
  const auto& database = application.sqlite_databases().implicit_default();
  if (database && is_used(locked, &app::LockedComponent::sqlite_databases)) {
    lines.push_back(fmt::format("Storing default SQLite data to \"{}\".", database->string()));
  }
  return lines;
}

}  // namespace spindle::cli
