#pragma once

// What a guest's address says:
// `mysql://user:password@host:port/database?ssl-mode=required`.
//
// Host and port are those that the policy sees (app::parse_destination), so
// that what is checked is what is connected to. `ssl-mode` (or `sslmode`, any
// case) other than `disabled` asks for TLS, and then the certificate must be
// right. Options of Spin's client that only tune it are taken and ignored;
// everything else is refused, so sockets of the file system too.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spindle::host::mysql {

inline constexpr size_t kAddressBytesMax = 16'384;

struct Address {
  std::string host;
  uint16_t port = 3306;
  std::string user;
  std::string password;
  std::string database;
  bool has_tls = false;

  bool operator==(const Address&) const = default;
};

Result<Address> parse_address(std::string_view text);

}  // namespace spindle::host::mysql
