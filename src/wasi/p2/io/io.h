#pragma once

// wasi:io@0.2: error, poll, streams.
//
// Works:   every function. An empty poll list traps, as does one beyond kPollListMax; writing more
//          than permitted traps; blocking writes beyond 4096 bytes trap; dropping a stream before
//          its pollables traps.
// Differs: a blocking call on a stream that says it is ready and makes no progress ends in a trap
//          after kBlockingAttemptsMax attempts, as in Wasmtime.

#include "bindings/wasi/io_0_2/error.h"
#include "bindings/wasi/io_0_2/poll.h"
#include "bindings/wasi/io_0_2/streams.h"
#include "wasi/core/pollable.h"
#include "wasi/core/streams.h"

namespace spindle::wasi::p2 {

namespace error = bindings::wasi::io_0_2::error;
namespace poll = bindings::wasi::io_0_2::poll;
namespace streams = bindings::wasi::io_0_2::streams;

// The outcome of a core stream as the interface words it.
streams::StreamError to_stream_error(StreamEnd end);

class ErrorHost final : public error::Host {
 public:
  Result<std::string> error_to_debug_string(IoError& self) override;
};

class PollHost final : public poll::Host {
 public:
  explicit PollHost(io::EventLoop& loop) : loop_(loop) {}

  Result<bool> pollable_ready(Pollable& self) override;
  io::Eventual<void> pollable_block(Pollable& self) override;
  io::Eventual<std::vector<uint32_t>> poll(const std::vector<Pollable*>& in) override;

 private:
  io::EventLoop& loop_;
};

class StreamsHost final : public streams::Host {
 public:
  template <typename T>
  using Streamed = std::expected<T, streams::StreamError>;

  Result<Streamed<Bytes>> input_stream_read(InputStream& self, uint64_t len) override;
  io::Eventual<Streamed<Bytes>> input_stream_blocking_read(InputStream& self,
                                                           uint64_t len) override;
  Result<Streamed<uint64_t>> input_stream_skip(InputStream& self, uint64_t len) override;
  io::Eventual<Streamed<uint64_t>> input_stream_blocking_skip(InputStream& self,
                                                              uint64_t len) override;
  Result<std::unique_ptr<Pollable>> input_stream_subscribe(InputStream& self) override;

  Result<Streamed<uint64_t>> output_stream_check_write(OutputStream& self) override;
  Result<Streamed<void>> output_stream_write(OutputStream& self,
                                             std::span<const uint8_t> contents) override;
  io::Eventual<Streamed<void>> output_stream_blocking_write_and_flush(
      OutputStream& self, std::span<const uint8_t> contents) override;
  Result<Streamed<void>> output_stream_flush(OutputStream& self) override;
  io::Eventual<Streamed<void>> output_stream_blocking_flush(OutputStream& self) override;
  Result<std::unique_ptr<Pollable>> output_stream_subscribe(OutputStream& self) override;
  Result<Streamed<void>> output_stream_write_zeroes(OutputStream& self, uint64_t len) override;
  io::Eventual<Streamed<void>> output_stream_blocking_write_zeroes_and_flush(OutputStream& self,
                                                                             uint64_t len) override;
  Result<Streamed<uint64_t>> output_stream_splice(OutputStream& self, InputStream& src,
                                                  uint64_t len) override;
  io::Eventual<Streamed<uint64_t>> output_stream_blocking_splice(OutputStream& self,
                                                                 InputStream& src,
                                                                 uint64_t len) override;
};

}  // namespace spindle::wasi::p2
