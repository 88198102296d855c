#pragma once

// Spin's interfaces as one thing: what to register, and what implements them for one instance.
//
//   for (const auto* interface : host::interfaces()) registry.add(*interface);       // once
//   auto stores = host::KeyValueStores::create(config, state_dir, pool);             // application
//   auto databases = host::SqliteDatabases(config, state_dir);                      // application
//   auto config = TRY(host::ComponentConfig::create(component, backends, resolver)); // component
//   host::State state(config, services, permission, gate);                           // instance
//   runtime.bind(state.bindings());     // bindings()[i] implements interfaces()[i]
//
// A State makes no system call and allocates nothing. What it refers to, and the State itself, must
// outlive the instance's resources.

#include <array>
#include <span>

#include "component/host/host_interface.h"
#include "host/component_config.h"
#include "host/key_value/spin.h"
#include "host/key_value/wasi.h"
#include "host/llm/llm.h"
#include "host/mqtt/spin.h"
#include "host/mysql/mysql.h"
#include "host/outbound_http/spin_http.h"
#include "host/outbound_redis/spin.h"
#include "host/postgres/postgres.h"
#include "host/services.h"
#include "host/sqlite/spin.h"
#include "host/variables/variables.h"

namespace spindle::host {

inline constexpr size_t kSupportedCount = 28;
inline constexpr size_t kTypesOnlyCount = 4;
inline constexpr size_t kInterfaceCount = kSupportedCount + kTypesOnlyCount;

std::span<const component::HostInterface* const, kInterfaceCount> interfaces();

class State {
 public:
  // All of it outlives the state. `permission` and `gate` are of the same instance.
  State(const ComponentConfig& config, const Services& services, OutboundPermission& permission,
        wasi::OutboundGate& gate);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // In the order of interfaces(). Interfaces that only declare types have no implementation.
  std::span<const component::HostBinding, kInterfaceCount> bindings() const { return bindings_; }

 private:
  OpenStores stores_;
  SpinKeyValueV3 key_value_v3_;
  SpinKeyValue key_value_;
  SpinKeyValueV1 key_value_v1_;
  WasiKeyValueStore wasi_store_;
  WasiKeyValueBatch wasi_batch_;
  WasiKeyValueAtomics wasi_atomics_;
  SpinVariablesV3 variables_v3_;
  SpinVariables variables_;
  SpinConfigV1 config_v1_;
  WasiConfig wasi_config_;
  MqttConnections mqtt_connections_;
  SpinMqtt mqtt_;
  SpinMqttV3 mqtt_v3_;
  postgres::Opener postgres_;
  postgres::PostgresV4 postgres_v4_;
  postgres::PostgresV3 postgres_v3_;
  postgres::PostgresV2 postgres_v2_;
  postgres::PostgresV1 postgres_v1_;
  OpenDatabases databases_;
  SpinSqliteV3 sqlite_v3_;
  SpinSqlite sqlite_;
  SpinSqliteV1 sqlite_v1_;
  OutboundRedis redis_;
  SpinRedisV3 redis_v3_;
  SpinRedis redis_v2_;
  SpinRedisV1 redis_v1_;
  mysql::Opener mysql_;
  mysql::MysqlV3 mysql_v3_;
  mysql::MysqlV2 mysql_v2_;
  mysql::MysqlV1 mysql_v1_;
  SpinHttpV1 http_v1_;
  LlmCalls llm_calls_;
  SpinLlm llm_;
  SpinLlmV1 llm_v1_;
  std::array<component::HostBinding, kInterfaceCount> bindings_;
};

}  // namespace spindle::host
