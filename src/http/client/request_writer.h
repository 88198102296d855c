#pragma once

// RequestWriter: the request's direction of an exchange of HTTP/1.1.
//
// Bytes go from the caller's memory to the stream; only what a full socket left of a begun chunk is
// copied, at most kChunkMax. An error is final.

#include <string>

#include "http/client/conduit.h"
#include "http/client/exchange.h"

namespace spindle::http {

class RequestWriter final : public RequestSink {
 public:
  static constexpr size_t kChunkMax = 64 * 1024;

  RequestWriter(Conduit& conduit, io::Clock::duration write_limit)
      : conduit_(conduit), write_limit_(write_limit) {}

  // `head` is complete; a streamed body is chunked.
  void begin(std::string head, BodyLength length);
  // Sends the same head again; only while nothing of a body was written.
  void begin_again(std::string head);

  Outcome<size_t> try_write(Bytes bytes) override;
  io::Task<Outcome<void>> writable() override;
  io::Task<Outcome<void>> flush() override;
  // Trailers are sent in chunked bodies.
  io::Task<Outcome<void>> finish(HeaderView trailers = {}) override;
  void abort() override;

  bool is_finished() const { return finished_; }
  bool has_sent_body() const { return body_begun_; }
  const std::optional<Failure>& failure() const { return failure_; }
  // Called when finish() has succeeded.
  void on_finished(std::move_only_function<void()> action) { on_finished_ = std::move(action); }

 private:
  Failure fail(FailureCode code, std::string message);
  Failure fail(Failure failure);
  // Whether all that was collected has left.
  Outcome<bool> push_pending();
  Outcome<size_t> write_sized(Bytes bytes);
  Outcome<size_t> write_chunk(Bytes bytes);
  // Takes what left from pending_; returns how many bytes behind it left.
  Outcome<size_t> send(std::span<const io::Piece> pieces);
  Bytes pending() const;

  Conduit& conduit_;
  std::move_only_function<void()> on_finished_;
  io::Clock::duration write_limit_;
  std::string pending_;
  size_t pending_sent_ = 0;
  // Nothing: chunked.
  std::optional<uint64_t> remaining_;
  std::optional<Failure> failure_;
  bool body_begun_ = false;
  bool finished_ = false;
};

}  // namespace spindle::http
