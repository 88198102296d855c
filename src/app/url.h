#pragma once

// URLs as browsers read them (WHATWG), reduced to what policy needs: scheme, host, explicit port.
// And IP addresses as numbers, without asking the system.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spindle::app {

struct IpAddress {
  bool v6 = false;
  std::array<uint8_t, 16> bytes{};  // 4 used for IPv4
  bool operator==(const IpAddress&) const = default;
};

std::optional<IpAddress> parse_ipv4(std::string_view text);
std::optional<IpAddress> parse_ipv6(std::string_view text);  // without brackets

struct Url {
  std::string scheme;
  std::string host;  // normalized; IPv6 in brackets
  std::optional<uint16_t> port;
  std::optional<IpAddress> address;  // if the host is an IP literal
  std::string path;
  bool has_credentials = false;
};

// Nothing if it is not an absolute URL with a host.
std::optional<Url> parse_url(std::string_view text);
// As the policy reads destinations: user info is percent-encoded first, and a text without scheme
// is tried again with `default_scheme`.
std::optional<Url> parse_destination(std::string_view text, std::string_view default_scheme);
// A host normalized as in http URLs: lower case, IDNA, IPv4 shorthand; nothing if invalid.
std::optional<std::string> normalize_host(std::string_view host);
// The path of the file URL, absolute and percent-encoded, and back.
std::string file_url(std::string_view absolute_path);
std::optional<std::string> path_of_file_url(std::string_view url);

}  // namespace spindle::app
