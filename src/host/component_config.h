#pragma once

// ComponentConfig: what the instances of one component may reach, made once when the application is
// loaded. It knows connections and permissions, not the interfaces that give them to guests
// (registry.h), which cost more to compile than all else.

#include "app/locked_app.h"
#include "app/variables.h"
#include "host/key_value/stores.h"
#include "host/llm/access.h"
#include "host/mqtt/connections.h"
#include "host/mysql/access.h"
#include "host/outbound/access.h"
#include "host/outbound_http/outbound_http.h"
#include "host/postgres/access.h"
#include "host/sqlite/databases.h"
#include "host/variables/resolve.h"

namespace spindle::host {

// What all components of an application share, of which each may reach a part.
struct Backends {
  const KeyValueStores& key_value;
  const SqliteDatabases& sqlite;
  // Who answers for language models; null for nobody.
  const app::LlmComputeConfig* llm = nullptr;
};

// What all instances of a component share: what it may reach.
struct ComponentConfig {
  KeyValueAccess key_value;
  SqliteAccess sqlite;
  LlmAccess llm;
  ComponentVariables variables;
  OutboundAccess outbound;
  OutboundHttpConfig outbound_http;
  uint64_t mqtt_payload_bytes_max = kMqttPayloadBytesMax;
  PostgresAccess postgres;
  MysqlAccess mysql;

  // An error names a store or database that the component lists and nobody defines.
  static Result<ComponentConfig> create(const app::LockedComponent& component,
                                        const Backends& backends, const app::Resolver& resolver,
                                        OutboundTerms outbound = {});
};

}  // namespace spindle::host
