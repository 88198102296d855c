#include "wasi/core/byte_pump.h"

#include <algorithm>

#include "wasi/core/file_streams.h"

namespace spindle::wasi {

namespace {

using component::StreamStep;

// Moves bytes in steps, from where they lie or by way of a buffer.
class Mover {
 public:
  Mover(component::Stream<uint8_t>& data, ByteTaker& taker) : data_(data), taker_(taker) {}

  FileResult<StreamStep> step() { return data_.has_view() ? step_in_place() : step_by_buffer(); }

 private:
  FileResult<StreamStep> step_in_place() {
    FileResult<void> outcome;
    const StreamStep step = data_.view([&](std::span<const uint8_t> bytes) -> size_t {
      bytes = bytes.first(std::min(bytes.size(), kStreamChunkBytesMax));
      if (bytes.empty()) return 0;
      auto taken = taker_.take(bytes);
      if (!taken) outcome = file_error(taken.error());
      return taken.value_or(0);
    });
    if (!outcome) return file_error(outcome.error());
    return step;
  }

  FileResult<StreamStep> step_by_buffer() {
    if (buffer_.empty()) buffer_.resize(kStreamChunkBytesMax);
    const StreamStep step = data_.read(buffer_);
    auto rest = std::span<const uint8_t>(buffer_).first(step.count);
    while (!rest.empty()) {
      auto taken = taker_.take(rest);
      if (!taken) return file_error(taken.error());
      rest = rest.subspan(*taken);
    }
    return step;
  }

  component::Stream<uint8_t>& data_;
  ByteTaker& taker_;
  Bytes buffer_;
};

}  // namespace

io::Task<FileResult<void>> pump(io::EventLoop& loop, component::Stream<uint8_t> data,
                                std::unique_ptr<ByteTaker> taker) {
  Mover mover(data, *taker);
  size_t unbroken = 0;
  while (true) {
    auto step = mover.step();
    if (!step) co_return file_error(step.error());
    if (step->is_ended) co_return FileResult<void>();
    unbroken += step->count;
    if (step->count != 0 && unbroken < kBytesPerTurn) continue;
    auto waiting = step->count != 0 ? io::yield(loop) : data.ready();
    co_await std::move(waiting);
    unbroken = 0;
  }
}

FileResult<size_t> FileTaker::take(std::span<const uint8_t> bytes) {
  const int fd = file_->fd.number();
  auto written = position_ ? write_file_at(fd, bytes, *position_) : append_to_file(fd, bytes);
  if (!written) return file_error(written.error());
  // A file that takes nothing without an error is full in a way that the system has no word for.
  if (*written == 0) return file_error(FileErrorCode::InsufficientSpace);
  if (position_) *position_ += *written;
  return *written;
}

FileResult<size_t> SinkTaker::take(std::span<const uint8_t> bytes) {
  sink_->write(bytes);
  return bytes.size();
}

StreamStep FileByteSource::read(std::span<uint8_t> out) {
  if (out.empty()) return {};
  auto count = read_file_into(file_->fd.number(), out, position_);
  if (!count) return end(file_error(count.error()));
  if (*count == 0) return end({});
  position_ += *count;
  return {*count, false};
}

StreamStep FileByteSource::end(FileResult<void> outcome) {
  if (on_end_) std::exchange(on_end_, nullptr)(std::move(outcome));
  return {0, true};
}

}  // namespace spindle::wasi
