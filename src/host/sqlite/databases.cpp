#include "host/sqlite/databases.h"

#include <fmt/format.h>

namespace spindle::host {
namespace {

constexpr std::string_view kDefaultLabel = "default";
constexpr std::string_view kDefaultFile = "sqlite_db.db";

}  // namespace

void SqliteAccess::add(std::string label, std::shared_ptr<DatabaseFile> file,
                       io::BlockingPool& pool) {
  files_.insert_or_assign(std::move(label), std::move(file));
  pool_ = &pool;
}

std::shared_ptr<SqliteSession> SqliteAccess::open(std::string_view label) const {
  auto found = files_.find(label);
  if (found == files_.end()) return nullptr;
  return std::make_shared<SqliteSession>(found->second, *pool_);
}

SqliteDatabases::SqliteDatabases(const app::RuntimeConfig& config,
                                 const std::optional<std::filesystem::path>& state_dir)
    : pool_(std::make_unique<io::BlockingPool>(kSqliteThreadsMax)) {
  for (const auto& database : config.sqlite_databases) {
    auto file = std::make_shared<DatabaseFile>();
    if (!database.path.empty()) file->path = database.path;
    if (database.allow_attach_file) file->attach = Attach::Files;
    files_.emplace(database.label, std::move(file));
  }
  if (files_.contains(kDefaultLabel)) return;
  if (state_dir && !state_dir->empty()) default_ = *state_dir / kDefaultFile;
  auto file = std::make_shared<DatabaseFile>();
  file->path = default_;
  files_.emplace(kDefaultLabel, std::move(file));
}

Result<SqliteAccess> SqliteDatabases::access_of(const app::LockedComponent& component) const {
  SqliteAccess access;
  for (const std::string& label : component.sqlite_databases) {
    auto found = files_.find(label);
    if (found == files_.end()) {
      return Error::not_found(fmt::format(
          "unknown sqlite_databases label \"{}\" for component \"{}\"", label, component.id));
    }
    access.add(label, found->second, *pool_);
  }
  return access;
}

Result<void> SqliteDatabases::execute_now(std::string_view label, const std::string& script) const {
  auto found = files_.find(label);
  if (found == files_.end()) {
    return Error::not_found(fmt::format("unknown SQLite database \"{}\"", label));
  }
  auto connection = TRY(GuestConnection::open(*found->second));
  return connection->run_script(script);
}

std::expected<OpenDatabases::Opened, ConnectFailure> OpenDatabases::open(std::string_view label) {
  auto session = access_.open(label);
  if (session == nullptr) return std::unexpected(ConnectFailure::Denied);
  if (open_ >= open_max_) return std::unexpected(ConnectFailure::TooMany);
  return Opened{SessionHandle(std::move(session)), Place(*this)};
}

}  // namespace spindle::host
