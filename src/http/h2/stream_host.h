#pragma once

// StreamHost: what the parts of an HTTP/2 stream ask of their connection, which outlives them.

#include "http/h2/codec.h"
#include "http/server_state.h"

namespace spindle::http::h2 {

class StreamHost {
 public:
  virtual ~StreamHost() = default;

  virtual ServerState& state() = 0;
  virtual Codec& codec() = 0;
  virtual const io::ByteStream& wire() const = 0;
  // What the codec has to send leaves when the loop runs next, or as far as possible now.
  virtual void flush_soon() = 0;
  virtual void flush_now() = 0;
};

}  // namespace spindle::http::h2
