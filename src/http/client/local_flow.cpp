#include "http/client/local_flow.h"

#include <algorithm>

namespace spindle::http {

namespace {

void notify(io::Event& event) {
  event.set();
  event.reset();
}

}  // namespace

size_t LocalFlow::put(Bytes bytes) {
  if (is_reader_gone_) return bytes.size();
  bytes = bytes.first(std::min(bytes.size(), capacity_ - std::min(capacity_, waiting_.size())));
  if (bytes.empty()) return 0;
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  notify(written_);
  return bytes.size();
}

void LocalFlow::finish(HeaderView trailers) {
  if (is_over()) return;
  trailers_ = Headers(trailers);
  is_finished_ = true;
  notify(written_);
}

void LocalFlow::cut(Failure reason) {
  if (is_over()) return;
  cut_ = std::move(reason);
  wake();
}

Bytes LocalFlow::take(size_t max) {
  if (at_ == taken_.size()) {
    taken_.clear();
    std::swap(taken_, waiting_);
    at_ = 0;
    if (!taken_.empty()) notify(taken_away_);
  }
  const auto piece = Bytes(taken_).subspan(at_, std::min(max, taken_.size() - at_));
  at_ += piece.size();
  return piece;
}

void LocalFlow::close_reader() {
  is_reader_gone_ = true;
  waiting_ = {};
  notify(taken_away_);
}

void LocalFlow::wake() {
  notify(written_);
  notify(taken_away_);
}

io::Task<void> LocalFlow::wait_room() {
  if (is_full() && !is_over()) co_await taken_away_.wait();
}

io::Task<void> LocalFlow::wait_news() {
  if (!has_news()) co_await written_.wait();
}

}  // namespace spindle::http
