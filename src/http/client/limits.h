#pragma once

// Limits of the HTTP client: what upstream servers, and those who call them, may cost one event
// loop. Reaching one is the failure that the comment names, and never grows memory.

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>

#include "io/permits.h"

namespace spindle::http {

struct ClientLimits {
  using Duration = std::chrono::milliseconds;

  // Connections of all origins, and of one, in use or idle: whoever needs one more waits for its
  // turn until its connect timeout (connection-limit-reached).
  size_t connections = 8'192;
  size_t connections_per_origin = 4'096;
  // Of the process: each connection, idle or not, holds one of each. The same failure.
  std::array<io::Permits*, 2> permits{};
  // Called before one of them is waited for; may be empty.
  std::function<void()> before_waiting;
  // HTTP/2: requests that share a connection, if the server takes as many; more open another one.
  // Where no idle connection is kept, none is shared either.
  size_t streams_per_connection = 128;
  // Bytes of a response that a server may send ahead of its reader.
  uint32_t stream_window = 512 * 1024;
  // Frames that ask for work and carry nothing, between two that carry something: more end the
  // connection (http-protocol-error).
  unsigned idle_frames = 1'000;
  // How often a request is sent again that a server has refused to look at.
  unsigned refusals = 3;
  // Idle ones of one origin that are kept.
  size_t idle_per_origin = 1'024;
  // How long an idle connection is kept. 0: none is.
  Duration idle_time{60'000};
  // How often idle connections are looked at.
  Duration sweep{5'000};

  // Status line and header block (http-response-header-section-size).
  size_t head_bytes = 128 * 1024;
  // Header fields, and trailer fields; the same failure.
  size_t header_count = 256;
  // Trailer block (http-response-trailer-section-size).
  size_t trailer_bytes = 32 * 1024;
  // All extensions of one chunk (http-protocol-error).
  size_t chunk_extension_bytes = 1024;
  // Interim responses before the final one (http-protocol-error).
  unsigned interim_responses = 16;
  // Of a request (http-request-uri-too-long).
  size_t target_bytes = 64 * 1024;
  // Request line and header block (http-request-header-section-size).
  size_t request_head_bytes = 256 * 1024;
};

// The defaults are those that Spin has.
struct Timeouts {
  using Duration = std::chrono::nanoseconds;

  // Name lookup, waiting for a connection's turn, connecting (connection-timeout).
  Duration connect = std::chrono::seconds(600);
  // From the last byte of the request that left to the end of the response's head
  // (connection-read-timeout).
  Duration first_byte = std::chrono::seconds(600);
  // Without a byte of the response's body while somebody waits for one (connection-read-timeout),
  // or without the server taking one of the request's (connection-write-timeout).
  Duration between_bytes = std::chrono::seconds(600);
};

}  // namespace spindle::http
