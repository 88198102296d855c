#pragma once

// The bytes of a connection as streams of wasi 0.3: what a guest sends, and what it receives.

#include "wasi/p3/sockets/sockets.h"

namespace spindle::wasi::p3 {

// Sends to the end of `data`, then tells the peer so. Bytes go from where they lie; a failure drops
// the stream, which its writer sees.
io::Task<SocketResult<void>> send_all(io::EventLoop& loop,
                                      std::shared_ptr<TcpConnection> connection,
                                      component::Stream<uint8_t> data);

// What the peer sends, and in the end whether it ended well. Dropping the stream ends it.
SocketTypes::Received receive_from(io::EventLoop& loop, std::shared_ptr<TcpConnection> connection);

}  // namespace spindle::wasi::p3
