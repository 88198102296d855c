#pragma once

// LocalFlow: one direction of a LocalExchange: bytes, then trailers or a reason why none follow.
// Both sides are on one loop. Waits end when there may be something to do; who waits looks again.

#include <optional>
#include <vector>

#include "http/client/outcome.h"
#include "http/handler.h"
#include "io/event.h"

namespace spindle::http {

class LocalFlow {
 public:
  LocalFlow(io::EventLoop& loop, size_t capacity)
      : capacity_(capacity), written_(loop), taken_away_(loop) {}

  // --- the writing side ---
  // A prefix of what may be; all of it where nobody reads.
  size_t put(Bytes bytes);
  bool is_full() const { return !is_reader_gone_ && waiting_.size() >= capacity_; }
  void finish(HeaderView trailers);
  void cut(Failure reason);
  // Nothing more will be put.
  bool is_over() const { return is_finished_ || cut_; }
  // Until it is not full, or `wake()`.
  io::Task<void> wait_room();

  // --- the reading side ---
  // Bytes that are there, the end or the reason; nothing: wait.
  bool has_news() const { return has_bytes() || is_over(); }
  bool has_bytes() const { return at_ < taken_.size() || !waiting_.empty(); }
  // The end has been reached: no bytes, no reason.
  bool is_read() const { return is_finished_ && !has_bytes(); }
  const std::optional<Failure>& failure() const { return cut_; }
  // At most `max`; valid until the next call.
  Bytes take(size_t max);
  HeaderView trailers() const { return is_read() ? trailers_.view() : HeaderView(); }
  io::Task<void> wait_news();
  void close_reader();

  // Ends the waits of both sides, which look again.
  void wake();

 private:
  const size_t capacity_;
  std::vector<uint8_t> waiting_;
  std::vector<uint8_t> taken_;
  size_t at_ = 0;
  Headers trailers_;
  std::optional<Failure> cut_;
  io::Event written_;
  io::Event taken_away_;
  bool is_finished_ = false;
  bool is_reader_gone_ = false;
};

}  // namespace spindle::http
