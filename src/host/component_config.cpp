#include "host/component_config.h"

namespace spindle::host {

Result<ComponentConfig> ComponentConfig::create(const app::LockedComponent& component,
                                                const Backends& backends,
                                                const app::Resolver& resolver,
                                                OutboundTerms outbound) {
  KeyValueAccess access = TRY(backends.key_value.access_of(component));
  SqliteAccess databases = TRY(backends.sqlite.access_of(component));
  auto postgres = PostgresAccess::create(outbound.limits);
  const uint64_t mqtt_payload = outbound.mqtt_payload_bytes_max.value_or(kMqttPayloadBytesMax);
  auto hosts = TRY(OutboundAccess::create(component, resolver, std::move(outbound)));
  LlmAccess llm{.models = component.ai_models};
  if (backends.llm != nullptr) llm.remote = *backends.llm;
  return ComponentConfig{.key_value = std::move(access),
                         .sqlite = std::move(databases),
                         .llm = std::move(llm),
                         .variables = {&resolver, component.id},
                         .outbound = std::move(hosts),
                         .mqtt_payload_bytes_max = mqtt_payload,
                         .postgres = std::move(postgres),
                         .mysql = {.is_granted = true}};
}

}  // namespace spindle::host
