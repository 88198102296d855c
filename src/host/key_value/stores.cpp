#include "host/key_value/stores.h"

#include <fmt/format.h>

namespace spindle::host {
namespace {

constexpr std::string_view kDefaultLabel = "default";
constexpr std::string_view kDefaultFile = "sqlite_key_value.db";

}  // namespace

void KeyValueAccess::add(std::string label, std::shared_ptr<KeyValueStore> store) {
  stores_.insert_or_assign(std::move(label), std::move(store));
}

KeyValueStore* KeyValueAccess::find(std::string_view label) const {
  auto found = stores_.find(label);
  return found == stores_.end() ? nullptr : found->second.get();
}

KeyValueStores KeyValueStores::create(const app::RuntimeConfig& config,
                                      const std::optional<std::filesystem::path>& state_dir,
                                      io::BlockingPool& pool) {
  KeyValueStores stores;
  std::map<std::filesystem::path, std::shared_ptr<SqliteKeyValueFile>> by_path;
  auto add = [&](std::string_view label, const std::optional<std::filesystem::path>& path) {
    std::shared_ptr<SqliteKeyValueFile> file;
    if (path) {
      auto& shared = by_path[path->lexically_normal()];
      if (shared == nullptr) shared = SqliteKeyValueFile::create(path, pool);
      file = shared;
    } else {
      file = SqliteKeyValueFile::create(std::nullopt, pool);
    }
    stores.files_.emplace(label, std::move(file));
  };
  for (const auto& store : config.key_value_stores) {
    std::optional<std::filesystem::path> path;
    if (!store.path.empty()) path = store.path;
    add(store.label, path);
  }
  if (!stores.files_.contains(kDefaultLabel)) {
    if (state_dir && !state_dir->empty()) stores.default_ = *state_dir / kDefaultFile;
    add(kDefaultLabel, stores.default_);
  }
  return stores;
}

std::shared_ptr<KeyValueStore> KeyValueStores::find(std::string_view label) const {
  auto found = files_.find(label);
  if (found == files_.end()) return nullptr;
  return found->second->store(std::string(label));
}

Result<KeyValueAccess> KeyValueStores::access_of(const app::LockedComponent& component) const {
  KeyValueAccess access;
  for (const std::string& label : component.key_value_stores) {
    auto store = find(label);
    if (store == nullptr) {
      return Error::not_found(fmt::format(
          "unknown key_value_stores label \"{}\" for component \"{}\"", label, component.id));
    }
    access.add(label, std::move(store));
  }
  return access;
}

Result<void> KeyValueStores::set_now(std::string_view label, const std::string& key,
                                     KeyValueBytes value) const {
  auto found = files_.find(label);
  if (found == files_.end()) {
    return Error::not_found(fmt::format("unknown key-value store \"{}\"", label));
  }
  return found->second->set_now(found->first, key, std::move(value));
}

}  // namespace spindle::host
