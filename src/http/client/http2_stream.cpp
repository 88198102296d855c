#include "http/client/http2_stream.h"

#include <fmt/format.h>

namespace spindle::http {

io::Task<bool> wait_for(io::EventLoop& loop, io::Event& event, io::Clock::duration limit) {
  bool is_over = false;
  event.reset();
  auto armed = loop.deadlines().arm(limit, [&event, &is_over] {
    is_over = true;
    event.set();
  });
  co_await event.wait();
  co_return !is_over;
}

Http2Stream::Http2Stream(io::EventLoop& loop, const ClientLimits& limits, const Timeouts& timeouts)
    : loop_(loop), timeouts_(timeouts), response_(*this, limits), sink_(*this) {}

void Http2Stream::begin(Method method, BodyLength length) {
  failure_.reset();
  is_refused_ = false;
  response_.begin(method);
  sink_.begin(length);
}

void Http2Stream::sent(Http2Session& session, h2::StreamId id) {
  session_ = &session;
  id_ = id;
  received_before_ = session.received();
}

void Http2Stream::begin_head() {
  response_.begin_head();
}

void Http2Stream::field(std::string_view name, std::string_view value) {
  response_.field(name, value);
}

void Http2Stream::end_head(bool is_last) {
  session_->note_use();
  response_.end_head(is_last);
}

void Http2Stream::data(Bytes bytes) {
  session_->note_use();
  response_.arrived(bytes);
}

Failure Http2Stream::reset_failure(h2::ErrorCode code) const {
  const auto text = fmt::format("the request was reset ({})", h2::to_string(code));
  switch (code) {
    case h2::ErrorCode::Protocol:
    case h2::ErrorCode::FlowControl:
    case h2::ErrorCode::Http11Required: return {FailureCode::ProtocolError, text};
    default: break;
  }
  return {
      response_.has_head() ? FailureCode::ResponseIncomplete : FailureCode::ConnectionTerminated,
      text};
}

void Http2Stream::closed(h2::ErrorCode code) {
  is_refused_ = code == h2::ErrorCode::RefusedStream && !response_.has_begun() && !failure_;
  if (response_.has_ended()) {
    // Complete, or the server does not want the rest of the request.
    sink_.stop({FailureCode::ConnectionTerminated, "the server takes no more of the request"});
  } else if (is_refused_ && sink_.may_repeat()) {
    failure_ = reset_failure(code);
    response_.fail(*failure_);
    sink_.suspend();
  } else {
    fail(reset_failure(code));
  }
  response_.release();
  auto& session = *std::exchange(session_, nullptr);
  session.stream_closed(id_);
}

void Http2Stream::lose(Failure why) {
  session_ = nullptr;
  const bool is_cut = why.code == FailureCode::ResponseIncomplete;
  if (is_cut && !response_.has_head()) why.code = FailureCode::ConnectionTerminated;
  if (response_.has_ended()) {
    sink_.stop(std::move(why));
  } else {
    fail(std::move(why));
  }
}

void Http2Stream::fail(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
  response_.fail(*failure_);
  sink_.fail(*failure_);
}

const Failure& Http2Stream::break_with(Failure failure) {
  fail(std::move(failure));
  if (session_ != nullptr) session_->abandon(*this);
  return *failure_;
}

const Failure& Http2Stream::time_out(FailureCode code, std::string message) {
  if (session_ != nullptr && session_->received() == received_before_) session_->retire();
  return break_with({code, std::move(message)});
}

void Http2Stream::abandon() {
  on_over_ = nullptr;
  if (session_ == nullptr) return;
  break_with({FailureCode::InternalError, "the request was given up"});
}

void Http2Stream::notify_over() {
  if (auto action = std::exchange(on_over_, nullptr)) action();
}

}  // namespace spindle::http
