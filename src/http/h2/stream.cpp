#include "http/h2/stream.h"

#include <fmt/format.h>

namespace spindle::http::h2 {

Stream::Stream(StreamHost& host, StreamEvents& events, StreamId id)
    : host_(host),
      events_(events),
      id_(id),
      head_(host.state().limits),
      body_(host, id),
      response_(host, id, *this, body_) {}

void Stream::begin_head() {
  auto& state = host_.state();
  head_due_ = state.due_in(state.limits.head_time);
}

void Stream::field(std::string_view name, std::string_view value) {
  if (phase_ == Phase::Head) {
    head_.field(name, value);
  } else {
    body_.trailer(name, value);
  }
}

void Stream::end_head(bool is_last) {
  head_due_ = 0;
  if (phase_ != Phase::Head) {
    if (is_last) body_.ended();
    return;
  }
  has_no_body_ = is_last;
  if (is_last) body_.ended();
  phase_ = Phase::Ready;
  events_.head_complete(*this);
}

std::expected<void, Rejection> Stream::finish_head() {
  auto finished = head_.finish();
  response_.begin(head_.head().method);
  if (!finished) return finished;
  auto length = has_no_body_ ? std::optional<uint64_t>(0) : head_.content_length();
  body_.begin(length, head_.expects_continue());
  return {};
}

void Stream::end_handler() {
  phase_ = Phase::Done;
  client_gone_action_ = nullptr;
  body_.drop();
}

void Stream::closed(ErrorCode code) {
  closed_ = true;
  auto why = Error::unavailable(fmt::format("the client's stream was reset ({})", to_string(code)));
  lose(why);
  events_.stream_closed(*this);
}

void Stream::lose(const Error& why) {
  head_due_ = 0;
  body_.close(why);
  response_.close();
}

void Stream::tick() {
  const auto now = host_.state().tick;
  auto is_due = [now](uint64_t due) { return due != 0 && now >= due; };
  if (is_due(head_due_)) {
    host_.state().counters.timeouts += 1;
    host_.codec().terminate(ErrorCode::EnhanceYourCalm);
    host_.flush_soon();
    head_due_ = 0;
  }
  if (is_due(body_.read_due())) body_.time_out();
  if (is_due(response_.write_due())) {
    host_.state().counters.timeouts += 1;
    response_.time_out();
  }
}

void Stream::notify_client_gone() {
  if (client_gone_) return;
  client_gone_ = true;
  if (phase_ == Phase::Handler) host_.state().counters.clients_gone += 1;
  if (auto action = std::exchange(client_gone_action_, nullptr)) action();
}

void Stream::on_client_gone(std::move_only_function<void()> action) {
  client_gone_action_ = std::move(action);
}

}  // namespace spindle::http::h2
