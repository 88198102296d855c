#include "http/client/http2_response.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/client/http2_stream.h"

namespace spindle::http {

Http2Response::Http2Response(Http2Stream& stream, const ClientLimits& limits)
    : stream_(stream), limits_(limits), changed_(stream.loop()) {}

void Http2Response::begin(Method method) {
  VERIFY(!has_begun_);
  method_ = method;
  failure_.reset();
}

// --- the head ---

void Http2Response::begin_head() {
  has_begun_ = true;
  field_bytes_ = 0;
  if (!has_head_) headers_.clear();
}

void Http2Response::refuse(FailureCode code, std::string message) {
  stream_.break_with({code, std::move(message)});
}

void Http2Response::field(std::string_view name, std::string_view value) {
  if (failure_) return;
  if (name == ":status") {
    status_ = static_cast<uint16_t>(parse_decimal(value).value_or(0));
    return;
  }
  auto& fields = has_head_ ? trailers_ : headers_;
  field_bytes_ += name.size() + value.size();
  const size_t limit = has_head_ ? limits_.trailer_bytes : limits_.head_bytes;
  if (field_bytes_ > limit || fields.size() >= limits_.header_count) {
    return refuse(has_head_ ? FailureCode::ResponseTrailerSectionSize
                            : FailureCode::ResponseHeaderSectionSize,
                  "refused a response: too many or too long fields");
  }
  fields.add(name, value);
}

void Http2Response::end_head(bool is_last) {
  if (failure_) return;
  if (has_head_) {
    if (is_last) ended();
    return;
  }
  if (status_ < 100 || status_ > 999) {
    return refuse(FailureCode::ProtocolError, "refused a response: a status below 100");
  }
  if (status_ >= 200) return take_head(is_last);
  interims_ += 1;
  if (interims_ > limits_.interim_responses) {
    refuse(FailureCode::ProtocolError, "too many interim responses");
  }
}

void Http2Response::take_head(bool is_last) {
  has_head_ = true;
  // The codec compares it with what arrives.
  if (auto announced = headers_.find("content-length")) length_ = parse_decimal(*announced);
  const bool is_bodyless = method_ == Method::Head || status_ == 204 || status_ == 304;
  if (is_last || is_bodyless) length_ = 0;
  if (is_last) has_ended_ = true;
  changed_.set();
}

io::Task<Outcome<void>> Http2Response::read_head() {
  const auto limit = stream_.timeouts().first_byte;
  while (!has_head_ && !failure_) {
    // A request that still leaves keeps the clock from running.
    const auto left = stream_.sink().last_sent() + limit - io::Clock::now();
    if (left <= io::Clock::duration::zero()) {
      co_return stream_.time_out(FailureCode::ConnectionReadTimeout,
                                 "the server sent no response for too long");
    }
    auto waiting = wait_for(stream_.loop(), changed_, left);
    (void)co_await std::move(waiting);
  }
  if (!has_head_) co_return *failure_;
  co_return Outcome<void>();
}

// --- the body ---

void Http2Response::arrived(Bytes bytes) {
  if (failure_) return consume(bytes.size());
  arrived_.insert(arrived_.end(), bytes.begin(), bytes.end());
  changed_.set();
}

void Http2Response::ended() {
  if (failure_) return;
  has_ended_ = true;
  changed_.set();
}

void Http2Response::fail(const Failure& failure) {
  if (failure_ || has_ended_) return;
  failure_ = failure;
  changed_.set();
}

void Http2Response::consume(size_t count) {
  auto* session = stream_.session();
  if (session == nullptr || count == 0) return;
  session->codec().consume(stream_.id(), count);
  session->flush_soon();
}

void Http2Response::release() {
  consume(held_.size() - held_at_ + arrived_.size());
}

Result<Bytes> Http2Response::take(size_t max) {
  if (held_at_ == held_.size()) {
    held_.clear();
    held_at_ = 0;
    std::swap(held_, arrived_);
  }
  auto taken = Bytes(held_).subspan(held_at_);
  if (taken.empty() && failure_) return failure_->to_error();
  taken = taken.first(std::min(max, taken.size()));
  held_at_ += taken.size();
  consume(taken.size());
  return taken;
}

io::Eventual<Bytes> Http2Response::read(size_t max) {
  if (is_ready()) return take(max);
  return wait_and_read(max);
}

io::Eventual<void> Http2Response::wait_readable() {
  if (is_ready()) return Result<void>();
  return wait_for_bytes();
}

io::Task<Result<Bytes>> Http2Response::wait_and_read(size_t max) {
  auto waiting = wait_for_bytes();
  CO_TRY(co_await std::move(waiting));
  co_return take(max);
}

io::Task<Result<void>> Http2Response::wait_for_bytes() {
  while (!is_ready()) {
    auto waiting = wait_for(stream_.loop(), changed_, stream_.timeouts().between_bytes);
    const bool in_time = co_await std::move(waiting);
    if (in_time || is_ready()) continue;
    stream_.time_out(FailureCode::ConnectionReadTimeout,
                     "the server sent nothing of the response's body for too long");
  }
  co_return Result<void>();
}

HeaderView Http2Response::trailers() const {
  if (!has_ended_ || held_at_ < held_.size() || !arrived_.empty()) return {};
  return trailers_.view();
}

}  // namespace spindle::http
