#include "wasi/core/http/incoming_body.h"

#include <algorithm>

namespace spindle::wasi {

using Progress = IncomingBodySource::Progress;

void IncomingBodySource::detach() {
  reader_ = nullptr;
  if (ended_) return;
  ended_ = true;
  failure_ = Error::canceled("the request is over");
}

bool IncomingBodySource::is_ready() {
  if (ended_ || failure_) return true;
  return reader_->wait_readable().is_ready();
}

Progress IncomingBodySource::accept(Result<http::Bytes> piece, uint64_t length, Bytes& into) {
  if (!piece) {
    failure_ = piece.take_error();
    ended_ = true;
    return Progress::Failed;
  }
  if (piece->empty() && length > 0) {
    ended_ = true;
    return Progress::Ended;
  }
  into.assign(piece->begin(), piece->end());
  return Progress::Bytes;
}

Progress IncomingBodySource::read(uint64_t length, Bytes& into) {
  if (failure_) return Progress::Failed;
  if (ended_) return Progress::Ended;
  if (length == 0) return Progress::Bytes;
  auto size = static_cast<size_t>(std::min<uint64_t>(length, kStreamChunkBytesMax));
  auto next = reader_->read(size);
  if (!next.is_ready()) return Progress::Pending;
  return accept(next.take_ready(), length, into);
}

io::Task<Progress> IncomingBodySource::wait_and_read(uint64_t length, Bytes& into) {
  auto self = shared_from_this();
  auto size = static_cast<size_t>(std::min<uint64_t>(length, kStreamChunkBytesMax));
  auto next = reader_->read(size);
  auto wait = io::Eventual<http::Bytes>::wait(std::move(next));
  auto piece = co_await std::move(wait);
  co_return accept(std::move(piece), length, into);
}

void IncomingBodySource::start_waiting() {
  if (waiting_ || ended_) return;
  waiting_ = true;
  tasks_.spawn(wait_in_background(shared_from_this()));
}

io::Task<void> IncomingBodySource::wait_in_background(std::shared_ptr<IncomingBodySource> self) {
  if (ended_) co_return;
  auto readable = reader_->wait_readable();
  auto wait = io::Eventual<void>::wait(std::move(readable));
  // A failure shows itself to whoever reads next.
  (void)co_await std::move(wait);
  waiting_ = false;
  if (self->wake_) self->wake_();
}

IncomingBodyStream::IncomingBodyStream(io::EventLoop& loop,
                                       std::shared_ptr<IncomingBodySource> source)
    : InputStream(loop), source_(std::move(source)) {
  source_->set_listener([this] { notify(); });
}

IncomingBodyStream::~IncomingBodyStream() {
  source_->set_listener({});
}

Streamed<Bytes> IncomingBodyStream::answer(Progress progress, Bytes bytes) {
  switch (progress) {
    case Progress::Pending:
    case Progress::Bytes: return bytes;
    case Progress::Ended: return StreamEnd::closed();
    case Progress::Failed: break;
  }
  auto failure = source_->take_failure();
  if (!failure) return StreamEnd::closed();
  return StreamEnd::failed(std::make_unique<HttpIoError>(std::move(*failure)));
}

Result<Streamed<Bytes>> IncomingBodyStream::read(uint64_t length) {
  Bytes bytes;
  auto progress = source_->read(length, bytes);
  return answer(progress, std::move(bytes));
}

io::Eventual<Streamed<Bytes>> IncomingBodyStream::blocking_read(uint64_t length) {
  Bytes bytes;
  auto progress = source_->read(length, bytes);
  if (progress == Progress::Pending) return read_later(length);
  return Result<Streamed<Bytes>>(answer(progress, std::move(bytes)));
}

io::Task<Result<Streamed<Bytes>>> IncomingBodyStream::read_later(uint64_t length) {
  Bytes bytes;
  auto reading = source_->wait_and_read(length, bytes);
  auto progress = co_await std::move(reading);
  co_return answer(progress, std::move(bytes));
}

TrailersSource::TrailersSource(io::EventLoop& loop, std::shared_ptr<IncomingBodySource> source)
    : ReadySource(loop), source_(std::move(source)) {
  source_->set_listener([this] { notify(); });
}

TrailersSource::~TrailersSource() {
  source_->set_listener({});
}

bool TrailersSource::is_ready() {
  Bytes discarded;
  while (!done_) {
    auto progress = source_->read(kStreamChunkBytesMax, discarded);
    if (progress == Progress::Pending) return false;
    if (progress == Progress::Bytes) continue;
    if (progress == Progress::Failed) failure_ = source_->take_failure();
    done_ = true;
  }
  return true;
}

Result<http::HeaderView> TrailersSource::trailers() const {
  if (failure_) return *failure_;
  return source_->trailers();
}

}  // namespace spindle::wasi
