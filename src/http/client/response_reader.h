#pragma once

// ResponseReader: the response's direction of an exchange: head, then body, then trailers.
//
// The head stays in `buffer_` as long as the reader lives, so that its views hold. Body bytes are
// moved from the stream to where the caller wants them in one step, chunk framing is taken out in
// place; only bytes that came together with the head, and those of callers that want a view or very
// little, go through a buffer. An error is final: failure() has its code.

#include <memory>

#include "http/client/conduit.h"
#include "http/client/exchange.h"
#include "http/client/limits.h"

namespace spindle::http {

class ResponseParser;
struct Rejection;

class ResponseReader final : public IncomingResponse {
 public:
  ResponseReader(Conduit& conduit, const ClientLimits& limits, const Timeouts& timeouts);
  ~ResponseReader() override;

  // Interim responses are read and dropped.
  io::Task<Outcome<void>> read_head(Method method);
  // Whether any byte of a response has come.
  bool has_begun() const { return has_begun_; }
  // Forgets a failure before the first byte, so that the head can be read from another connection.
  void begin_again();

  // After read_head(), as long as the reader.
  uint16_t status() const override;
  HeaderView headers() const override;

  std::optional<uint64_t> length() const override;
  io::Eventual<Bytes> read(size_t max = SIZE_MAX) override;
  io::Eventual<void> wait_readable() override;
  HeaderView trailers() const override;
  Result<io::ReadStep> try_read(std::span<uint8_t> out) override;

  // The whole body has come; some of it may still be waiting here.
  bool is_body_received() const { return body_done_; }
  // Nothing speaks against another exchange on the connection.
  bool may_keep_alive() const;
  const std::optional<Failure>& failure() const { return failure_; }
  // Called once, when the whole body has come.
  void on_received(std::move_only_function<void()> action) { on_received_ = std::move(action); }

 private:
  Failure fail(FailureCode code, std::string message);
  Failure fail(Failure failure);
  Failure refuse(const Rejection& rejection, FailureCode too_large);
  std::span<uint8_t> fill_space();
  io::Task<Outcome<void>> fill();
  void begin_body();
  void set_received();

  // One step from the stream to `out`; at most `out.size()` bytes.
  Outcome<size_t> receive(std::span<uint8_t> out);
  // Decodes bytes where they lie; what they hold of the body begins where they do.
  Outcome<size_t> decode(std::span<uint8_t> bytes);
  // Makes held_ from what is there already; whether read() is ready then.
  bool advance();
  io::Task<Result<Bytes>> wait_and_read(size_t max);
  io::Task<Result<void>> wait_for_bytes();

  Conduit& conduit_;
  const ClientLimits& limits_;
  const Timeouts timeouts_;
  const std::unique_ptr<ResponseParser> parser_;
  std::move_only_function<void()> on_received_;

  std::unique_ptr<uint8_t[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;  // of the head, then of what came with it
  size_t end_ = 0;
  std::unique_ptr<uint8_t[]> body_buffer_;

  std::span<uint8_t> held_;  // decoded, not handed out
  uint64_t remaining_ = 0;
  std::optional<Failure> failure_;
  bool has_begun_ = false;
  bool head_done_ = false;
  bool body_done_ = false;
  bool has_junk_ = false;
};

}  // namespace spindle::http
