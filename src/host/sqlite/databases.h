#pragma once

// The SQLite databases of an application, and which of them a component may open.
//
// SqliteDatabases is made once per application from the operator's file, with the threads that run
// statements: apart from other blocking work, since a statement may take long. SqliteAccess is made
// once per component and holds exactly the labels that the author listed; a listed label that
// nobody defined stops the application before it serves. OpenDatabases is per instance and counts
// what it holds open, whichever interface opened it.

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/locked_app.h"
#include "app/runtime_config.h"
#include "host/sqlite/session.h"
#include "io/blocking_pool.h"

namespace spindle::host {

inline constexpr uint32_t kOpenConnectionsMax = 256;
inline constexpr unsigned kSqliteThreadsMax = 16;

class SqliteAccess {
 public:
  // The pool outlives all instances.
  void add(std::string label, std::shared_ptr<DatabaseFile> file, io::BlockingPool& pool);
  // A connection of its own; null where the component may not open that label.
  std::shared_ptr<SqliteSession> open(std::string_view label) const;

 private:
  std::map<std::string, std::shared_ptr<DatabaseFile>, std::less<>> files_;
  io::BlockingPool* pool_ = nullptr;
};

class SqliteDatabases {
 public:
  // Opens nothing. Without a definition of its own the label `default` is a file in `state_dir`, or
  // in memory where there is none. Paths are relative to the working directory of the process.
  SqliteDatabases(const app::RuntimeConfig& config,
                  const std::optional<std::filesystem::path>& state_dir);

  // An error names a label that the component lists and nobody defines.
  Result<SqliteAccess> access_of(const app::LockedComponent& component) const;
  // Before the loops run: `spindle up --sqlite`. All statements of the text.
  Result<void> execute_now(std::string_view label, const std::string& script) const;
  // Where the label `default` lives when nobody defined it.
  const std::optional<std::filesystem::path>& implicit_default() const { return default_; }

 private:
  std::optional<std::filesystem::path> default_;
  std::map<std::string, std::shared_ptr<DatabaseFile>, std::less<>> files_;
  std::unique_ptr<io::BlockingPool> pool_;
};

enum class ConnectFailure : uint8_t { Denied, TooMany };

// One place among the connections of an instance.
class OpenDatabases {
 public:
  // Both outlive the instance.
  OpenDatabases(io::EventLoop& loop, const SqliteAccess& access,
                uint32_t open_max = kOpenConnectionsMax)
      : loop_(loop), access_(access), open_max_(open_max) {}
  OpenDatabases(const OpenDatabases&) = delete;
  OpenDatabases& operator=(const OpenDatabases&) = delete;

  class Place {
   public:
    Place(Place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (owner_ != nullptr) --owner_->open_;
    }

   private:
    friend class OpenDatabases;
    explicit Place(OpenDatabases& owner) : owner_(&owner) { ++owner.open_; }
    OpenDatabases* owner_;
  };
  struct Opened {
    SessionHandle session;
    Place place;
  };

  std::expected<Opened, ConnectFailure> open(std::string_view label);
  uint32_t open_count() const { return open_; }
  io::EventLoop& loop() const { return loop_; }

 private:
  io::EventLoop& loop_;
  const SqliteAccess& access_;
  const uint32_t open_max_;
  uint32_t open_ = 0;
};

}  // namespace spindle::host
