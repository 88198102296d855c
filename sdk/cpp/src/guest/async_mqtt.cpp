// MQTT of coroutines, over spin:mqtt@3.0.0.

#include "async_capabilities.h"
#include "guest/async_convert.h"

namespace spindle::async {
namespace {

namespace mqtt = async_bindings::spin::mqtt_3::mqtt;

}  // namespace

Mqtt::Mqtt(int32_t id) : handle_(id, guest::drop<mqtt::Connection>) {}

Task<Result<Mqtt>> Mqtt::open(std::string address, spindle::Mqtt::Login login) {
  auto opened = co_await mqtt::Connection::open(std::move(address), std::string(login.user),
                                                std::string(login.password),
                                                static_cast<uint64_t>(login.keep_alive.count()));
  co_return guest::result<Mqtt>(std::move(opened), guest::kMqttError,
                                [](mqtt::Connection made) { return Mqtt(made.release()); });
}

Task<Result<void>> Mqtt::publish(std::string topic, std::string payload,
                                 spindle::Mqtt::Quality quality) const {
  const guest::Borrowed<mqtt::Connection> to(handle_);
  auto done = co_await to->publish(std::move(topic), guest::byte_vector(payload),
                                   static_cast<mqtt::Qos>(quality));
  co_return guest::result<void>(std::move(done), guest::kMqttError);
}

}  // namespace spindle::async
