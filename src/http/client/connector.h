#pragma once

// Connector: how the client gets to a server: names, addresses, policy, TCP, TLS.
//
// The client asks for a connection to an origin and gets a stream of bytes; whoever made the
// Connector decides which addresses may be reached. A name is resolved once for each connection and
// the addresses that were checked are those that are connected to, so that a name cannot change its
// meaning in between.

#include <compare>
#include <memory>
#include <string>
#include <vector>

#include "http/client/outcome.h"
#include "http/message.h"
#include "io/dialer.h"
#include "io/stream.h"

namespace spindle::http {

struct Origin {
  Scheme scheme = Scheme::Http;
  // A name, or an address without brackets; lower case.
  std::string host;
  uint16_t port = 80;

  auto operator<=>(const Origin&) const = default;
  // `http://example.com:80`.
  std::string to_string() const;
};

class Connector {
 public:
  virtual ~Connector() = default;
  virtual io::Task<Outcome<std::unique_ptr<io::ByteStream>>> connect(const Origin& origin) = 0;
};

// Plain TCP.
class TcpConnector final : public Connector {
 public:
  // `dialer` outlives the connector.
  explicit TcpConnector(io::Dialer& dialer) : dialer_(dialer) {}

  io::Task<Outcome<std::unique_ptr<io::ByteStream>>> connect(const Origin& origin) override;

 private:
  io::Dialer& dialer_;
};

}  // namespace spindle::http
