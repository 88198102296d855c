#include "host/outbound/address_policy.h"

#include <algorithm>

#include "base/verify.h"

namespace spindle::host {

namespace {

using app::IpAddress;
using app::Network;

std::vector<Network> networks(std::initializer_list<std::string_view> texts) {
  std::vector<Network> all;
  for (std::string_view text : texts) {
    auto network = Network::parse(text);
    VERIFY(network.has_value());
    all.push_back(*network);
  }
  return all;
}

bool in_any(const std::vector<Network>& all, const IpAddress& address) {
  return std::ranges::any_of(all,
                             [&](const Network& network) { return network.contains(address); });
}

// The IPv4 address behind one of IPv6: mapped, compatible, or of the translation prefix.
std::optional<IpAddress> embedded_v4(const IpAddress& address) {
  static const std::vector<Network> kEmbedding =
      networks({"::ffff:0:0/96", "::/96", "64:ff9b::/96"});
  if (!address.v6 || !in_any(kEmbedding, address)) return std::nullopt;
  IpAddress v4;
  std::copy_n(address.bytes.begin() + 12, 4, v4.bytes.begin());
  return v4;
}

}  // namespace

bool is_global(const IpAddress& address) {
  static const std::vector<Network> kSpecial = networks(
      {"0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
       "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
       "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
       "::/128",        "::1/128",         "64:ff9b:1::/48", "100::/64",       "2001::/23",
       "2001:db8::/32", "2002::/16",       "3fff::/20",      "5f00::/16",      "fc00::/7",
       "fe80::/10",     "fec0::/10",       "ff00::/8"});
  static const std::vector<Network> kExceptions =
      networks({"192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:3::/32",
                "2001:4:112::/48", "2001:20::/28", "2001:30::/28"});
  return !in_any(kSpecial, address) || in_any(kExceptions, address);
}

bool AddressPolicy::is_blocked(const IpAddress& address) const {
  return in_any(blocked_, address) || (blocks_private_ && !is_global(address));
}

bool AddressPolicy::permits(const io::Endpoint& endpoint) const {
  if (blocked_.empty() && !blocks_private_) return true;
  IpAddress address;
  address.v6 = endpoint.family == io::Endpoint::Family::V6;
  std::copy_n(endpoint.address.begin(), address.v6 ? 16 : 4, address.bytes.begin());
  if (is_blocked(address)) return false;
  auto v4 = embedded_v4(address);
  return !v4 || !is_blocked(*v4);
}

}  // namespace spindle::host
