#pragma once

// Outgoing: the response side of one HTTP/1 connection.
//
// Small things (heads, short pieces, chunk frames) are collected in `pending_`; large pieces leave
// with it in one gathered write, without a copy. What is pending leaves at the end of the response,
// unless another request waits already: then the connection flushes when it has answered all that
// it has. A handler that goes on without finishing does not keep bytes back: a flush is scheduled
// for when the loop runs next.

#include <string>

#include "http/handler.h"
#include "http/server_state.h"
#include "io/event.h"

namespace spindle::http {

// What Outgoing asks of the connection that it belongs to.
class OutgoingHost {
 public:
  virtual ~OutgoingHost() = default;
  // Calls flush_in_background() when the loop runs next.
  virtual void schedule_flush() = 0;
  // The connection cannot be kept alive after the response that starts now.
  virtual bool must_close() const = 0;
};

class Outgoing final : public ResponseWriter {
 public:
  // What the request says about its response.
  struct Terms {
    Method method = Method::Get;
    uint8_t minor_version = 1;
    bool keep_alive = true;
    // Another request has arrived already.
    bool more_requests = false;
  };

  Outgoing(ServerState& state, io::ByteStream& stream, OutgoingHost& host)
      : state_(state), stream_(stream), host_(host), flushed_(state.loop) {}

  // Before each response.
  void begin(const Terms& terms);

  Result<void> start(const ResponseHead& head, BodyLength length) override;
  io::Eventual<void> write(Bytes bytes) override;
  Result<size_t> try_write(Bytes bytes) override;
  io::Task<Result<void>> writable() override;
  io::Eventual<void> flush() override;
  io::Eventual<void> finish(HeaderView trailers) override;
  void abort() override;
  bool is_started() const override { return started_; }
  bool is_finished() const override { return finished_; }
  bool is_body_dropped() const override { return framing_ == Framing::None; }

  // 100 Continue, unless the head of the response has left.
  io::Eventual<void> send_continue();
  io::Task<void> flush_in_background();
  bool has_pending() const { return pending_size() > 0 || in_background_ || broken_; }
  bool needs_flush() const { return pending_size() > 0 && !busy_ && !in_background_; }
  bool keep_alive() const { return keep_alive_; }
  // Nothing can be sent any more.
  bool is_broken() const { return broken_; }
  uint64_t write_due() const { return write_due_; }

 private:
  enum class Framing : uint8_t { None, Length, Chunked, UntilClose };

  Result<void> encode_head(const ResponseHead& head, std::optional<uint64_t> length);
  Result<std::optional<uint64_t>> encode_headers(HeaderView headers);
  void encode_framing(uint16_t status, std::optional<uint64_t> length);
  void append(std::string_view text) { pending_.append(text); }
  size_t pending_size() const { return pending_.size() - pending_sent_; }
  Result<void> check_writable();
  io::Eventual<void> write_chunk(Bytes bytes);
  void append_chunk_head(size_t size);
  // Takes note of bytes that are written next; an error where they are too many.
  Result<void> count(Bytes bytes);
  bool is_collected(Bytes bytes) const;
  // The stream took none of what push_now() tried.
  enum class Pushed : uint8_t { Nothing, Some };
  Result<Pushed> push_now(Bytes first, Bytes second);
  io::Eventual<void> collect();
  // Sends pending_ and then the body pieces.
  io::Eventual<void> push(Bytes first, Bytes second = {});
  io::Task<Result<void>> push_later(Bytes first, Bytes second);
  io::Task<Result<void>> continue_push(io::Eventual<size_t> waiting);
  void take_sent(size_t count);
  Error fail(Error error);

  ServerState& state_;
  io::ByteStream& stream_;
  OutgoingHost& host_;
  io::Event flushed_;
  Terms terms_;
  std::string pending_;
  size_t pending_sent_ = 0;
  // What push() still has to send.
  io::Piece pieces_[3];
  Framing framing_ = Framing::None;
  uint64_t remaining_ = 0;
  uint64_t write_due_ = 0;
  bool started_ = false;
  bool finished_ = false;
  bool keep_alive_ = true;
  bool has_date_ = false;
  // Where the head begins in pending_, while it is there.
  std::optional<size_t> head_at_;
  bool busy_ = false;
  bool in_background_ = false;
  bool broken_ = false;
};

}  // namespace spindle::http
