#pragma once

// BodyPipe: the bytes of an outgoing body on their way from a guest to the network.
//
// The guest's side writes through a PipeOutputStream and ends with finish() or abort(); the host's
// side takes what is there in one piece and says when it is gone. At most kCapacity bytes wait and
// as many are being sent, so a guest that writes faster than its peer reads is held up, and a body
// is never collected whole. A flush is done as soon as the pipe holds the bytes: the reader is
// woken by each write and runs when the guest next gives way.
//
// Both sides belong to one event loop and share the pipe.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "http/message.h"
#include "io/event.h"
#include "wasi/core/streams.h"

namespace spindle::wasi {

class PipeOutputStream;

class BodyPipe {
 public:
  static constexpr size_t kCapacity = 128 * 1024;

  enum class State : uint8_t { Open, Finished, Aborted };

  explicit BodyPipe(io::EventLoop& loop) : changed_(loop) {}

  // The writing side.
  size_t room() const {
    return state_ == State::Open && !reader_gone_ ? kCapacity - waiting_.size() : 0;
  }
  void write(std::span<const uint8_t> bytes);
  void finish(std::optional<http::Headers> trailers);
  // The body ends unfinished.
  void abort();
  // What the message announced; the guest may write exactly so much.
  void set_expected_length(std::optional<uint64_t> bytes) { expected_length_ = bytes; }
  std::optional<uint64_t> expected_length() const { return expected_length_; }
  uint64_t written() const { return written_; }
  bool is_reader_gone() const { return reader_gone_; }
  // The reader is gone before all was there. Who has written all that was announced has lost
  // nothing when a peer answers without reading to the end.
  bool is_broken() const { return reader_gone_ && expected_length_ != written_; }

  // The reading side.
  State state() const { return state_; }
  bool has_bytes() const { return !waiting_.empty(); }
  // All that waits; `previous`'s memory is used again.
  std::vector<uint8_t> take(std::vector<uint8_t> previous);
  bool has_trailers() const { return trailers_ && trailers_->size() > 0; }
  // Waits for bytes or the end.
  io::Task<void> changed();
  std::optional<http::Headers> take_trailers() { return std::move(trailers_); }
  // Nobody will read any more: writes fail.
  void close_reader();

 private:
  friend class PipeOutputStream;
  void notify_writer();

  io::Event changed_;
  std::vector<uint8_t> waiting_;
  std::optional<http::Headers> trailers_;
  std::optional<uint64_t> expected_length_;
  uint64_t written_ = 0;
  State state_ = State::Open;
  bool reader_gone_ = false;
  PipeOutputStream* writer_ = nullptr;
};

// The guest's stream into a pipe. There is one at a time.
class PipeOutputStream : public OutputStream {
 public:
  PipeOutputStream(io::EventLoop& loop, std::shared_ptr<BodyPipe> pipe);
  ~PipeOutputStream() override;

  bool is_ready() override;
  Result<Streamed<uint64_t>> check_write() override;
  Result<Streamed<void>> flush() override;

 protected:
  Result<Streamed<void>> do_write(std::span<const uint8_t> contents) override;

 private:
  friend class BodyPipe;
  std::shared_ptr<BodyPipe> pipe_;
};

}  // namespace spindle::wasi
