#pragma once

// Http2Sink: the request's direction of a stream of HTTP/2.
//
// Bytes are copied to a buffer, at most kBufferMax, and leave as the server's windows allow. What
// has left stays there as long as there is room, so that a request that a server refused can be
// sent again. An error is final.

#include <string>

#include "http/client/exchange.h"
#include "http/h2/codec.h"
#include "io/deadlines.h"
#include "io/event.h"

namespace spindle::http {

class Http2Stream;

class Http2Sink final : public RequestSink {
 public:
  static constexpr size_t kBufferMax = 64 * 1024;

  explicit Http2Sink(Http2Stream& stream);

  // From the stream. The first time, or again what was written so far.
  void begin(BodyLength length);
  h2::BodyStep next_body(size_t max);
  void append_body(size_t count, std::string& out);
  HeaderView trailers() const { return trailers_.view(); }
  void sent_last();
  void fail(const Failure& failure);
  // The server takes no more; what it has may be all.
  void stop(Failure failure);

  // The request was refused and may be sent again: nobody is told yet.
  void suspend();
  // Everything that was written is still here.
  bool may_repeat() const { return dropped_ == 0 && !failure_; }
  io::Clock::time_point last_sent() const { return last_sent_; }

  Outcome<size_t> try_write(Bytes bytes) override;
  io::Task<Outcome<void>> writable() override;
  io::Task<Outcome<void>> flush() override;
  io::Task<Outcome<void>> finish(HeaderView trailers = {}) override;
  void abort() override;

 private:
  Failure refuse(std::string message);
  size_t unsent() const { return buffer_.size() - buffer_at_; }
  size_t room() const;
  void make_room();
  void resume();
  // Until `holds`, as far as the server takes something in time.
  template <typename Condition>
  io::Task<Outcome<void>> wait_until(Condition holds);

  Http2Stream& stream_;
  io::Event changed_;
  std::string buffer_;
  size_t buffer_at_ = 0;
  size_t dropped_ = 0;
  Headers trailers_;
  // Of what was announced.
  std::optional<uint64_t> remaining_;
  std::optional<Failure> failure_;
  io::Clock::time_point last_sent_{};
  bool has_begun_ = false;
  bool is_finished_ = false;
  bool has_sent_last_ = false;
  bool is_suspended_ = false;
  // The codec waits for resume().
  bool is_deferred_ = false;
};

}  // namespace spindle::http
