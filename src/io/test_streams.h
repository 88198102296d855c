#pragma once

// Streams for tests: a pipe in memory, and wrappers that make life hard for whoever uses a stream.
//
//   auto [client, server] = make_memory_pipe(loop, 4096);
//
// Each direction of the pipe holds at most `capacity` bytes, so that back-pressure is real; nothing
// depends on time or on the kernel.

#include <memory>
#include <utility>

#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::io {

std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> make_memory_pipe(
    EventLoop& loop, size_t capacity);

// Forwards to another stream.
class WrappedStream : public ByteStream {
 public:
  explicit WrappedStream(std::unique_ptr<ByteStream> inner) : inner_(std::move(inner)) {}
  Task<Result<size_t>> read_some(std::span<uint8_t> buffer) override {
    return inner_->read_some(buffer);
  }
  Eventual<size_t> write_some(std::span<const Piece> pieces) override {
    return inner_->write_some(pieces);
  }
  Result<ReadStep> try_read(std::span<uint8_t> buffer) override { return inner_->try_read(buffer); }
  Result<size_t> try_write(std::span<const Piece> pieces) override {
    return inner_->try_write(pieces);
  }
  Task<Result<void>> readable() override { return inner_->readable(); }
  Task<Result<void>> writable() override { return inner_->writable(); }
  void cancel() override { inner_->cancel(); }
  void shutdown_write() override { inner_->shutdown_write(); }
  void close() override { inner_->close(); }
  void abort() override { inner_->abort(); }
  const Endpoint& peer() const override { return inner_->peer(); }
  const Endpoint& local() const override { return inner_->local(); }

 private:
  std::unique_ptr<ByteStream> inner_;
};

// Reads and writes at most `size` bytes at a time.
class FragmentingStream final : public WrappedStream {
 public:
  FragmentingStream(std::unique_ptr<ByteStream> inner, size_t size)
      : WrappedStream(std::move(inner)), size_(size) {}
  Task<Result<size_t>> read_some(std::span<uint8_t> buffer) override {
    return WrappedStream::read_some(buffer.first(std::min(size_, buffer.size())));
  }
  Eventual<size_t> write_some(std::span<const Piece> pieces) override;
  Result<ReadStep> try_read(std::span<uint8_t> buffer) override {
    return WrappedStream::try_read(buffer.first(std::min(size_, buffer.size())));
  }
  Result<size_t> try_write(std::span<const Piece> pieces) override;

 private:
  // The beginning of the first piece that is not empty.
  bool cut(std::span<const Piece> pieces);
  size_t size_;
  Piece piece_;
};

// The n-th operation (read, write or step of either, from 0) and all after it fail.
class FailingStream final : public WrappedStream {
 public:
  FailingStream(std::unique_ptr<ByteStream> inner, size_t fail_at)
      : WrappedStream(std::move(inner)), left_(fail_at) {}
  Task<Result<size_t>> read_some(std::span<uint8_t> buffer) override;
  Eventual<size_t> write_some(std::span<const Piece> pieces) override;
  Result<ReadStep> try_read(std::span<uint8_t> buffer) override;
  Result<size_t> try_write(std::span<const Piece> pieces) override;

 private:
  bool is_due();
  size_t left_;
};

// Counts operations; shared with the test.
struct StreamCounts {
  size_t reads = 0;
  size_t writes = 0;
};
class CountingStream final : public WrappedStream {
 public:
  CountingStream(std::unique_ptr<ByteStream> inner, StreamCounts& counts)
      : WrappedStream(std::move(inner)), counts_(counts) {}
  Task<Result<size_t>> read_some(std::span<uint8_t> buffer) override {
    counts_.reads += 1;
    return WrappedStream::read_some(buffer);
  }
  Eventual<size_t> write_some(std::span<const Piece> pieces) override {
    counts_.writes += 1;
    return WrappedStream::write_some(pieces);
  }
  Result<ReadStep> try_read(std::span<uint8_t> buffer) override {
    counts_.reads += 1;
    return WrappedStream::try_read(buffer);
  }
  Result<size_t> try_write(std::span<const Piece> pieces) override {
    counts_.writes += 1;
    return WrappedStream::try_write(pieces);
  }

 private:
  StreamCounts& counts_;
};

}  // namespace spindle::io
