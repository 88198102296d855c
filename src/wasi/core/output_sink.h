#pragma once

// Where a guest's standard output and error go.
//
// An OutputSink takes bytes from any thread; there is one per component and stream, shared by all
// instances. GuestLog appends to a file and, when asked, copies to the standard error of the
// process, as Spin does. Nothing is opened until a guest writes, and a write is one system call per
// destination.
//
// Limits: a line longer than Options::line_bytes_max loses its rest, a file that reached
// Options::file_bytes_max takes no more; both leave a mark in the output. A destination that fails
// is given up, and the first failure is reported.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasi/core/fd.h"
#include "wasi/core/streams.h"

namespace spindle::wasi {

class OutputSink {
 public:
  virtual ~OutputSink() = default;
  // From any thread. Failure is the sink's own business: a guest that prints never fails.
  virtual void write(std::span<const uint8_t> bytes) = 0;
};

// Forgets everything.
class DiscardingSink final : public OutputSink {
 public:
  void write(std::span<const uint8_t>) override {}
};

// Keeps everything, for tests.
class MemorySink final : public OutputSink {
 public:
  void write(std::span<const uint8_t> bytes) override;
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class GuestLog final : public OutputSink {
 public:
  static constexpr uint64_t kLineBytesMax = uint64_t{1} << 20;
  static constexpr uint64_t kFileBytesMax = uint64_t{1} << 30;

  struct Options {
    // No file without a path. Its directory is made when the first write comes.
    std::string path;
    // A descriptor that outlives the log; STDERR_FILENO to follow the guest, -1 not to.
    int copy_to = -1;
    uint64_t line_bytes_max = kLineBytesMax;
    uint64_t file_bytes_max = kFileBytesMax;
    std::function<void(const Error&)> report_failure;
  };

  explicit GuestLog(Options options) : options_(std::move(options)) {}

  void write(std::span<const uint8_t> bytes) override;

 private:
  // Both with the lock held.
  void write_out(std::string_view text);
  void write_file(std::string_view text);
  Result<void> open_file();
  void report(Error error);

  const Options options_;
  std::mutex mutex_;
  Fd file_;
  bool file_failed_ = false;
  bool copy_failed_ = false;
  bool reported_ = false;
  uint64_t file_bytes_ = 0;
  uint64_t line_bytes_ = 0;
};

// `<directory>/<id>_stdout.txt` and `_stderr.txt`. Ids come from manifests and keep only what is
// safe in a file name.
std::string guest_log_path(std::string_view directory, std::string_view component_id,
                           std::string_view stream_name);

// The guest's end: always ready, takes kStreamChunkBytesMax at a time, flushes at once.
class SinkOutputStream final : public OutputStream {
 public:
  SinkOutputStream(io::EventLoop& loop, std::shared_ptr<OutputSink> sink)
      : OutputStream(loop), sink_(std::move(sink)) {}

  bool is_ready() override { return true; }
  Result<Streamed<uint64_t>> check_write() override {
    return Streamed<uint64_t>(kStreamChunkBytesMax);
  }
  Result<Streamed<void>> flush() override { return Streamed<void>(); }

 protected:
  Result<Streamed<void>> do_write(std::span<const uint8_t> contents) override;

 private:
  std::shared_ptr<OutputSink> sink_;
};

}  // namespace spindle::wasi
