#include "http/client/http2_sink.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/client/http2_stream.h"
#include "http/framing.h"

namespace spindle::http {

Http2Sink::Http2Sink(Http2Stream& stream) : stream_(stream), changed_(stream.loop()) {}

void Http2Sink::begin(BodyLength length) {
  last_sent_ = io::Clock::now();
  is_deferred_ = false;
  has_sent_last_ = false;
  is_suspended_ = false;
  // Nothing of one without a body can be missing.
  if (length.bytes() == 0) failure_.reset();
  VERIFY(may_repeat());
  buffer_at_ = 0;
  if (std::exchange(has_begun_, true)) return;
  remaining_ = length.bytes();
  if (remaining_ == 0) is_finished_ = true;
}

// --- from the codec ---

h2::BodyStep Http2Sink::next_body(size_t max) {
  h2::BodyStep step;
  step.count = std::min(max, unsent());
  step.is_last = is_finished_ && step.count == unsent();
  if (step.count == 0 && !step.is_last) is_deferred_ = true;
  return step;
}

void Http2Sink::append_body(size_t count, std::string& out) {
  out.append(buffer_, buffer_at_, count);
  buffer_at_ += count;
  last_sent_ = io::Clock::now();
  changed_.set();
}

void Http2Sink::sent_last() {
  has_sent_last_ = true;
  last_sent_ = io::Clock::now();
  changed_.set();
}

void Http2Sink::fail(const Failure& failure) {
  if (!failure_) failure_ = failure;
  changed_.set();
}

void Http2Sink::suspend() {
  is_suspended_ = true;
  changed_.set();
}

void Http2Sink::stop(Failure failure) {
  if (!has_sent_last_) fail(failure);
}

// --- from the caller ---

Failure Http2Sink::refuse(std::string message) {
  return stream_.break_with({FailureCode::RequestBodySize, std::move(message)});
}

size_t Http2Sink::room() const {
  return kBufferMax - std::min(kBufferMax, unsent());
}

void Http2Sink::make_room() {
  buffer_.erase(0, buffer_at_);
  dropped_ += std::exchange(buffer_at_, 0);
}

void Http2Sink::resume() {
  auto* session = stream_.session();
  if (session == nullptr) return;
  if (std::exchange(is_deferred_, false)) session->codec().resume(stream_.id());
  session->flush_soon();
}

Outcome<size_t> Http2Sink::try_write(Bytes bytes) {
  if (failure_) return *failure_;
  if (is_finished_) return {FailureCode::InternalError, "the request is finished"};
  if (bytes.empty()) return size_t{0};
  if (remaining_ && bytes.size() > *remaining_) {
    return refuse(
        fmt::format("the request's body is longer than its content-length by at least {} bytes",
                    bytes.size() - *remaining_));
  }
  const size_t count = std::min(bytes.size(), room());
  if (count == 0) return count;
  if (buffer_.size() + count > kBufferMax) make_room();
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), count);
  if (remaining_) *remaining_ -= count;
  resume();
  return count;
}

template <typename Condition>
io::Task<Outcome<void>> Http2Sink::wait_until(Condition holds) {
  while (!holds()) {
    if (failure_) co_return *failure_;
    const auto sent = last_sent_;
    auto waiting = wait_for(stream_.loop(), changed_, stream_.timeouts().between_bytes);
    const bool in_time = co_await std::move(waiting);
    if (in_time || sent != last_sent_) continue;
    co_return stream_.time_out(FailureCode::ConnectionWriteTimeout,
                               "the server took nothing of the request for too long");
  }
  co_return Outcome<void>();
}

io::Task<Outcome<void>> Http2Sink::writable() {
  if (failure_) co_return *failure_;
  // What there is no room for could not be sent again.
  if (is_suspended_ && room() == 0) co_return stream_.break_with(*stream_.failure());
  auto waiting = wait_until([this] { return room() > 0; });
  co_return co_await std::move(waiting);
}

io::Task<Outcome<void>> Http2Sink::flush() {
  if (failure_) co_return *failure_;
  resume();
  auto waiting = wait_until([this] { return unsent() == 0 || is_suspended_; });
  co_return co_await std::move(waiting);
}

io::Task<Outcome<void>> Http2Sink::finish(HeaderView trailers) {
  if (failure_) co_return *failure_;
  if (is_finished_) co_return Outcome<void>(FailureCode::InternalError, "the request is finished");
  if (remaining_.value_or(0) > 0) {
    co_return refuse(
        fmt::format("the request's body is {} bytes shorter than its content-length", *remaining_));
  }
  for (const auto& trailer : trailers) {
    if (is_sendable_trailer(trailer)) trailers_.add(trailer.name, trailer.value);
  }
  is_finished_ = true;
  resume();
  // Whoever waits for a refused request learns from its answer, or its absence.
  auto waiting = wait_until([this] { return has_sent_last_ || is_suspended_; });
  co_return co_await std::move(waiting);
}

void Http2Sink::abort() {
  if (has_sent_last_ || failure_) return;
  stream_.break_with({FailureCode::InternalError, "the request was given up"});
}

}  // namespace spindle::http
