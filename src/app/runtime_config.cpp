#include "app/runtime_config.h"

#include <algorithm>

#include "app/table_reader.h"
#include "app/toml.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

Error not_built(const TableReader& reader, std::string_view what, std::string_view type,
                std::string_view built) {
  Error located = reader.error(reader.table().find("type")->at,
                               fmt::format("{} of type \"{}\" is not supported yet", what, type),
                               fmt::format("supported: {}", built));
  return Error::not_supported(located.message());
}

Error unknown_type(const TableReader& reader, std::string_view type,
                   std::span<const std::string_view> known) {
  return reader.error(reader.table().find("type")->at,
                      fmt::format("unknown type \"{}\" of {}", type, reader.what()),
                      suggestion(type, known));
}

class ConfigParser {
 public:
  ConfigParser(const SourceText& source, std::string_view directory)
      : source_(source), directory_(directory) {}

  Result<RuntimeConfig> run(const Table& root) {
    TableReader reader(source_, root, {1, 1}, "the runtime configuration");
    config_.state_dir = TRY(reader.optional_string("state_dir"));
    config_.log_dir = TRY(reader.optional_string("log_dir"));
    TRY(parse_memory(reader));
    TRY(parse_variables_providers(reader));
    TRY(parse_labels(reader, "key_value_store", &ConfigParser::parse_key_value_store));
    TRY(parse_labels(reader, "sqlite_database", &ConfigParser::parse_sqlite_database));
    TRY(parse_outbound_networking(reader));
    TRY(parse_outbound_http(reader));
    TRY(parse_client_tls(reader));
    auto& outbound = config_.outbound;
    TRY(parse_connections(reader, "outbound_redis", outbound.redis_connections));
    TRY(parse_connections(reader, "outbound_pg", outbound.postgres_connections));
    TRY(parse_connections(reader, "outbound_mysql", outbound.mysql_connections));
    TRY(parse_connections(reader, "outbound_mqtt", outbound.mqtt_connections));
    TRY(parse_llm_compute(reader));
    TRY(reader.finish());
    return std::move(config_);
  }

 private:
  Result<void> parse_memory(TableReader& reader) {
    auto bytes = TRY(reader.optional_integer("max_instance_memory"));
    if (!bytes) return {};
    if (*bytes <= 0)
      return reader.error(
          reader.table().find("max_instance_memory")->at,
          fmt::format("max_instance_memory must be a positive number of bytes, not {}", *bytes));
    config_.max_instance_memory = static_cast<uint64_t>(*bytes);
    return {};
  }

  Result<void> parse_variables_providers(TableReader& reader) {
    std::string_view key = "variables_provider";
    if (reader.table().contains("config_provider")) {
      if (reader.table().contains(key))
        return reader.error(
            reader.table().find_entry(key)->at,
            "`variables_provider` and its old name `config_provider` are both given");
      key = "config_provider";
    }
    reader.take("variables_provider");
    const Array* array = TRY(reader.optional_array(key));
    if (!array) return {};
    for (const Value& item : *array) {
      const Table* table = item.as_table();
      if (!table)
        return reader.error(item.at,
                            fmt::format("`{}` must hold tables, not {}", key, item.kind_name()),
                            fmt::format("write [[{}]]", key));
      TableReader inner(source_, *table, item.at, fmt::format("`[[{}]]`", key));
      TRY(parse_variables_provider(inner));
    }
    return {};
  }

  Result<void> parse_variables_provider(TableReader& reader) {
    std::string type = TRY(reader.required_string("type"));
    if (type == "azure_key_vault")
      return not_built(reader, "a variables provider", type, "static, env, vault");
    if (type == "static") {
      TRY(reader.required("values"));
      auto values = TRY(reader.string_table("values"));
      StaticVariables provider;
      provider.values.insert(values.begin(), values.end());
      config_.variables_providers.emplace_back(std::move(provider));
    } else if (type == "env") {
      EnvironmentVariables provider;
      auto prefix = TRY(reader.optional_string("prefix"));
      if (prefix) provider.options.prefix = *std::move(prefix);
      provider.options.dotenv_path = TRY(reader.optional_string("dotenv_path")).value_or("");
      config_.variables_providers.emplace_back(std::move(provider));
    } else if (type == "vault") {
      VaultVariables provider;
      provider.url = TRY(reader.required_string("url"));
      provider.token = TRY(reader.required_string("token"));
      provider.mount = TRY(reader.required_string("mount"));
      provider.prefix = TRY(reader.optional_string("prefix")).value_or("");
      TRY(check_header_value(reader, "token", provider.token));
      config_.variables_providers.emplace_back(std::move(provider));
    } else {
      constexpr std::string_view kTypes[] = {"static", "env", "vault", "azure_key_vault"};
      return unknown_type(reader, type, kTypes);
    }
    return reader.finish();
  }

  Result<void> parse_labels(TableReader& reader, std::string_view key,
                            Result<void> (ConfigParser::*parse)(TableReader&, const std::string&)) {
    const Table* labels = TRY(reader.optional_table(key));
    if (!labels) return {};
    for (const TableEntry& entry : *labels) {
      const Table* table = entry.value.as_table();
      if (!table)
        return reader.error(entry.value.at, fmt::format("`{}.{}` must be a table, not {}", key,
                                                        entry.key, entry.value.kind_name()));
      TableReader inner(source_, *table, entry.at, fmt::format("`{}.{}`", key, entry.key));
      TRY((this->*parse)(inner, entry.key));
      TRY(inner.finish());
    }
    return {};
  }

  Result<void> parse_key_value_store(TableReader& reader, const std::string& label) {
    std::string type = TRY(reader.required_string("type"));
    constexpr std::string_view kTypes[] = {"spin", "redis", "azure_cosmos", "aws_dynamo"};
    if (std::ranges::find(kTypes, type) == std::end(kTypes))
      return unknown_type(reader, type, kTypes);
    if (type == "redis") {
      std::string url = TRY(reader.required_string("url"));
      config_.key_value_stores.push_back({label, "", std::move(url)});
      return {};
    }
    if (type != "spin") return not_built(reader, "a key-value store", type, "spin, redis");
    std::string path = TRY(reader.optional_string("path")).value_or("");
    if (!path.empty() && !path.starts_with('/') && !directory_.empty())
      path = fmt::format("{}/{}", directory_, path);
    config_.key_value_stores.push_back({label, std::move(path)});
    return {};
  }

  Result<void> parse_sqlite_database(TableReader& reader, const std::string& label) {
    std::string type = TRY(reader.required_string("type"));
    constexpr std::string_view kTypes[] = {"spin", "libsql"};
    if (std::ranges::find(kTypes, type) == std::end(kTypes))
      return unknown_type(reader, type, kTypes);
    if (type != "spin") return not_built(reader, "a database", type, "spin");
    SqliteDatabaseConfig database;
    database.label = label;
    database.path = TRY(reader.optional_string("path")).value_or("");
    database.allow_attach_file = TRY(reader.optional_bool("allow_attach_file")).value_or(false);
    config_.sqlite_databases.push_back(std::move(database));
    return {};
  }

  Result<void> parse_outbound_networking(TableReader& reader) {
    const Table* table = TRY(reader.optional_table("outbound_networking"));
    if (!table) return {};
    TableReader inner(source_, *table, reader.table().find_entry("outbound_networking")->at,
                      "`[outbound_networking]`");
    const auto blocked = TRY(inner.strings("block_networks"));
    for (const std::string& entry : blocked) {
      if (entry == "private") {
        config_.outbound.blocks_private = true;
        continue;
      }
      auto network = Network::parse(entry);
      if (!network)
        return inner.error(table->find("block_networks")->at,
                           fmt::format("\"{}\" is not a network: expected \"private\" or CIDR such "
                                       "as \"10.0.0.0/8\"",
                                       entry));
      config_.outbound.blocked_networks.push_back(*network);
    }
    config_.outbound.socket_connections_max = TRY(optional_count(inner, "max_socket_connections"));
    config_.outbound.total_connections = TRY(optional_count(inner, "max_total_connections"));
    return inner.finish();
  }

  Result<void> parse_outbound_http(TableReader& reader) {
    const Table* table = TRY(reader.optional_table("outbound_http"));
    if (!table) return {};
    TableReader inner(source_, *table, reader.table().find_entry("outbound_http")->at,
                      "`[outbound_http]`");
    // Spin has another default where there is no table at all.
    config_.outbound.pools_http_connections =
        TRY(inner.optional_bool("connection_pooling")).value_or(false);
    config_.outbound.http_connections = TRY(optional_count(inner, "max_connections"));
    const auto requests = TRY(optional_count(inner, "max_concurrent_requests"));
    if (requests && config_.outbound.http_connections)
      return inner.error(table->find_entry("max_concurrent_requests")->at,
                         "`max_connections` and its old name `max_concurrent_requests` are both "
                         "given");
    // As Spin counts.
    if (requests) config_.outbound.http_connections = uint64_t{*requests} + 1;
    return inner.finish();
  }

  static Result<std::optional<uint32_t>> optional_count(TableReader& reader, std::string_view key) {
    auto count = TRY(reader.optional_integer(key));
    if (!count) return std::optional<uint32_t>();
    if (*count < 0 || *count > UINT32_MAX)
      return reader.error(reader.table().find(key)->at,
                          fmt::format("`{}` of {} is {}: expected a number of 0 to {}", key,
                                      reader.what(), *count, UINT32_MAX));
    return std::optional(static_cast<uint32_t>(*count));
  }

  // A kind whose only limit is how many there may be, and MQTT's of messages.
  Result<void> parse_connections(TableReader& reader, std::string_view key,
                                 std::optional<uint64_t>& connections) {
    const Table* table = TRY(reader.optional_table(key));
    if (!table) return {};
    TableReader inner(source_, *table, reader.table().find_entry(key)->at,
                      fmt::format("`[{}]`", key));
    connections = TRY(optional_count(inner, "max_connections"));
    if (key == "outbound_mqtt")
      config_.outbound.mqtt_payload_bytes_max =
          TRY(optional_count(inner, "max_payload_size_bytes"));
    return inner.finish();
  }

  Result<void> parse_client_tls(TableReader& reader) {
    const Array* array = TRY(reader.optional_array("client_tls"));
    if (!array) return {};
    for (const Value& item : *array) {
      const Table* table = item.as_table();
      if (!table)
        return reader.error(item.at,
                            fmt::format("`client_tls` must hold tables, not {}", item.kind_name()),
                            "write [[client_tls]]");
      TableReader inner(source_, *table, item.at, "`[[client_tls]]`");
      auto entry = TRY(parse_client_tls_entry(inner));
      config_.client_tls.push_back(std::move(entry));
    }
    return {};
  }

  Result<ClientTlsConfig> parse_client_tls_entry(TableReader& reader) {
    ClientTlsConfig entry;
    entry.components = TRY(names(reader, "component_ids"));
    entry.hosts = TRY(names(reader, "hosts"));
    for (std::string& host : entry.hosts) {
      auto normal = normalize_host(host);
      if (!normal)
        return reader.error(reader.table().find("hosts")->at,
                            fmt::format("\"{}\" is not a host: expected a name or an address "
                                        "without scheme and port",
                                        host));
      host = *std::move(normal);
    }
    const auto platform = TRY(reader.optional_bool("ca_use_platform_roots"));
    const auto bundled = TRY(reader.optional_bool("ca_use_webpki_roots"));
    entry.roots_file = TRY(file_beside(reader, "ca_roots_file"));
    entry.certificate_file = TRY(file_beside(reader, "client_cert_file"));
    entry.private_key_file = TRY(file_beside(reader, "client_private_key_file"));
    // The bundled roots are those of the system.
    entry.trusts_system_roots = platform || bundled
                                    ? platform.value_or(false) || bundled.value_or(false)
                                    : entry.roots_file.empty();
    if (!entry.trusts_system_roots && entry.roots_file.empty())
      return reader.error(reader.at(), fmt::format("{} trusts no roots", reader.what()),
                          "set `ca_use_platform_roots = true` or `ca_roots_file`");
    if (entry.certificate_file.empty() != entry.private_key_file.empty())
      return reader.error(reader.at(),
                          fmt::format("{} has only one of `client_cert_file` and "
                                      "`client_private_key_file`: expected both or neither",
                                      reader.what()));
    TRY(reader.finish());
    return entry;
  }

  static Result<std::vector<std::string>> names(TableReader& reader, std::string_view key) {
    TRY(reader.required(key));
    auto all = TRY(reader.strings(key));
    if (!all.empty()) return all;
    return reader.error(reader.table().find(key)->at,
                        fmt::format("`{}` of {} is empty", key, reader.what()));
  }

  // Relative to the directory of the file.
  Result<std::string> file_beside(TableReader& reader, std::string_view key) const {
    auto path = TRY(reader.optional_string(key)).value_or("");
    if (path.empty() || path.starts_with('/') || directory_.empty()) return path;
    return fmt::format("{}/{}", directory_, path);
  }

  Result<void> parse_llm_compute(TableReader& reader) {
    const Table* table = TRY(reader.optional_table("llm_compute"));
    if (!table) return {};
    TableReader inner(source_, *table, reader.table().find_entry("llm_compute")->at,
                      "`[llm_compute]`");
    std::string type = TRY(inner.required_string("type"));
    constexpr std::string_view kTypes[] = {"spin", "remote_http"};
    if (std::ranges::find(kTypes, type) == std::end(kTypes))
      return unknown_type(inner, type, kTypes);
    if (type == "spin") return inner.finish();
    LlmComputeConfig compute;
    compute.url = TRY(inner.required_string("url"));
    compute.auth_token = TRY(inner.required_string("auth_token"));
    TRY(check_header_value(inner, "auth_token", compute.auth_token));
    const std::string api = TRY(inner.optional_string("api_type")).value_or("default");
    if (api != "default" && api != "open_ai")
      return inner.error(table->find("api_type")->at, fmt::format("unknown api_type \"{}\"", api),
                         "expected \"default\" or \"open_ai\"");
    if (api == "open_ai") compute.api = LlmComputeConfig::Api::OpenAi;
    config_.llm_compute = std::move(compute);
    return inner.finish();
  }

  // It will be sent in a header.
  static Result<void> check_header_value(TableReader& reader, std::string_view key,
                                         std::string_view value) {
    const bool is_plain = std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7f; });
    if (is_plain) return {};
    return reader.error(reader.table().find(key)->at,
                        fmt::format("`{}` must be printable ASCII without spaces", key));
  }

  const SourceText& source_;
  std::string_view directory_;
  RuntimeConfig config_;
};

}  // namespace

const KeyValueStoreConfig* RuntimeConfig::find_key_value_store(std::string_view label) const {
  auto found = std::ranges::find(key_value_stores, label, &KeyValueStoreConfig::label);
  return found == key_value_stores.end() ? nullptr : &*found;
}

const SqliteDatabaseConfig* RuntimeConfig::find_sqlite_database(std::string_view label) const {
  auto found = std::ranges::find(sqlite_databases, label, &SqliteDatabaseConfig::label);
  return found == sqlite_databases.end() ? nullptr : &*found;
}

bool ClientTlsConfig::holds_for(std::string_view component, std::string_view host) const {
  return std::ranges::find(components, component) != components.end() &&
         std::ranges::find(hosts, host) != hosts.end();
}

Result<RuntimeConfig> parse_runtime_config(SourceText source, std::string_view directory) {
  auto root = TRY(parse_toml(source));
  return ConfigParser(source, directory).run(root);
}

Result<VariableProviders> make_variable_providers(StaticProvider command_line,
                                                  const RuntimeConfig& config,
                                                  const Environment& environment,
                                                  const FileReader& files,
                                                  const VaultFactory& make_vault) {
  VariableProviders providers;
  providers.push_back(std::make_unique<StaticProvider>(std::move(command_line)));
  std::vector<VariablesProviderConfig> all = config.variables_providers;
  EnvironmentVariables implicit;
  implicit.options.dotenv_path = ".env";
  all.emplace_back(std::move(implicit));
  for (VariablesProviderConfig& one : all) {
    if (auto* fixed = std::get_if<StaticVariables>(&one)) {
      providers.push_back(std::make_unique<StaticProvider>(std::move(fixed->values)));
      continue;
    }
    if (auto* vault = std::get_if<VaultVariables>(&one)) {
      if (!make_vault) return Error::not_supported("variables of Vault are not supported here");
      providers.push_back(make_vault(std::move(*vault)));
      continue;
    }
    EnvironmentProvider::Options options = std::get<EnvironmentVariables>(one).options;
    auto provider = TRY(EnvironmentProvider::create(std::move(options), environment, files));
    providers.push_back(std::make_unique<EnvironmentProvider>(std::move(provider)));
  }
  return providers;
}

}  // namespace spindle::app
