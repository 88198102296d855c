#pragma once

// Byte streams between a guest and the host, as wasi:io/streams defines them, free of bindings.
//
// To write an input stream: derive from InputStream, implement is_ready() and read(), call notify()
// when data, the end or an error arrived. To write an output stream: derive from OutputStream,
// implement is_ready(), check_write(), do_write() and flush(), call notify() when room or the end
// of a flush arrived. The blocking variants come for free; override them where waiting can be done
// without a buffer in between.
//
// Results have two layers: the outer error is a trap (the guest broke the contract), the inner one
// what the guest is told: closed, or an IoError. An error is reported once, after that the stream
// is closed. A stream is ready when it has an error or an end to report.

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/eventual.h"
#include "wasi/core/ready.h"
#include "wasi/core/resource.h"

namespace spindle::wasi {

using Bytes = std::vector<uint8_t>;

// The resource wasi:io/error.error. Derive from it to carry a code that another interface can read
// back (filesystem-error-code, http-error-code).
class IoError : public HostResource {
 public:
  explicit IoError(std::string message) : message_(std::move(message)) {}
  const std::string& to_debug_string() const { return message_; }

 private:
  std::string message_;
};

// Why a stream gave nothing: the last operation failed, or it is closed (no error).
struct StreamEnd {
  std::unique_ptr<IoError> error;

  static std::unexpected<StreamEnd> closed() { return std::unexpected(StreamEnd{}); }
  static std::unexpected<StreamEnd> failed(std::unique_ptr<IoError> error) {
    return std::unexpected(StreamEnd{std::move(error)});
  }
  bool is_closed() const { return error == nullptr; }
};

template <typename T>
using Streamed = std::expected<T, StreamEnd>;

// The most that one read returns, and the most that file and log streams take in one write.
inline constexpr size_t kStreamChunkBytesMax = size_t{64} * 1024;
// The most that blocking-write-and-flush and its kin take; more is a trap, as the interface says.
inline constexpr uint64_t kBlockingWriteBytesMax = 4096;
// How often a blocking call believes a stream that says it is ready and then does nothing.
inline constexpr int kBlockingAttemptsMax = 10;

class InputStream : public HostResource, public ReadySource {
 public:
  explicit InputStream(io::EventLoop& loop) : ReadySource(loop) {}
  // Pollables of a stream are its children.
  Result<void> before_guest_drop() override { return check_no_children(); }

  // Up to `length` bytes that are there already; none when there are none yet.
  virtual Result<Streamed<Bytes>> read(uint64_t length) = 0;
  virtual Result<Streamed<uint64_t>> skip(uint64_t length);
  // At least one byte, unless `length` is 0.
  virtual io::Eventual<Streamed<Bytes>> blocking_read(uint64_t length);
  virtual io::Eventual<Streamed<uint64_t>> blocking_skip(uint64_t length);

 private:
  io::Task<Result<Streamed<Bytes>>> wait_and_read(uint64_t length);
  io::Task<Result<Streamed<uint64_t>>> wait_and_skip(uint64_t length);
};

class OutputStream : public HostResource, public ReadySource {
 public:
  explicit OutputStream(io::EventLoop& loop) : ReadySource(loop) {}
  // Pollables of a stream are its children.
  Result<void> before_guest_drop() override { return check_no_children(); }

  // How many bytes the next write may bring; 0 while there is no room or a flush is under way.
  virtual Result<Streamed<uint64_t>> check_write() = 0;
  // Asks for everything written to go out; check_write() gives 0 until that is done.
  virtual Result<Streamed<void>> flush() = 0;
  // Never blocks; traps when there are more bytes than check_write() allows.
  Result<Streamed<void>> write(std::span<const uint8_t> contents);
  Result<Streamed<void>> write_zeroes(uint64_t length);
  // Moves what `source` has and this stream takes, at most `length`.
  Result<Streamed<uint64_t>> splice(InputStream& source, uint64_t length);

  // `contents` need only be valid during the call itself.
  virtual io::Eventual<Streamed<void>> blocking_write_and_flush(std::span<const uint8_t> contents);
  virtual io::Eventual<Streamed<void>> blocking_flush();
  io::Eventual<Streamed<void>> blocking_write_zeroes_and_flush(uint64_t length);
  virtual io::Eventual<Streamed<uint64_t>> blocking_splice(InputStream& source, uint64_t length);

 protected:
  // At most what check_write() allowed.
  virtual Result<Streamed<void>> do_write(std::span<const uint8_t> contents) = 0;

 private:
  // Waits for room.
  io::Task<Result<Streamed<uint64_t>>> wait_for_budget();
  io::Task<Result<Streamed<void>>> write_rest_and_flush(Bytes rest);
  io::Task<Result<Streamed<void>>> wait_for_flush();
  io::Task<Result<Streamed<uint64_t>>> wait_and_splice(InputStream& source, uint64_t length);
};

// A stream that has ended: stdin of a request without one.
class ClosedInputStream final : public InputStream {
 public:
  using InputStream::InputStream;
  bool is_ready() override { return true; }
  Result<Streamed<Bytes>> read(uint64_t) override { return Streamed<Bytes>(StreamEnd::closed()); }
};

// Reads from bytes that are all there; the end follows.
class BytesInputStream final : public InputStream {
 public:
  BytesInputStream(io::EventLoop& loop, std::shared_ptr<const Bytes> bytes)
      : InputStream(loop), bytes_(std::move(bytes)) {}
  bool is_ready() override { return true; }
  Result<Streamed<Bytes>> read(uint64_t length) override;

 private:
  std::shared_ptr<const Bytes> bytes_;
  size_t position_ = 0;
};

}  // namespace spindle::wasi
