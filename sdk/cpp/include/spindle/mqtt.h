#pragma once

// MQTT: publishing to a broker that the manifest's `allowed_outbound_hosts` has.

#include <chrono>
#include <string_view>

#include <spindle/error.h>
#include <spindle/handle.h>

namespace spindle {

class Mqtt {
 public:
  enum class Quality : unsigned char { AtMostOnce, AtLeastOnce, ExactlyOnce };
  struct Login {
    std::string_view user;
    std::string_view password;
    std::chrono::seconds keep_alive{30};
  };

  // `mqtt://host:port?client_id=name`
  static Result<Mqtt> open(std::string_view address, const Login& login);
  Result<void> publish(std::string_view topic, std::string_view payload,
                       Quality quality = Quality::AtLeastOnce) const;

 private:
  explicit Mqtt(int32_t id);
  detail::Handle handle_;
};

}  // namespace spindle
