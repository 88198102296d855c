#include "host/mqtt/spin.h"

namespace spindle::host {
namespace {

template <typename Failure>
Failure to_interface(MqttFailure failure) {
  switch (failure.kind) {
    case MqttFailure::Kind::InvalidAddress: return Failure{typename Failure::InvalidAddress{}};
    case MqttFailure::Kind::TooManyConnections:
      return Failure{typename Failure::TooManyConnections{}};
    case MqttFailure::Kind::ConnectionFailed:
      return Failure{typename Failure::ConnectionFailed{std::move(failure.text)}};
    case MqttFailure::Kind::Other: break;
  }
  return Failure{typename Failure::Other{std::move(failure.text)}};
}

template <typename Failure, typename Handle>
std::expected<std::unique_ptr<Handle>, Failure> to_handle(MqttOutcome<MqttConnection> opened) {
  if (!opened) return std::unexpected(to_interface<Failure>(std::move(opened.error())));
  return std::make_unique<Handle>(std::move(*opened));
}

template <typename Failure>
io::Task<Result<std::expected<void, Failure>>> to_answer(
    io::Task<Result<MqttOutcome<void>>> publishing) {
  using Answer = std::expected<void, Failure>;
  auto published = CO_TRY(co_await std::move(publishing));
  if (published) co_return Answer();
  co_return Answer(std::unexpect, to_interface<Failure>(std::move(published.error())));
}

MqttConnections::Login login(std::string_view username, std::string_view password,
                             uint64_t keep_alive_seconds) {
  return {std::string(username), std::string(password), keep_alive_seconds};
}

}  // namespace

Result<SpinMqtt::Answer<std::unique_ptr<MqttHandle>>> SpinMqtt::connection_open(
    std::string_view address, std::string_view username, std::string_view password,
    uint64_t keep_alive_interval_in_secs) {
  return to_handle<mqtt_2::Error, MqttHandle>(
      connections_.open(address, login(username, password, keep_alive_interval_in_secs)));
}

io::Eventual<SpinMqtt::Answer<void>> SpinMqtt::connection_publish(MqttHandle& self,
                                                                  std::string_view topic,
                                                                  std::span<const uint8_t> payload,
                                                                  mqtt_2::Qos qos) {
  return to_answer<mqtt_2::Error>(
      self.connection().publish(topic, payload, static_cast<MqttQos>(qos)));
}

SpinMqttV3::Answer<std::unique_ptr<AsyncMqttHandle>> SpinMqttV3::connection_open(
    std::string_view address, std::string_view username, std::string_view password,
    uint64_t keep_alive_interval_in_secs) {
  return to_handle<mqtt_3::Error, AsyncMqttHandle>(
      connections_.open(address, login(username, password, keep_alive_interval_in_secs)));
}

SpinMqttV3::Answer<void> SpinMqttV3::connection_publish(AsyncMqttHandle& self,
                                                        std::string_view topic,
                                                        std::span<const uint8_t> payload,
                                                        mqtt_3::Qos qos) {
  return to_answer<mqtt_3::Error>(
      self.connection().publish(topic, payload, static_cast<MqttQos>(qos)));
}

}  // namespace spindle::host
