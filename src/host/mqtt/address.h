#pragma once

// MqttAddress: where a connection goes and as whom, of a URL such as
// `mqtt://broker:1883?client_id=abc`.
//
// The scheme is `mqtt` or `tcp`, over TLS `mqtts` or `ssl`; the port is 1883, over TLS 8883, unless
// it is given; the client id is required. Other settings that Spin's library knows are accepted and
// have no effect (buffers, time limits), except `clean_session`; what nobody knows is an error.
// User info is replaced by what `open` is told.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/url.h"

namespace spindle::host {

struct MqttAddress {
  std::string host;  // without brackets
  uint16_t port = 1883;
  bool has_tls = false;
  std::string client_id;
  bool has_clean_session = true;

  // The destination is what the policy was asked about; nothing if it is not an address.
  static std::optional<MqttAddress> parse(std::string_view text, const app::Url& destination);
};

}  // namespace spindle::host
