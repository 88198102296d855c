#include "io/test_streams.h"

#include <cstring>

#include "io/event.h"

namespace spindle::io {

namespace {

// One direction.
struct Channel {
  Channel(EventLoop& loop, size_t limit) : changed(loop), capacity(limit) {}
  Event changed;
  std::vector<uint8_t> bytes;
  size_t capacity;
  bool ended = false;   // no more bytes follow
  bool broken = false;  // the other side is gone

  void notify() {
    changed.set();
    changed.reset();
  }
};

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::shared_ptr<Channel> in, std::shared_ptr<Channel> out)
      : in_(std::move(in)), out_(std::move(out)) {
    peer_.family = Endpoint::Family::V4;
    peer_.address = {127, 0, 0, 1};
    peer_.port = 1;
  }
  ~MemoryStream() override { MemoryStream::close(); }

  Task<Result<size_t>> read_some(std::span<uint8_t> buffer) override {
    CO_TRY(co_await MemoryStream::readable());
    auto step = CO_TRY(MemoryStream::try_read(buffer));
    co_return step.count;
  }

  Result<ReadStep> try_read(std::span<uint8_t> buffer) override {
    if (closed_) return Error::canceled("reading: canceled");
    if (in_->bytes.empty() && in_->broken) return Error::unavailable("reading: connection reset");
    if (in_->bytes.empty()) return ReadStep{.is_ended = in_->ended};
    auto count = std::min(buffer.size(), in_->bytes.size());
    std::memcpy(buffer.data(), in_->bytes.data(), count);
    in_->bytes.erase(in_->bytes.begin(), in_->bytes.begin() + static_cast<ptrdiff_t>(count));
    in_->notify();
    return ReadStep{.count = count};
  }

  Task<Result<void>> readable() override {
    auto epoch = cancel_epoch_;
    auto in = in_;
    while (in->bytes.empty() && !in->ended && !in->broken && !closed_ && epoch == cancel_epoch_) {
      co_await in->changed.wait();
    }
    if (closed_ || epoch != cancel_epoch_) co_return Error::canceled("reading: canceled");
    co_return Result<void>();
  }

  Eventual<size_t> write_some(std::span<const Piece> pieces) override {
    auto count = MemoryStream::try_write(pieces);
    if (!count || *count > 0 || is_empty(pieces)) return count;
    return wait_and_write(pieces);
  }

  Result<size_t> try_write(std::span<const Piece> pieces) override {
    if (closed_) return Error::canceled("writing: canceled");
    if (out_->broken) return Error::unavailable("writing: broken pipe");
    return put(pieces);
  }

  Task<Result<void>> writable() override {
    auto epoch = cancel_epoch_;
    auto out = out_;
    while (out->bytes.size() >= out->capacity && !out->broken && !closed_ &&
           epoch == cancel_epoch_) {
      co_await out->changed.wait();
    }
    if (closed_ || epoch != cancel_epoch_) co_return Error::canceled("writing: canceled");
    co_return Result<void>();
  }

  void cancel() override {
    cancel_epoch_ += 1;
    in_->notify();
    out_->notify();
  }
  void shutdown_write() override {
    out_->ended = true;
    out_->notify();
  }
  void close() override {
    if (closed_) return;
    closed_ = true;
    out_->ended = true;
    in_->broken = true;
    in_->notify();
    out_->notify();
  }
  void abort() override {
    if (closed_) return;
    out_->broken = true;
    out_->bytes.clear();
    close();
  }
  const Endpoint& peer() const override { return peer_; }
  const Endpoint& local() const override { return peer_; }

 private:
  static bool is_empty(std::span<const Piece> pieces) {
    for (auto piece : pieces) {
      if (!piece.empty()) return false;
    }
    return true;
  }

  size_t put(std::span<const Piece> pieces) {
    size_t count = 0;
    for (auto piece : pieces) {
      auto part = piece.first(std::min(piece.size(), out_->capacity - out_->bytes.size()));
      out_->bytes.insert(out_->bytes.end(), part.begin(), part.end());
      count += part.size();
    }
    if (count > 0) out_->notify();
    return count;
  }

  Task<Result<size_t>> wait_and_write(std::span<const Piece> pieces) {
    CO_TRY(co_await MemoryStream::writable());
    co_return MemoryStream::try_write(pieces);
  }

  std::shared_ptr<Channel> in_;
  std::shared_ptr<Channel> out_;
  Endpoint peer_;
  unsigned cancel_epoch_ = 0;
  bool closed_ = false;
};

Task<Result<size_t>> fail_read() {
  co_return Error::unavailable("reading: injected failure");
}

}  // namespace

std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> make_memory_pipe(
    EventLoop& loop, size_t capacity) {
  auto forth = std::make_shared<Channel>(loop, capacity);
  auto back = std::make_shared<Channel>(loop, capacity);
  return {std::make_unique<MemoryStream>(back, forth), std::make_unique<MemoryStream>(forth, back)};
}

bool FragmentingStream::cut(std::span<const Piece> pieces) {
  for (auto piece : pieces) {
    if (piece.empty()) continue;
    piece_ = piece.first(std::min(size_, piece.size()));
    return true;
  }
  return false;
}

Eventual<size_t> FragmentingStream::write_some(std::span<const Piece> pieces) {
  if (!cut(pieces)) return size_t{0};
  return WrappedStream::write_some(std::span(&piece_, 1));
}

Result<size_t> FragmentingStream::try_write(std::span<const Piece> pieces) {
  if (!cut(pieces)) return size_t{0};
  return WrappedStream::try_write(std::span(&piece_, 1));
}

bool FailingStream::is_due() {
  if (left_ == 0) return true;
  left_ -= 1;
  return false;
}

Task<Result<size_t>> FailingStream::read_some(std::span<uint8_t> buffer) {
  if (is_due()) return fail_read();
  return WrappedStream::read_some(buffer);
}

Eventual<size_t> FailingStream::write_some(std::span<const Piece> pieces) {
  if (is_due()) return Error::unavailable("writing: injected failure");
  return WrappedStream::write_some(pieces);
}

Result<ReadStep> FailingStream::try_read(std::span<uint8_t> buffer) {
  if (is_due()) return Error::unavailable("reading: injected failure");
  return WrappedStream::try_read(buffer);
}

Result<size_t> FailingStream::try_write(std::span<const Piece> pieces) {
  if (is_due()) return Error::unavailable("writing: injected failure");
  return WrappedStream::try_write(pieces);
}

}  // namespace spindle::io
