#pragma once

// TCP: connections as ByteStreams, and the listener that accepts them.
//
// Sockets are non-blocking and send without delay. Listeners share their port with other listeners
// of this process (SO_REUSEPORT), so that each event loop has its own and the kernel spreads the
// connections; a port that somebody else holds is an error.

#include <memory>
#include <string_view>

#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::io {

// `host:port`, `[v6]:port`; names are resolved (this blocks), and 127.0.0.1 is preferred when a
// name gives several addresses.
Result<Endpoint> resolve_endpoint(std::string_view text);

class TcpListener {
 public:
  enum class Sharing : uint8_t { Exclusive, Shared };

  // Port 0 lets the kernel choose.
  static Result<std::unique_ptr<TcpListener>> create(EventLoop& loop, const Endpoint& endpoint,
                                                     Sharing sharing = Sharing::Exclusive);
  virtual ~TcpListener() = default;

  // The address that is really bound.
  virtual const Endpoint& endpoint() const = 0;
  virtual Task<Result<std::unique_ptr<ByteStream>>> accept() = 0;
  // Ends a waiting accept() with a Canceled error.
  virtual void close() = 0;
};

// The endpoint if nobody listens there, with the port that the kernel chose where it is 0. Nothing
// listens meanwhile: a client that comes too early is refused, never accepted and dropped.
Result<Endpoint> find_free_endpoint(EventLoop& loop, const Endpoint& endpoint);

Task<Result<std::unique_ptr<ByteStream>>> connect_tcp(EventLoop& loop, Endpoint endpoint);

}  // namespace spindle::io
