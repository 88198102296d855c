#pragma once

// spin:mqtt/mqtt@3.0.0 and fermyon:spin/mqtt@2.0.0.
//
// Works:   opening and publishing with every quality of service; the connection is made with the
//          first message, MQTT 3.1.1 over TCP, or over TLS with the system's
//          roots; user name and password; keep-alive while the guest
//          does something else; many messages at a time.
// Refused: an address that is not permitted is `connection-failed` "address ... is not permitted";
//          one without a client id, or with another scheme than mqtt, mqtts, tcp and ssl,
//          `invalid-address`; more than kMqttConnectionsMax connections `too-many-connections`; a
//          payload beyond `max_payload_size_bytes` (16 MiB where that is not set) `other`; a broker
//          that cannot be reached or does not accept the login `connection-failed`.
// Differs: keep-alive intervals below five seconds are five, 0 is none; a lost connection is made
//          again by the next message, without an error in between.

#include "bindings/fermyon/spin_2/mqtt.h"
#include "bindings/spin/mqtt_3/mqtt.h"
#include "host/mqtt/connections.h"

namespace spindle::host {

namespace mqtt_2 = bindings::fermyon::spin_2::mqtt;
namespace mqtt_3 = bindings::spin::mqtt_3::mqtt;

class SpinMqtt final : public mqtt_2::Host {
 public:
  explicit SpinMqtt(MqttConnections& connections) : connections_(connections) {}

  template <typename T>
  using Answer = std::expected<T, mqtt_2::Error>;
  Result<Answer<std::unique_ptr<MqttHandle>>> connection_open(
      std::string_view address, std::string_view username, std::string_view password,
      uint64_t keep_alive_interval_in_secs) override;
  io::Eventual<Answer<void>> connection_publish(MqttHandle& self, std::string_view topic,
                                                std::span<const uint8_t> payload,
                                                mqtt_2::Qos qos) override;

 private:
  MqttConnections& connections_;
};

class SpinMqttV3 final : public mqtt_3::Host {
 public:
  explicit SpinMqttV3(MqttConnections& connections) : connections_(connections) {}

  template <typename T>
  using Answer = io::Eventual<std::expected<T, mqtt_3::Error>>;
  Answer<std::unique_ptr<AsyncMqttHandle>> connection_open(
      std::string_view address, std::string_view username, std::string_view password,
      uint64_t keep_alive_interval_in_secs) override;
  Answer<void> connection_publish(AsyncMqttHandle& self, std::string_view topic,
                                  std::span<const uint8_t> payload, mqtt_3::Qos qos) override;

 private:
  MqttConnections& connections_;
};

}  // namespace spindle::host
