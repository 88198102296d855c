#include "host/registry.h"

#include "bindings/fermyon/spin/http_types.h"
#include "bindings/fermyon/spin/rdbms_types.h"
#include "bindings/fermyon/spin/redis_types.h"
#include "bindings/fermyon/spin_2/rdbms_types.h"

namespace spindle::host {
namespace {

namespace v1 = bindings::fermyon::spin;
namespace v2 = bindings::fermyon::spin_2;
namespace variables_3 = bindings::spin::variables_3::variables;
namespace wasi_config = bindings::wasi::config_0_2_0_draft_2024_09_27;

using Interfaces = std::array<const component::HostInterface*, kInterfaceCount>;

Interfaces list_interfaces() {
  Interfaces all = {
      &key_value_3::interface(),
      &variables_3::interface(),
      &v2::key_value::interface(),
      &v1::key_value::interface(),
      &wasi_key_value::store::interface(),
      &wasi_key_value::batch::interface(),
      &wasi_key_value::atomics::interface(),
      &v2::variables::interface(),
      &v1::config::interface(),
      &wasi_config::store::interface(),
      &mqtt_2::interface(),
      &mqtt_3::interface(),
      &postgres::api::interface(),
      &postgres::v3::interface(),
      &v2::postgres::interface(),
      &v1::postgres::interface(),
      &sqlite_3::interface(),
      &sqlite_2::interface(),
      &sqlite_1::interface(),
      &redis_3::interface(),
      &v2::redis::interface(),
      &v1::redis::interface(),
      &mysql::api::interface(),
      &v2::mysql::interface(),
      &v1::mysql::interface(),
      &v1::http::interface(),
      &llm_2::interface(),
      &llm_1::interface(),
      &v1::http_types::interface(),
      &v1::rdbms_types::interface(),
      &v1::redis_types::interface(),
      &v2::rdbms_types::interface(),
  };
  return all;
}

}  // namespace

std::span<const component::HostInterface* const, kInterfaceCount> interfaces() {
  static const Interfaces kInterfaces = list_interfaces();
  return kInterfaces;
}

State::State(const ComponentConfig& config, const Services& services,
             OutboundPermission& permission, wasi::OutboundGate& gate)
    : stores_(services.loop, config.key_value),
      key_value_v3_(stores_),
      key_value_(stores_),
      key_value_v1_(stores_),
      wasi_store_(stores_),
      variables_v3_(config.variables, services),
      variables_(config.variables, services),
      config_v1_(config.variables, services),
      wasi_config_(config.variables, services),
      mqtt_connections_(services, permission, config.mqtt_payload_bytes_max),
      mqtt_(mqtt_connections_),
      mqtt_v3_(mqtt_connections_),
      postgres_(services, config.postgres, permission),
      postgres_v4_(postgres_),
      postgres_v3_(postgres_),
      postgres_v2_(postgres_),
      postgres_v1_(postgres_),
      databases_(services.loop, config.sqlite),
      sqlite_v3_(databases_),
      sqlite_(databases_),
      sqlite_v1_(databases_),
      redis_(services, permission),
      redis_v3_(redis_),
      redis_v2_(redis_),
      redis_v1_(redis_),
      mysql_(services, config.mysql, permission),
      mysql_v3_(mysql_),
      mysql_v2_(mysql_),
      mysql_v1_(mysql_),
      http_v1_(services, gate),
      llm_calls_(services, config.llm),
      llm_(llm_calls_),
      llm_v1_(llm_calls_),
      bindings_{key_value_3::implement(key_value_v3_),
                variables_3::implement(variables_v3_),
                v2::key_value::implement(key_value_),
                v1::key_value::implement(key_value_v1_),
                wasi_key_value::store::implement(wasi_store_),
                wasi_key_value::batch::implement(wasi_batch_),
                wasi_key_value::atomics::implement(wasi_atomics_),
                v2::variables::implement(variables_),
                v1::config::implement(config_v1_),
                wasi_config::store::implement(wasi_config_),
                mqtt_2::implement(mqtt_),
                mqtt_3::implement(mqtt_v3_),
                postgres::api::implement(postgres_v4_),
                postgres::v3::implement(postgres_v3_),
                v2::postgres::implement(postgres_v2_),
                v1::postgres::implement(postgres_v1_),
                sqlite_3::implement(sqlite_v3_),
                sqlite_2::implement(sqlite_),
                sqlite_1::implement(sqlite_v1_),
                redis_3::implement(redis_v3_),
                v2::redis::implement(redis_v2_),
                v1::redis::implement(redis_v1_),
                mysql::api::implement(mysql_v3_),
                v2::mysql::implement(mysql_v2_),
                v1::mysql::implement(mysql_v1_),
                v1::http::implement(http_v1_),
                llm_2::implement(llm_),
                llm_1::implement(llm_v1_),
                {&v1::http_types::interface(), nullptr},
                {&v1::rdbms_types::interface(), nullptr},
                {&v1::redis_types::interface(), nullptr},
                {&v2::rdbms_types::interface(), nullptr}} {}

}  // namespace spindle::host
