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
    if (!store.redis_url.empty()) {
      auto address = redis::parse_address(store.redis_url);
      if (address) {
        stores.servers_.emplace(store.label,
                                std::make_shared<RedisKeyValueStore>(address.take_value()));
      } else {
        stores.invalid_.emplace(store.label, address.take_error());
      }
      continue;
    }
    std::optional<std::filesystem::path> path;
    if (!store.path.empty()) path = store.path;
    add(store.label, path);
  }
  const bool has_default = stores.files_.contains(kDefaultLabel) ||
                           stores.servers_.contains(kDefaultLabel) ||
                           stores.invalid_.contains(kDefaultLabel);
  if (!has_default) {
    if (state_dir && !state_dir->empty()) stores.default_ = *state_dir / kDefaultFile;
    add(kDefaultLabel, stores.default_);
  }
  return stores;
}

std::shared_ptr<KeyValueStore> KeyValueStores::find(std::string_view label) const {
  if (auto server = servers_.find(label); server != servers_.end()) return server->second;
  auto found = files_.find(label);
  if (found == files_.end()) return nullptr;
  return found->second->store(std::string(label));
}

void KeyValueStores::enter(io::EventLoop& loop, redis::Connections& connections) const {
  for (const auto& [label, server] : servers_) server->enter(loop, connections);
}

void KeyValueStores::leave(io::EventLoop& loop) const {
  for (const auto& [label, server] : servers_) server->leave(loop);
}

Result<KeyValueAccess> KeyValueStores::access_of(const app::LockedComponent& component) const {
  KeyValueAccess access;
  for (const std::string& label : component.key_value_stores) {
    auto store = find(label);
    if (auto wrong = invalid_.find(label); wrong != invalid_.end()) {
      return Error(wrong->second).with_context(fmt::format("key_value_store.{}", label));
    }
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
  if (auto server = servers_.find(label); server != servers_.end()) {
    return server->second->set_now(key, std::move(value));
  }
  auto found = files_.find(label);
  if (found == files_.end()) {
    return Error::not_found(fmt::format("unknown key-value store \"{}\"", label));
  }
  return found->second->set_now(found->first, key, std::move(value));
}

}  // namespace spindle::host
