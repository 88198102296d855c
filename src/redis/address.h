#pragma once

// Address: which server a URL means, and how to log in there.
//
//   redis://[user[:password]@]host[:port][/database]      rediss:// is the same over TLS
//
// User and password are percent-encoded. Whoever may not reach any server checks host and port of
// the parsed address, not the text: they are what is connected to.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spindle::redis {

inline constexpr uint16_t kDefaultPort = 6379;

enum class Transport : uint8_t { Plain, Tls };

struct Login {
  std::string user;
  std::string password;
  uint32_t database = 0;

  auto operator<=>(const Login&) const = default;
};

struct Address {
  Transport transport = Transport::Plain;
  // A name in lower case, or an address; IPv6 without brackets.
  std::string host;
  uint16_t port = kDefaultPort;
  Login login;

  auto operator<=>(const Address&) const = default;
  // `localhost:6379`, `[::1]:6379`; no secrets.
  std::string authority() const;
  // `redis://localhost:6379`; no secrets.
  std::string origin() const;
};

// An error holds nothing of the text, which may hold a password.
Result<Address> parse_address(std::string_view url);

}  // namespace spindle::redis
