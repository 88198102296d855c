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
#include "io/tls.h"

namespace spindle::http {

enum class Protocol : uint8_t { Http1, Http2 };

struct Origin {
  Scheme scheme = Scheme::Http;
  // A name, or an address without brackets; lower case.
  std::string host;
  uint16_t port = 80;
  // Which of the TlsSettings holds; connections of different ones are never shared.
  uint32_t tls = 0;
  // Of http: which protocol is spoken. With https the server chooses.
  Protocol plain = Protocol::Http1;

  auto operator<=>(const Origin&) const = default;
  // `http://example.com:80`.
  std::string to_string() const;
};

struct Connected {
  std::unique_ptr<io::ByteStream> stream;
  Protocol protocol = Protocol::Http1;
};

class Connector {
 public:
  virtual ~Connector() = default;
  virtual io::Task<Outcome<Connected>> connect(const Origin& origin) = 0;
};

// Whom a client trusts, and as whom it presents itself, by Origin::tls.
class TlsSettings {
 public:
  virtual ~TlsSettings() = default;
  virtual Result<std::shared_ptr<const io::TlsContext>> find(uint32_t number) const = 0;
};

// TCP, with TLS above it where the scheme is https. What the settings offer by ALPN is what servers
// choose the protocol from.
class TcpConnector final : public Connector {
 public:
  // All of it outlives the connector.
  TcpConnector(io::EventLoop& loop, io::Dialer& dialer, const TlsSettings& tls)
      : loop_(loop), dialer_(dialer), tls_(tls) {}

  io::Task<Outcome<Connected>> connect(const Origin& origin) override;

 private:
  using Stream = std::unique_ptr<io::ByteStream>;
  io::Task<Outcome<Stream>> connect_tcp(const Origin& origin);

  io::EventLoop& loop_;
  io::Dialer& dialer_;
  const TlsSettings& tls_;
};

}  // namespace spindle::http
