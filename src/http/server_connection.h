#pragma once

// ServerConnection: a connection as its server sees it, whatever it speaks.
//
// A connection may become another one: bytes that turn out to be HTTP/2, a TLS handshake that has
// agreed on a protocol. Its task then goes on with the next one, in the same place of the server's
// list, so that limits, ticks and the drain hold for all of its life.

#include <memory>

#include "io/task.h"

namespace spindle::http {

class ServerConnection {
 public:
  virtual ~ServerConnection() = default;

  // Until the connection is over; its stream is closed then, or with the next connection.
  virtual io::Task<std::shared_ptr<ServerConnection>> run() = 0;
  // From the server's tick.
  virtual void tick() = 0;
  // Ends an idle connection, lets a busy one answer what it has begun.
  virtual void begin_drain() = 0;
  // The handlers are told, and the stream closed.
  virtual void force_close() = 0;
};

}  // namespace spindle::http
