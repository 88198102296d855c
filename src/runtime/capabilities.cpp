#include "runtime/capabilities.h"

#include <fmt/format.h>

#include <algorithm>

#include "component/plan/host_registry.h"

namespace spindle::runtime {
namespace {

constexpr std::string_view kHosts = "allowed_outbound_hosts";
constexpr std::string_view kStores = "key_value_stores";
constexpr std::string_view kDatabases = "sqlite_databases";
constexpr std::string_view kVariables = "variables";
constexpr std::string_view kEnvironment = "environment";
constexpr std::string_view kFiles = "files";
constexpr std::string_view kModels = "ai_models";

constexpr std::string_view kSnapshot = "@0.2.0-rc-2023-11-10";

struct Row {
  std::string_view track;
  std::string_view capability;
};

// By track name. Besides what Spin denies, the two interfaces of wasi:keyvalue that take a bucket:
// without the one that opens buckets nothing can be done with them.
constexpr Row kRows[] = {
    {"fermyon:spin/llm", kModels},
    {"fermyon:spin/llm@2", kModels},
    {"fermyon:spin/http", kHosts},
    {"fermyon:spin/mysql", kHosts},
    {"fermyon:spin/postgres", kHosts},
    {"fermyon:spin/redis", kHosts},
    {"fermyon:spin/mqtt@2", kHosts},
    {"fermyon:spin/mysql@2", kHosts},
    {"fermyon:spin/postgres@2", kHosts},
    {"fermyon:spin/redis@2", kHosts},
    {"spin:mqtt/mqtt@3", kHosts},
    {"spin:mysql/mysql@3", kHosts},
    {"spin:redis/redis@3", kHosts},
    {"spin:postgres/postgres@3", kHosts},
    {"spin:postgres/postgres@4", kHosts},
    {"wasi:http/outgoing-handler@0.2", kHosts},
    {"wasi:http/client@0.3", kHosts},
    {"wasi:http/client@0.3.0-rc-2026-03-15", kHosts},
    {"wasi:sockets/ip-name-lookup@0.2", kHosts},
    {"wasi:sockets/ip-name-lookup@0.3", kHosts},
    {"wasi:sockets/ip-name-lookup@0.3.0-rc-2026-03-15", kHosts},
    {"wasi:sockets/tcp@0.2", kHosts},
    {"wasi:sockets/tcp-create-socket@0.2", kHosts},
    {"wasi:sockets/udp@0.2", kHosts},
    {"wasi:sockets/udp-create-socket@0.2", kHosts},
    {"wasi:cli/environment@0.2", kEnvironment},
    {"wasi:cli/environment@0.3", kEnvironment},
    {"wasi:cli/environment@0.3.0-rc-2026-03-15", kEnvironment},
    {"wasi:filesystem/preopens@0.2", kFiles},
    {"wasi:filesystem/preopens@0.3", kFiles},
    {"wasi:filesystem/preopens@0.3.0-rc-2026-03-15", kFiles},
    {"fermyon:spin/key-value", kStores},
    {"fermyon:spin/key-value@2", kStores},
    {"spin:key-value/key-value@3", kStores},
    {"wasi:keyvalue/store@0.2.0-draft2", kStores},
    {"wasi:keyvalue/batch@0.2.0-draft2", kStores},
    {"wasi:keyvalue/atomics@0.2.0-draft2", kStores},
    {"fermyon:spin/sqlite", kDatabases},
    {"fermyon:spin/sqlite@2", kDatabases},
    {"spin:sqlite/sqlite@3", kDatabases},
    {"fermyon:spin/config", kVariables},
    {"fermyon:spin/variables@2", kVariables},
    {"spin:variables/variables@3", kVariables},
    {"wasi:config/store@0.2.0-draft-2024-09-27", kVariables},
};

}  // namespace

std::string_view capability_of(std::string_view interface) {
  std::string track = component::track_name(interface);
  // The snapshot has the interfaces of the release.
  if (track.ends_with(kSnapshot))
    track.replace(track.size() - kSnapshot.size(), kSnapshot.size(), "@0.2");
  const auto* row = std::ranges::find(kRows, track, &Row::track);
  return row == std::end(kRows) ? std::string_view() : row->capability;
}

std::string denied_name(std::string_view interface) {
  return fmt::format("denied-{}", interface);
}

std::string hoisted_name(std::string_view import, const app::Inherit& inherit) {
  const std::string_view capability = capability_of(import);
  if (inherit.all || capability.empty() ||
      std::ranges::find(inherit.some, capability) != inherit.some.end()) {
    return std::string(import);
  }
  return denied_name(import);
}

}  // namespace spindle::runtime
