#include "wasi/p2/io/io.h"

namespace spindle::wasi::p2 {

namespace {

template <typename T>
Result<std::expected<T, streams::StreamError>> to_interface(Result<wasi::Streamed<T>> outcome) {
  using Answer = std::expected<T, streams::StreamError>;
  auto streamed = TRY(std::move(outcome));
  if (!streamed) return Answer(std::unexpected(to_stream_error(std::move(streamed.error()))));
  if constexpr (std::is_void_v<T>) {
    return Answer();
  } else {
    return Answer(std::move(*streamed));
  }
}

template <typename T>
io::Task<Result<std::expected<T, streams::StreamError>>> to_interface_later(
    io::Task<Result<wasi::Streamed<T>>> task) {
  auto outcome = co_await std::move(task);
  co_return to_interface<T>(std::move(outcome));
}

template <typename T>
io::Eventual<std::expected<T, streams::StreamError>> to_interface(
    io::Eventual<wasi::Streamed<T>> eventual) {
  if (eventual.is_ready()) return to_interface<T>(eventual.take_ready());
  return to_interface_later<T>(eventual.take_task());
}

}  // namespace

streams::StreamError to_stream_error(StreamEnd end) {
  streams::StreamError error;
  if (end.is_closed()) {
    error.value = streams::StreamError::Closed{};
  } else {
    error.value = streams::StreamError::LastOperationFailed{std::move(end.error)};
  }
  return error;
}

Result<std::string> ErrorHost::error_to_debug_string(IoError& self) {
  return self.to_debug_string();
}

Result<bool> PollHost::pollable_ready(Pollable& self) {
  return self.is_ready();
}

io::Eventual<void> PollHost::pollable_block(Pollable& self) {
  return self.block();
}

io::Eventual<std::vector<uint32_t>> PollHost::poll(const std::vector<Pollable*>& in) {
  return wasi::poll(loop_, in);
}

Result<StreamsHost::Streamed<Bytes>> StreamsHost::input_stream_read(InputStream& self,
                                                                    uint64_t len) {
  return to_interface(self.read(len));
}

io::Eventual<StreamsHost::Streamed<Bytes>> StreamsHost::input_stream_blocking_read(
    InputStream& self, uint64_t len) {
  return to_interface(self.blocking_read(len));
}

Result<StreamsHost::Streamed<uint64_t>> StreamsHost::input_stream_skip(InputStream& self,
                                                                       uint64_t len) {
  return to_interface(self.skip(len));
}

io::Eventual<StreamsHost::Streamed<uint64_t>> StreamsHost::input_stream_blocking_skip(
    InputStream& self, uint64_t len) {
  return to_interface(self.blocking_skip(len));
}

Result<std::unique_ptr<Pollable>> StreamsHost::input_stream_subscribe(InputStream& self) {
  return std::make_unique<Pollable>(self);
}

Result<StreamsHost::Streamed<uint64_t>> StreamsHost::output_stream_check_write(OutputStream& self) {
  return to_interface(self.check_write());
}

Result<StreamsHost::Streamed<void>> StreamsHost::output_stream_write(
    OutputStream& self, std::span<const uint8_t> contents) {
  return to_interface(self.write(contents));
}

io::Eventual<StreamsHost::Streamed<void>> StreamsHost::output_stream_blocking_write_and_flush(
    OutputStream& self, std::span<const uint8_t> contents) {
  return to_interface(self.blocking_write_and_flush(contents));
}

Result<StreamsHost::Streamed<void>> StreamsHost::output_stream_flush(OutputStream& self) {
  return to_interface(self.flush());
}

io::Eventual<StreamsHost::Streamed<void>> StreamsHost::output_stream_blocking_flush(
    OutputStream& self) {
  return to_interface(self.blocking_flush());
}

Result<std::unique_ptr<Pollable>> StreamsHost::output_stream_subscribe(OutputStream& self) {
  return std::make_unique<Pollable>(self);
}

Result<StreamsHost::Streamed<void>> StreamsHost::output_stream_write_zeroes(OutputStream& self,
                                                                            uint64_t len) {
  return to_interface(self.write_zeroes(len));
}

io::Eventual<StreamsHost::Streamed<void>>
StreamsHost::output_stream_blocking_write_zeroes_and_flush(OutputStream& self, uint64_t len) {
  return to_interface(self.blocking_write_zeroes_and_flush(len));
}

Result<StreamsHost::Streamed<uint64_t>> StreamsHost::output_stream_splice(OutputStream& self,
                                                                          InputStream& src,
                                                                          uint64_t len) {
  return to_interface(self.splice(src, len));
}

io::Eventual<StreamsHost::Streamed<uint64_t>> StreamsHost::output_stream_blocking_splice(
    OutputStream& self, InputStream& src, uint64_t len) {
  return to_interface(self.blocking_splice(src, len));
}

}  // namespace spindle::wasi::p2
