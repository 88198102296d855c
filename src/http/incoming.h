#pragma once

// Incoming: the request side of one HTTP/1 connection.
//
// The head stays where it was read, at the front of `buffer_`, until the request is over, so that
// its views hold. Body bytes that came with it are served from there; the rest of a body is read
// into `body_buffer_`, which exists only while somebody reads a body that did not fit. Nothing is
// read ahead of the handler but one buffer. While a handler runs long, a read watches for a client
// that leaves.

#include <memory>

#include "http/handler.h"
#include "http/request_parser.h"
#include "http/server_state.h"
#include "io/event.h"

namespace spindle::http {

class Outgoing;

class Incoming final : public BodyReader {
 public:
  Incoming(ServerState& state, io::ByteStream& stream, Outgoing& outgoing);

  // Forgets the last request, keeps what came after it.
  void begin_request();
  std::expected<RequestParser::Progress, Rejection> parse_head();
  // Where more of a head goes, and what became of reading it.
  std::span<uint8_t> fill_space();
  void filled(Result<size_t> count);
  // No more bytes come: the client ended its input, or reading failed (is_broken()).
  bool has_input_ended() const { return input_ended_ || error_; }
  // Ends a read_later() that waits, so that the stream itself is asked.
  void look_again();
  bool take_ask_first() { return std::exchange(ask_first_, false); }
  // The head is complete: the body may be read.
  void begin_body();
  const RequestParser& parser() const { return parser_; }

  // Some of a request has arrived.
  bool has_bytes() const { return end_ > begin_; }
  // What has arrived is the client's preface of HTTP/2, as far as it goes, and at least its line.
  bool begins_with_preface() const;
  std::vector<uint8_t> take_bytes() const { return {buffer_.get() + begin_, buffer_.get() + end_}; }
  // More than this request has arrived.
  bool has_next_request() const;
  bool is_body_done() const { return body_done_ && held_.empty(); }
  // The client waits for permission to send the body.
  bool is_continue_due() const { return continue_due_; }
  // Reads the rest of the body and drops it; false when it is too long or broken.
  io::Task<bool> discard_body();
  // Reads and drops input until the client closes, within limits.
  io::Task<void> linger();

  bool is_watching() const { return watching_; }
  // The watch is over; its bytes are those that a fill would have brought.
  io::Task<void> watched() { return watched_.wait(); }
  // Whether a watch could read now.
  bool can_watch() const;
  // Reads once, for news of the client; an error or end of input is the return value.
  io::Task<Result<size_t>> watch();

  std::optional<uint64_t> length() const override;
  io::Eventual<Bytes> read(size_t max) override;
  io::Eventual<void> wait_readable() override;
  HeaderView trailers() const override;

  // The tick at which the current wait is over; 0 for none.
  uint64_t read_due() const { return read_due_; }
  // Ends the current wait as too long.
  void time_out();
  bool has_timed_out() const { return timed_out_; }
  void set_read_due(uint64_t tick) { read_due_ = tick; }
  // A read failed or the input ended inside a body.
  bool is_broken() const { return error_.has_value(); }

 private:
  Bytes take_held(size_t max);
  // Makes held_ from bytes that are there already; whether read() is ready then.
  bool advance();
  void decode(std::span<uint8_t> raw);
  void decode_chunked(std::span<uint8_t> raw);
  void fail(Error error);
  std::span<uint8_t> raw() const { return {buffer_.get() + position_, end_ - position_}; }
  io::Task<Result<Bytes>> wait_and_read(size_t max);
  io::Task<Result<void>> wait_for_bytes();
  io::Task<Result<void>> read_body_bytes();

  ServerState& state_;
  io::ByteStream& stream_;
  Outgoing& outgoing_;
  RequestParser parser_;

  std::unique_ptr<uint8_t[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;     // the request
  size_t position_ = 0;  // the first byte that is not consumed
  size_t end_ = 0;

  std::unique_ptr<uint8_t[]> body_buffer_;
  size_t body_capacity_ = 0;
  // Bytes behind a chunked body, which belong to the next request.
  std::span<uint8_t> rest_;

  std::span<uint8_t> held_;  // decoded, not handed out
  uint64_t remaining_ = 0;
  uint64_t body_bytes_ = 0;
  bool body_done_ = true;
  bool continue_due_ = false;
  bool timed_out_ = false;
  bool watching_ = false;
  bool input_ended_ = false;
  bool filling_ = false;
  bool look_again_ = false;
  bool ask_first_ = false;
  uint64_t read_due_ = 0;
  std::optional<Error> error_;
  io::Event watched_;
};

}  // namespace spindle::http
