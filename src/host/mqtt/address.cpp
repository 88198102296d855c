#include "host/mqtt/address.h"

#include <algorithm>
#include <charconv>

namespace spindle::host {

namespace {

// The most that every broker takes, and far more than the protocol promises.
constexpr size_t kClientIdBytesMax = 65535;

constexpr std::string_view kIgnoredSettings[] = {
    "keep_alive_secs",
    "max_incoming_packet_size_bytes",
    "max_outgoing_packet_size_bytes",
    "request_channel_capacity_num",
    "max_request_batch_num",
    "pending_throttle_usecs",
    "inflight_num",
    "conn_timeout_secs",
};

// `a%20b+c` is `a b c`; nothing for what is no escape, and for a NUL.
std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = static_cast<unsigned char>(text[i]);
    if (byte == '+') byte = ' ';
    if (byte == '%') {
      const auto digits = text.substr(i + 1, 2);
      auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
      if (code != std::errc() || digits.size() != 2 || end != digits.data() + 2) {
        return std::nullopt;
      }
      i += 2;
    }
    if (byte == 0) return std::nullopt;
    decoded += static_cast<char>(byte);
  }
  return decoded;
}

// One `name=value` of the query; false if it means nothing.
bool apply(MqttAddress& address, std::string_view setting) {
  const auto equals = setting.find('=');
  if (equals == std::string_view::npos) return false;
  const auto name = setting.substr(0, equals);
  const auto value = decode(setting.substr(equals + 1));
  if (!value) return false;
  if (name == "client_id") {
    address.client_id = *value;
    return true;
  }
  if (name == "clean_session") {
    address.has_clean_session = *value == "true";
    return *value == "true" || *value == "false";
  }
  return std::ranges::find(kIgnoredSettings, name) != std::end(kIgnoredSettings);
}

}  // namespace

std::optional<MqttAddress> MqttAddress::parse(std::string_view text, const app::Url& destination) {
  const bool has_tls = text.starts_with("mqtts://") || text.starts_with("ssl://");
  const bool has_scheme = has_tls || text.starts_with("mqtt://") || text.starts_with("tcp://");
  if (!has_scheme || text.substr(0, text.find(':')) != destination.scheme) return std::nullopt;
  MqttAddress address;
  address.has_tls = has_tls;
  address.host = destination.host;
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  address.port = destination.port.value_or(has_tls ? 8883 : 1883);
  text = text.substr(0, text.find('#'));
  const auto question = text.find('?');
  auto query = question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
  while (!query.empty()) {
    const auto setting = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), setting.size() + 1));
    if (!setting.empty() && !apply(address, setting)) return std::nullopt;
  }
  const bool is_usable = !address.client_id.empty() && !address.client_id.starts_with(' ') &&
                         address.client_id.size() <= kClientIdBytesMax;
  if (!is_usable || address.port == 0) return std::nullopt;
  return address;
}

}  // namespace spindle::host
