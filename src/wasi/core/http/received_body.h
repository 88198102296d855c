#pragma once

// ReceivedBody: the body of a received message, in steps, for readers that may outlive the message.
//
// Reads go to the http::BodyReader; waits are tasks of the message's owner, who detaches the body and
// then drains them before the reader goes. What is read afterwards is a body that broke off. One
// reader of bytes; when it goes before the end, the rest is dropped to get at the trailers.

#include <memory>
#include <optional>

#include "http/handler.h"
#include "io/event_loop.h"

namespace spindle::wasi {

class ReceivedBody : public std::enable_shared_from_this<ReceivedBody> {
 public:
  // `tasks` is drained before `reader` dies.
  ReceivedBody(io::EventLoop& loop, http::BodyReader& reader, io::TaskGroup& tasks)
      : reader_(&reader), tasks_(tasks), changed_(loop), over_(loop) {}

  // Bytes that are there now; none and not ended: wait for ready(). A body that broke off ends.
  io::ReadStep read(std::span<uint8_t> out);
  // Until a step has something to do.
  static io::Task<void> ready(std::shared_ptr<ReceivedBody> self);
  // Nobody reads the bytes any more; they are not asked for until somebody waits for the end.
  void drop_bytes();

  bool is_over() const { return is_ended_; }
  static io::Task<void> wait_over(std::shared_ptr<ReceivedBody> self);
  // After the end.
  const std::optional<Error>& failure() const { return failure_; }
  http::HeaderView trailers() const {
    return reader_ && !failure_ ? reader_->trailers() : http::HeaderView();
  }
  void detach();

 private:
  void end(std::optional<Error> failure);
  static io::Task<void> watch(std::shared_ptr<ReceivedBody> self);
  static io::Task<void> discard(std::shared_ptr<ReceivedBody> self);

  http::BodyReader* reader_;
  io::TaskGroup& tasks_;
  io::Event changed_;
  io::Event over_;
  std::optional<Error> failure_;
  bool is_ended_ = false;
  bool is_dropped_ = false;
  bool is_watching_ = false;
  bool is_discarding_ = false;
};

}  // namespace spindle::wasi
