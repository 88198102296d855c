#pragma once

// How streams of component/host/stream.h meet files, logs and other things that never wait: the
// other half of core/streams.h, for versions of WASI where streams are values.
//
//   pump(loop, std::move(data), std::make_unique<FileTaker>(file, position))    guest -> file
//   Stream<uint8_t>(std::make_unique<FileByteSource>(file, position, on_end))   file -> guest
//
// A step moves at most kStreamChunkBytesMax, and bytes that can be seen in place are taken from
// there. A pump whose stream always has something lets other tasks run every kBytesPerTurn. Memory
// does not grow with what is moved. Everything is owned by the pump or the source, so that either
// may outlive the instance.

#include <functional>
#include <memory>
#include <optional>

#include "component/host/stream.h"
#include "wasi/core/files.h"
#include "wasi/core/output_sink.h"

namespace spindle::wasi {

inline constexpr size_t kBytesPerTurn = size_t{1} << 20;

// Where a pump puts bytes.
class ByteTaker {
 public:
  virtual ~ByteTaker() = default;
  // How many it took of the bytes (there is at least one), which is never none.
  virtual FileResult<size_t> take(std::span<const uint8_t> bytes) = 0;
};

// To the end of the stream, or to the first failure; then the stream is dropped, which its writer
// sees.
io::Task<FileResult<void>> pump(io::EventLoop& loop, component::Stream<uint8_t> data,
                                std::unique_ptr<ByteTaker> taker);

class FileTaker final : public ByteTaker {
 public:
  // Without a position it appends.
  FileTaker(std::shared_ptr<OpenFile> file, std::optional<uint64_t> position)
      : file_(std::move(file)), position_(position) {}
  FileResult<size_t> take(std::span<const uint8_t> bytes) override;

 private:
  std::shared_ptr<OpenFile> file_;
  std::optional<uint64_t> position_;
};

class SinkTaker final : public ByteTaker {
 public:
  explicit SinkTaker(std::shared_ptr<OutputSink> sink) : sink_(std::move(sink)) {}
  FileResult<size_t> take(std::span<const uint8_t> bytes) override;

 private:
  std::shared_ptr<OutputSink> sink_;
};

// How a source ended: all was read, reading failed, or the reader went (which is no failure).
using OnSourceEnd = std::move_only_function<void(FileResult<void>)>;

// Reads a file into the reader's memory; always ready, as regular files are.
class FileByteSource final : public component::StreamSource<uint8_t> {
 public:
  FileByteSource(std::shared_ptr<OpenFile> file, uint64_t position, OnSourceEnd on_end)
      : file_(std::move(file)), position_(position), on_end_(std::move(on_end)) {}
  ~FileByteSource() override { end({}); }

  component::StreamStep read(std::span<uint8_t> out) override;
  io::Task<void> ready() override { co_return; }

 private:
  component::StreamStep end(FileResult<void> outcome);

  std::shared_ptr<OpenFile> file_;
  uint64_t position_;
  OnSourceEnd on_end_;
};

}  // namespace spindle::wasi
