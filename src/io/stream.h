#pragma once

// ByteStream: two directions of bytes of one connection, on one loop.
//
// The HTTP server, the clients and the tests know connections only as this: a TCP socket, a TLS
// session, or a pipe in memory. Reads and writes may be short; end of input is a read of 0 bytes.
// At most one read and one write wait at a time. Buffers belong to the caller and live until the
// operation is over.
//
// Step and wait, for callers whose memory may go away while they wait (a guest's): try_read() and
// try_write() move what can be moved now and never wait, readable() and writable() wait without a
// buffer. Both ways of reading may be mixed, not waited for at the same time; the same for writing.

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "io/eventual.h"
#include "io/task.h"

namespace spindle::io {

// An IP address and port; IPv4 addresses use the first four bytes.
struct Endpoint {
  enum class Family : uint8_t { None, V4, V6 };
  Family family = Family::None;
  std::array<uint8_t, 16> address{};
  uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
  // `127.0.0.1`, `::1`.
  std::string address_string() const;
  // `127.0.0.1:80`, `[::1]:80`.
  std::string to_string() const;
};

// Pieces of one gathered write.
using Piece = std::span<const uint8_t>;

// What a step of reading did. None and not ended: readable() waits.
struct ReadStep {
  size_t count = 0;
  bool is_ended = false;
};

class ByteStream {
 public:
  static constexpr size_t kPiecesMax = 8;

  virtual ~ByteStream() = default;

  // At least one byte; 0 at the end of input.
  virtual Task<Result<size_t>> read_some(std::span<uint8_t> buffer) = 0;
  // The same for a caller that has just taken what there was: it need not ask the system before it
  // waits. An end of input that came together with the last bytes may go unnoticed until then.
  virtual Task<Result<size_t>> read_later(std::span<uint8_t> buffer) { return read_some(buffer); }
  // Writes a prefix of the pieces (at most kPiecesMax of them) in one system call; ready at once
  // when the peer's buffers have room. The pieces and their bytes outlive the wait.
  virtual Eventual<size_t> write_some(std::span<const Piece> pieces) = 0;
  // A step: bytes that are there now. `buffer` is not empty.
  virtual Result<ReadStep> try_read(std::span<uint8_t> buffer) = 0;
  // A step: the prefix of the pieces (at most kPiecesMax of them) for which there is room now; 0 of
  // them when writable() has to be awaited.
  virtual Result<size_t> try_write(std::span<const Piece> pieces) = 0;
  // Until a step has bytes, the end or an error; until one has room or an error. May end early.
  virtual Task<Result<void>> readable() = 0;
  virtual Task<Result<void>> writable() = 0;
  // Ends what waits now with a Canceled error; the stream stays usable.
  virtual void cancel() = 0;
  // Tells the peer that no more bytes follow.
  virtual void shutdown_write() = 0;
  // Ends the connection; what waits ends with a Canceled error.
  virtual void close() = 0;
  // As close(), and the peer is told that the connection broke (TCP: RST).
  virtual void abort() = 0;
  virtual const Endpoint& peer() const = 0;
  virtual const Endpoint& local() const = 0;
};

// Writes all of it.
Task<Result<void>> write_all(ByteStream& stream, Piece bytes);

}  // namespace spindle::io
