#include "http/h2/stream_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace spindle::http::h2 {

// Bounds a wait for bytes, however it ends.
class StreamBody::Waiting {
 public:
  explicit Waiting(StreamBody& body) : body_(body) {
    auto& state = body.host_.state();
    body.read_due_ = state.due_in(state.limits.body_idle_time);
    body.changed_.reset();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { body_.read_due_ = 0; }

 private:
  StreamBody& body_;
};

StreamBody::StreamBody(StreamHost& host, StreamId id)
    : host_(host), id_(id), changed_(host.state().loop) {}

void StreamBody::begin(std::optional<uint64_t> length, bool expects_continue) {
  length_ = length;
  continue_due_ = expects_continue;
}

void StreamBody::arrived(Bytes bytes) {
  received_ += bytes.size();
  continue_due_ = false;
  auto limit = host_.state().limits.body_bytes;
  if (limit && received_ > *limit) {
    fail(Error::limit_exceeded(fmt::format("the request body has more than {} bytes", *limit)));
  }
  if (is_dropped_ || error_) return drop_bytes(bytes.size());
  arrived_.insert(arrived_.end(), bytes.begin(), bytes.end());
  changed_.set();
}

void StreamBody::trailer(std::string_view name, std::string_view value) {
  const auto& limits = host_.state().limits;
  trailer_bytes_ += name.size() + value.size();
  if (trailer_bytes_ > limits.trailer_bytes || trailers_.size() >= limits.header_count) {
    return fail(Error::limit_exceeded("the trailers of the request are too long"));
  }
  trailers_.add(name, value);
}

void StreamBody::ended() {
  ended_ = true;
  if (is_dropped_) read_due_ = 0;
  changed_.set();
}

void StreamBody::fail(Error error) {
  if (error_ || ended_) return;
  error_ = std::move(error);
  changed_.set();
}

void StreamBody::close(Error why) {
  fail(std::move(why));
  closed_ = true;
  if (is_dropped_) read_due_ = 0;
}

void StreamBody::drop() {
  if (is_dropped_) return;
  is_dropped_ = true;
  const size_t left = arrived_.size();
  arrived_.clear();
  held_.clear();
  held_at_ = 0;
  if (ended_ || closed_) return consume(left);
  auto& state = host_.state();
  read_due_ = state.due_in(state.limits.body_idle_time);
  drop_bytes(left);
}

void StreamBody::drop_bytes(size_t count) {
  consume(count);
  dropped_ += count;
  if (!is_dropped_ || dropped_ <= host_.state().limits.unread_body_bytes) return;
  if (!std::exchange(closed_, true)) host_.codec().reset(id_, ErrorCode::None);
  read_due_ = 0;
}

void StreamBody::time_out() {
  read_due_ = 0;
  if (is_dropped_) {
    host_.codec().reset(id_, ErrorCode::None);
    host_.flush_soon();
    return;
  }
  fail(Error::timeout("the client sent nothing of the request body for too long"));
}

void StreamBody::consume(size_t count) {
  if (count == 0) return;
  host_.codec().consume(id_, count);
  host_.flush_soon();
}

Result<Bytes> StreamBody::take(size_t max) {
  if (held_at_ == held_.size()) {
    held_.clear();
    held_at_ = 0;
    std::swap(held_, arrived_);
    consume(held_.size());
  }
  if (held_.empty() && error_) return *error_;
  auto taken = Bytes(held_).subspan(held_at_);
  taken = taken.first(std::min(max, taken.size()));
  held_at_ += taken.size();
  return taken;
}

io::Eventual<Bytes> StreamBody::read(size_t max) {
  if (is_ready()) return take(max);
  return wait_and_read(max);
}

io::Eventual<void> StreamBody::wait_readable() {
  if (is_ready()) return Result<void>();
  return wait_for_bytes();
}

io::Task<Result<Bytes>> StreamBody::wait_and_read(size_t max) {
  CO_TRY(co_await wait_for_bytes());
  co_return take(max);
}

io::Task<Result<void>> StreamBody::wait_for_bytes() {
  if (std::exchange(continue_due_, false)) {
    std::array<Header, 1> fields = {Header{":status", "100"}};
    CO_TRY(host_.codec().respond_interim(id_, HeaderView(fields)));
    host_.flush_soon();
  }
  while (!is_ready()) {
    const Waiting waiting(*this);
    co_await changed_.wait();
  }
  co_return Result<void>();
}

HeaderView StreamBody::trailers() const {
  if (!ended_ || held_at_ < held_.size() || !arrived_.empty()) return {};
  return trailers_.view();
}

}  // namespace spindle::http::h2
