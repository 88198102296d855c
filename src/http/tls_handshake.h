#pragma once

// TlsHandshake: what a connection over TLS is until both sides have agreed.
//
// It counts as a connection, has Limits::handshake_time, and becomes one of the protocol that was
// agreed on; a client that offers none speaks HTTP/1.1, or HTTP/2 by prior knowledge.

#include "http/server_connection.h"
#include "http/server_state.h"
#include "io/cancel.h"

namespace spindle::http {

class TlsHandshake final : public ServerConnection {
 public:
  TlsHandshake(ServerState& state, std::unique_ptr<io::ByteStream> stream);

  io::Task<std::shared_ptr<ServerConnection>> run() override;
  void tick() override;
  // Nothing has been asked yet.
  void begin_drain() override { force_close(); }
  void force_close() override;

 private:
  ServerState& state_;
  std::unique_ptr<io::ByteStream> stream_;
  io::CancelSource cancel_;
  const uint64_t due_;
};

}  // namespace spindle::http
