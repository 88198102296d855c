#pragma once

// received_bytes: what has come by a TCP connection that a C library reads (libpq, libmosquitto).
//
// Such a library collects a message before it shows it, however long the peer makes it. Its caller
// notes this figure when a message was complete, and gives up when it has grown too far since. What
// the system holds unread counts, too: the figure runs ahead by a receive buffer at most.

#include <cstdint>

namespace spindle::io {

// 0 where the descriptor is no TCP connection.
uint64_t received_bytes(int fd);

}  // namespace spindle::io
