#pragma once

// StreamResponse: the response of one HTTP/2 stream.
//
// Small pieces are collected, at most 16 KiB; of a large one only the address is kept while the
// write waits. The connection takes them (next_body(), append_body()) as the windows of the client
// and its socket allow, and a client that takes nothing for too long has the stream reset.

#include <string>

#include "http/h2/stream_host.h"
#include "io/event.h"

namespace spindle::http::h2 {

class StreamBody;

class StreamResponse final : public ResponseWriter {
 public:
  StreamResponse(StreamHost& host, StreamId id, CodecStream& stream, StreamBody& request_body);

  void begin(Method method) { method_ = method; }

  // From the codec.
  BodyStep next_body(size_t max);
  void append_body(size_t count, std::string& out);
  HeaderView trailers() const { return trailers_.view(); }
  void sent_last();
  // The stream is over.
  void close();

  bool has_sent_last() const { return sent_last_; }
  // The handler or the server ended it, not the client.
  bool is_broken_off() const { return broken_off_; }
  // The handler has ended the response, well or not.
  bool is_settled() const { return finished_ || broken_; }
  uint64_t write_due() const { return write_due_; }
  // The client has taken nothing for too long.
  void time_out();

  Result<void> start(const ResponseHead& head, BodyLength length) override;
  io::Eventual<void> write(Bytes bytes) override;
  Result<size_t> try_write(Bytes bytes) override;
  io::Task<Result<void>> writable() override;
  io::Eventual<void> flush() override;
  io::Eventual<void> finish(HeaderView trailers) override;
  void abort() override { break_off(ErrorCode::Internal); }
  bool is_started() const override { return started_; }
  bool is_finished() const override { return finished_; }
  bool is_body_dropped() const override { return body_dropped_; }

 private:
  class Offer;

  Result<std::optional<uint64_t>> collect_fields(HeaderView headers);
  Result<void> respond(uint16_t status, std::optional<uint64_t> length);
  Result<void> check_writable();
  Result<void> count(Bytes bytes);
  bool is_collected(Bytes bytes) const;
  size_t collected() const { return buffer_.size() - buffer_at_; }
  size_t available() const { return collected() + source_.size(); }
  void break_off(ErrorCode code);
  // There is more to take.
  void resume();
  void arm();
  Error broken_error() const;
  // Offers `bytes` to the codec, as far as it takes them now; returns the rest.
  Bytes offer(Bytes bytes);
  io::Task<Result<void>> write_rest(Bytes rest);
  io::Task<Result<void>> wait_taken();

  StreamHost& host_;
  const StreamId id_;
  CodecStream& stream_;
  StreamBody& request_body_;
  io::Event taken_;
  std::string buffer_;
  size_t buffer_at_ = 0;
  Bytes source_;
  std::vector<Header> fields_;
  Headers trailers_;
  Method method_ = Method::Get;
  std::optional<uint64_t> remaining_;
  uint64_t write_due_ = 0;
  bool started_ = false;
  bool finished_ = false;
  bool sent_last_ = false;
  bool broken_ = false;
  bool broken_off_ = false;
  bool timed_out_ = false;
  bool body_dropped_ = false;
  bool has_date_ = false;
  // The codec waits for resume().
  bool deferred_ = false;
};

}  // namespace spindle::http::h2
