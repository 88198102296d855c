#pragma once

// Codec: the frames of one HTTP/2 connection, as bytes in and bytes out.
//
// The only file that knows the codec library (libnghttp2) is codec.cpp: it does framing, header
// compression, flow control and the order in which streams send, for either side of a connection.
// It never reads or writes anything by itself:
//
//   CO_TRY(codec->receive(bytes));      // calls CodecOwner and CodecStream about what arrived
//   CO_TRY(codec->produce(out, 65'536));  // asks CodecStreams for bodies, appends frames to `out`
//
// What streams are told inside these two calls they only note; they may submit and reset, but call
// neither of the two. A CodecStream is reached until closed() and never after. Malformed messages
// (forbidden fields, lengths that contradict, fields out of order) are reset here; what a request
// must look like beyond that is its stream's business. Windows open only by consume().

#include <memory>
#include <string>

#include "base/result.h"
#include "http/handler.h"

namespace spindle::http::h2 {

using StreamId = int32_t;

enum class Role : uint8_t { Server, Client };

// As the peer is told and as it tells us.
enum class ErrorCode : uint32_t {
  None = 0,
  Protocol = 1,
  Internal = 2,
  FlowControl = 3,
  RefusedStream = 7,
  Cancel = 8,
  EnhanceYourCalm = 11,
  Http11Required = 13,
};
std::string_view to_string(ErrorCode code);

// A step of sending a body. Nothing and not last: the stream calls Codec::resume() later.
struct BodyStep {
  size_t count = 0;
  bool is_last = false;
};

class CodecStream {
 public:
  virtual ~CodecStream() = default;

  // Received. A head is a request's or response's, an interim response's, or trailers: begin, the
  // fields (pseudo-fields such as `:path` first, names in lower case), end.
  virtual void begin_head() = 0;
  virtual void field(std::string_view name, std::string_view value) = 0;
  virtual void end_head(bool is_last) = 0;
  virtual void data(Bytes bytes) = 0;
  virtual void end_body() = 0;

  // To send: how many of at most `max` bytes there are now, then those bytes.
  virtual BodyStep next_body(size_t max) = 0;
  virtual void append_body(size_t count, std::string& out) = 0;
  // Asked with the last step of a body.
  virtual HeaderView trailers_to_send() = 0;
  // The frame that ends our side is in the output.
  virtual void sent_last() = 0;

  // Over in both directions, or reset by either side.
  virtual void closed(ErrorCode code) = 0;
};

class CodecOwner {
 public:
  virtual ~CodecOwner() = default;

  // A server's next request; null refuses it.
  virtual CodecStream* open_stream(StreamId id) = 0;
  // Frames that ask for work and carry nothing: PING, SETTINGS, PRIORITY, DATA without data.
  virtual void note_idle_frame() = 0;
  // The peer takes no more streams than those up to `last`.
  virtual void peer_goes_away(StreamId last, ErrorCode code) = 0;
};

struct CodecOptions {
  Role role = Role::Server;
  // What the peer may have open at a time.
  uint32_t streams = 100;
  // Body bytes that the peer may send ahead of consume().
  uint32_t stream_window = 65'535;
  uint32_t connection_window = 65'535;
  // Announced; the streams enforce it.
  uint32_t head_bytes = 65'536;
};

// Whether a message has a body, or ends with its head.
enum class HasBody : bool { No, Yes };

class Codec {
 public:
  // The owner outlives the codec. Our SETTINGS are the first that produce() gives.
  static Result<std::unique_ptr<Codec>> create(const CodecOptions& options, CodecOwner& owner);
  virtual ~Codec() = default;

  // An error is the end of the connection; what produce() still gives may tell the peer why.
  virtual Result<void> receive(Bytes bytes) = 0;
  // Appends frames until `out` has `limit` bytes or there are none to send now.
  virtual Result<void> produce(std::string& out, size_t limit) = 0;
  // Nothing more will be received nor sent.
  virtual bool is_over() const = 0;

  // Server. `fields` begin with `:status`; they are copied.
  virtual Result<void> respond(StreamId id, CodecStream& stream, HeaderView fields,
                               HasBody has_body) = 0;
  virtual Result<void> respond_interim(StreamId id, HeaderView fields) = 0;
  // Client. `fields` begin with the pseudo-fields. An Unavailable error: no more streams here.
  virtual Result<StreamId> request(CodecStream& stream, HeaderView fields, HasBody has_body) = 0;
  // How many requests the peer takes at a time; 0 when it takes none any more.
  virtual size_t requests_max() const = 0;

  // There is more of a body than next_body() knew.
  virtual void resume(StreamId id) = 0;
  virtual void reset(StreamId id, ErrorCode code) = 0;
  // Received body bytes are no longer held.
  virtual void consume(StreamId id, size_t count) = 0;
  virtual void ping() = 0;
  // Says that the connection will end, without refusing what is on its way.
  virtual void announce_end() = 0;
  // Streams that have not arrived are refused from now on.
  virtual void go_away() = 0;
  // Ends all streams, and the connection once that is sent.
  virtual void terminate(ErrorCode code) = 0;
};

}  // namespace spindle::http::h2
