// MQTT over fermyon:spin/mqtt@2.0.0.

#include <spindle/mqtt.h>

#include "capabilities.h"
#include "guest/capability_convert.h"

namespace spindle {
namespace {

namespace mqtt = bindings::fermyon::spin_2::mqtt;

}  // namespace

Mqtt::Mqtt(int32_t id) : handle_(id, guest::drop<mqtt::Connection>) {}

Result<Mqtt> Mqtt::open(std::string_view address, const Login& login) {
  return guest::result<Mqtt>(
      mqtt::Connection::open(address, login.user, login.password,
                             static_cast<uint64_t>(login.keep_alive.count())),
      guest::kMqttError, [](mqtt::Connection opened) { return Mqtt(opened.release()); });
}

Result<void> Mqtt::publish(std::string_view topic, std::string_view payload,
                           Quality quality) const {
  return guest::result<void>(guest::with<mqtt::Connection>(handle_.id(),
                                                           [&](const auto& connection) {
                                                             return connection.publish(
                                                                 topic, guest::bytes(payload),
                                                                 static_cast<mqtt::Qos>(quality));
                                                           }),
                             guest::kMqttError);
}

}  // namespace spindle
