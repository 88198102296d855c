#pragma once

// Limits of the HTTP server: what one client, and all of them together, may cost.
//
// Every limit has a name and a default here; the command line and the runtime configuration set
// them. Reaching one is answered as the comment says and never grows memory. Times are coarse: they
// fire up to one tick late, and a tick is a fraction of the shortest of them.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace spindle::http {

struct Limits {
  using Duration = std::chrono::milliseconds;

  // Open connections of all loops together; one more gets 503 with Retry-After and is closed.
  size_t connections = 10'000;
  // Request line and header block: 431.
  size_t head_bytes = 64 * 1024;
  // Header fields, and trailer fields: 431.
  size_t header_count = 128;
  // Request method: 501.
  size_t method_bytes = 64;
  // Request target: 414.
  size_t target_bytes = 16 * 1024;
  // All extensions of one chunk: 400.
  size_t chunk_extension_bytes = 256;
  // Trailer block of a chunked request: 431.
  size_t trailer_bytes = 16 * 1024;
  // Request body: 413 where the length is announced, a LimitExceeded error to its reader otherwise.
  std::optional<uint64_t> body_bytes;
  // What an unread request body may still bring after the response before the connection is closed
  // rather than kept alive.
  uint64_t unread_body_bytes = 256 * 1024;
  // Requests answered in a row without a return to the event loop.
  unsigned pipelined_requests = 16;

  // HTTP/2: requests of one connection at a time; one more is refused.
  uint32_t streams = 100;
  // HTTP/2: body bytes that a client may send before a handler reads: of a request, of all requests
  // of a connection. Both are memory.
  uint32_t stream_window = 256 * 1024;
  uint32_t connection_window = 1024 * 1024;
  // HTTP/2: requests that the client gives up or breaks, and frames that carry nothing (PING,
  // SETTINGS, empty DATA), in a flood_time: more of them end the connection.
  unsigned stream_resets = 500;
  unsigned idle_frames = 10'000;
  Duration flood_time{10'000};

  // From connect to the end of the TLS handshake.
  Duration handshake_time{10'000};
  // From the first byte of a request to the end of its head: 408. Also from connect to first byte.
  Duration head_time{10'000};
  // Without a byte of the request body while somebody waits for it: a Timeout error to the reader.
  Duration body_idle_time{30'000};
  // Between two requests: the connection is closed.
  Duration keep_alive_time{60'000};
  // Without the client taking a byte of the response: the connection is closed.
  Duration write_idle_time{30'000};
  // After an error response, how long the server still reads so that the client sees it.
  Duration linger_time{1'000};
  // How often times are looked at, and how soon a client that left is noticed.
  Duration tick{100};
};

}  // namespace spindle::http
