#pragma once

// StreamBody: the request body of one HTTP/2 stream.
//
// The connection copies what arrives; the client may send a window ahead (Limits::stream_window)
// and gets more of it when a handler takes bytes. Once nobody reads any more, what still comes is
// dropped, and the stream is reset when that is too much or takes too long.

#include <vector>

#include "http/h2/stream_host.h"
#include "io/event.h"

namespace spindle::http::h2 {

class StreamBody final : public BodyReader {
 public:
  StreamBody(StreamHost& host, StreamId id);

  // From the stream.
  void begin(std::optional<uint64_t> length, bool expects_continue);
  void arrived(Bytes bytes);
  void trailer(std::string_view name, std::string_view value);
  void ended();
  void fail(Error error);
  // The stream is over; `why` is for a reader of what did not arrive.
  void close(Error why);
  // The response begins: permission to go on is not worth sending any more.
  void forget_continue() { continue_due_ = false; }
  // Nobody reads any more.
  void drop();

  bool has_ended() const { return ended_; }
  uint64_t read_due() const { return read_due_; }
  void time_out();

  std::optional<uint64_t> length() const override { return length_; }
  io::Eventual<Bytes> read(size_t max) override;
  io::Eventual<void> wait_readable() override;
  HeaderView trailers() const override;

 private:
  class Waiting;

  bool is_ready() const { return held_at_ < held_.size() || !arrived_.empty() || ended_ || error_; }
  Result<Bytes> take(size_t max);
  void consume(size_t count);
  void drop_bytes(size_t count);
  io::Task<Result<Bytes>> wait_and_read(size_t max);
  io::Task<Result<void>> wait_for_bytes();

  StreamHost& host_;
  const StreamId id_;
  io::Event changed_;
  // Handed out from held_at_ on; what arrives meanwhile is kept apart.
  std::vector<uint8_t> held_;
  size_t held_at_ = 0;
  std::vector<uint8_t> arrived_;
  std::optional<uint64_t> length_;
  uint64_t received_ = 0;
  uint64_t dropped_ = 0;
  size_t trailer_bytes_ = 0;
  Headers trailers_;
  std::optional<Error> error_;
  uint64_t read_due_ = 0;
  bool ended_ = false;
  bool closed_ = false;
  bool is_dropped_ = false;
  bool continue_due_ = false;
};

}  // namespace spindle::http::h2
