#pragma once

// Http2Response: the response's direction of a stream of HTTP/2: head, then body, then trailers.
//
// Bytes are copied as they arrive, at most a window of them (ClientLimits::stream_window); the
// server may send more when they are taken. An error is final, after what came before it.

#include <vector>

#include "http/client/exchange.h"
#include "http/client/limits.h"
#include "http/message.h"
#include "io/event.h"

namespace spindle::http {

class Http2Stream;

class Http2Response final : public IncomingResponse {
 public:
  Http2Response(Http2Stream& stream, const ClientLimits& limits);

  // Interim responses are dropped.
  io::Task<Outcome<void>> read_head();

  // From the stream.
  void begin(Method method);
  void begin_head();
  void field(std::string_view name, std::string_view value);
  void end_head(bool is_last);
  void arrived(Bytes bytes);
  void ended();
  void fail(const Failure& failure);
  // The session is about to forget the stream: what is left here is no longer its concern.
  void release();

  // Anything of a response came.
  bool has_begun() const { return has_begun_; }
  bool has_head() const { return has_head_; }
  bool has_ended() const { return has_ended_; }

  // After read_head(), as long as the stream.
  uint16_t status() const override { return status_; }
  HeaderView headers() const override { return headers_.view(); }

  std::optional<uint64_t> length() const override { return length_; }
  io::Eventual<Bytes> read(size_t max = SIZE_MAX) override;
  io::Eventual<void> wait_readable() override;
  HeaderView trailers() const override;

 private:
  bool is_ready() const {
    return held_at_ < held_.size() || !arrived_.empty() || has_ended_ || failure_;
  }
  void refuse(FailureCode code, std::string message);
  void take_head(bool is_last);
  Result<Bytes> take(size_t max);
  void consume(size_t count);
  io::Task<Result<Bytes>> wait_and_read(size_t max);
  io::Task<Result<void>> wait_for_bytes();

  Http2Stream& stream_;
  const ClientLimits& limits_;
  io::Event changed_;
  Method method_ = Method::Get;
  uint16_t status_ = 0;
  Headers headers_;
  Headers trailers_;
  // Of the head or the trailers that arrive.
  size_t field_bytes_ = 0;
  unsigned interims_ = 0;
  std::optional<uint64_t> length_;
  // Handed out from held_at_ on; what arrives meanwhile is kept apart.
  std::vector<uint8_t> held_;
  size_t held_at_ = 0;
  std::vector<uint8_t> arrived_;
  std::optional<Failure> failure_;
  bool has_begun_ = false;
  bool has_head_ = false;
  bool has_ended_ = false;
};

}  // namespace spindle::http
