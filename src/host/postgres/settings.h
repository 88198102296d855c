#pragma once

// What a guest's address says: libpq's own reading of it (key=value words or a URL), of which only
// what is harmless on the host is taken.
//
// Taken:   host, port, user, password, dbname, sslmode, connect_timeout, application_name, options,
//          target_session_attrs, channel_binding, keepalives*, tcp_user_timeout.
// Refused: everything else. Some words name files of the host (passfile, sslcert, sslkey,
//          sslrootcert, sslcrl, service), some go around the check of the address (hostaddr), some
//          use the host's identity (krbsrvname, gssencmode), some change the protocol
//          (replication, client_encoding).
//
// A host is a name or an IP address; sockets of the file system do not exist for guests.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spindle::host::postgres {

inline constexpr size_t kAddressBytesMax = 16'384;
inline constexpr size_t kHostsMax = 16;

struct HostAndPort {
  std::string host;
  uint16_t port = 5432;
  // As the policy is asked: `postgres://host:port`, without a port where none is given.
  std::string url;

  bool operator==(const HostAndPort&) const = default;
};

enum class TlsMode : uint8_t {
  Disable,
  // TLS where the server has it, and then its certificate must be right.
  Prefer,
  Require,
};

struct Settings {
  std::vector<HostAndPort> hosts;
  TlsMode tls = TlsMode::Prefer;
  std::optional<unsigned> connect_timeout_seconds;
  // What is passed on as it is.
  std::vector<std::pair<std::string, std::string>> options;
};

Result<Settings> parse_settings(std::string_view address);

}  // namespace spindle::host::postgres
