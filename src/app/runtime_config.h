#pragma once

// RuntimeConfig: the operator's file beside the author's manifest: where state and logs go, which
// providers give variables their values, which backends stand behind the labels of stores. Every
// key must be known; what is known but not built yet is refused with a message that says so.
//
// Paths are resolved here as the format wants: state_dir, log_dir and SQLite databases against the
// working directory of the process (left as written), key-value stores against the directory of the
// file.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/allowed_hosts.h"
#include "app/source_text.h"
#include "app/system.h"
#include "app/value.h"
#include "app/variables.h"
#include "base/result.h"

namespace spindle::app {

// An empty path: in memory. With a URL, the store is a Redis server.
struct KeyValueStoreConfig {
  std::string label;
  std::string path;
  std::string redis_url = {};
};
struct SqliteDatabaseConfig {
  std::string label;
  std::string path;
  bool allow_attach_file = false;
};

struct StaticVariables {
  StaticProvider::Values values;
};
struct EnvironmentVariables {
  EnvironmentProvider::Options options;
};
// Whom requests of some components to some hosts trust, and as whom they present themselves.
struct ClientTlsConfig {
  std::vector<std::string> components;
  std::vector<std::string> hosts;
  bool trusts_system_roots = true;
  // PEM files; empty: none.
  std::string roots_file;
  std::string certificate_file;
  std::string private_key_file;

  bool holds_for(std::string_view component, std::string_view host) const;
};
// What outbound connections of all components are held to, beside their own permissions.
struct OutboundConfig {
  std::vector<Network> blocked_networks;
  // Every address that is not globally routable.
  bool blocks_private = false;
  // Connections of guests' own sockets, over all components; absent: any number.
  std::optional<uint32_t> socket_connections_max;
  // Of one MQTT message.
  std::optional<uint64_t> mqtt_payload_bytes_max;
  // Connections of outbound HTTP are kept for the next request.
  bool pools_http_connections = true;
  // How many there may be at a time: of each kind, of everything.
  std::optional<uint64_t> http_connections;
  std::optional<uint64_t> redis_connections;
  std::optional<uint64_t> postgres_connections;
  std::optional<uint64_t> mysql_connections;
  std::optional<uint64_t> mqtt_connections;
  std::optional<uint64_t> total_connections;
  // `host:port` that speaks HTTP/2 without TLS; of the environment.
  std::string http2_authority;
};

// Secrets of a HashiCorp Vault server.
struct VaultVariables {
  std::string url;
  std::string token;
  std::string mount;
  std::string prefix;
};

using VariablesProviderConfig = std::variant<StaticVariables, EnvironmentVariables, VaultVariables>;

// A server that is asked what language models answer.
struct LlmComputeConfig {
  enum class Api : uint8_t { Default, OpenAi };
  std::string url;
  std::string auth_token;
  Api api = Api::Default;
};

struct RuntimeConfig {
  // Absent: the default; empty: explicitly none.
  std::optional<std::string> state_dir;
  std::optional<std::string> log_dir;
  std::optional<uint64_t> max_instance_memory;
  std::vector<VariablesProviderConfig> variables_providers;
  std::vector<KeyValueStoreConfig> key_value_stores;
  std::vector<SqliteDatabaseConfig> sqlite_databases;
  OutboundConfig outbound;
  // The first that holds for a component and a host is used.
  std::vector<ClientTlsConfig> client_tls;
  // Absent: models in the process itself.
  std::optional<LlmComputeConfig> llm_compute;

  const KeyValueStoreConfig* find_key_value_store(std::string_view label) const;
  const SqliteDatabaseConfig* find_sqlite_database(std::string_view label) const;
};

// `directory` is that of the file.
Result<RuntimeConfig> parse_runtime_config(SourceText source, std::string_view directory);

// Makes what must ask a server.
using VaultFactory = std::function<std::unique_ptr<const VariableProvider>(VaultVariables)>;

// The providers in order: the command line's, the configured ones, then the environment with the
// prefix SPIN_VARIABLE and `.env`. Borrows the environment.
Result<VariableProviders> make_variable_providers(StaticProvider command_line,
                                                  const RuntimeConfig& config,
                                                  const Environment& environment,
                                                  const FileReader& files,
                                                  const VaultFactory& make_vault = {});

}  // namespace spindle::app
