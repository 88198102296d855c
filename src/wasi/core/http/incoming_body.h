#pragma once

// The body of a received message: a stream of bytes, then trailers.
//
// IncomingBodySource stands between a guest's resources and the http::BodyReader, which belongs to
// the request (or the client's response). Who made it detaches it before the reader goes; what a
// guest still holds then reads as a body that broke off. It starts at most one
// background wait, and only when somebody is about to sleep until bytes arrive; what is there
// already is read without one.

#include <memory>
#include <optional>

#include "http/handler.h"
#include "io/event_loop.h"
#include "wasi/core/streams.h"

namespace spindle::wasi {

// Carries the failure of a body to http-error-code.
class HttpIoError final : public IoError {
 public:
  explicit HttpIoError(Error cause) : IoError(cause.to_string()), cause_(std::move(cause)) {}
  const Error& cause() const { return cause_; }

 private:
  Error cause_;
};

class IncomingBodySource : public std::enable_shared_from_this<IncomingBodySource> {
 public:
  // `tasks` is drained before `reader` dies.
  IncomingBodySource(http::BodyReader& reader, io::TaskGroup& tasks)
      : reader_(&reader), tasks_(tasks) {}

  // The reader and the tasks are not used any more, but by tasks that have begun.
  void detach();

  enum class Progress : uint8_t { Pending, Bytes, Ended, Failed };

  // Whether read() has something to say.
  bool is_ready();
  // Up to `length` bytes, or why there are none. The failure is handed out once.
  Progress read(uint64_t length, Bytes& into);
  io::Task<Progress> wait_and_read(uint64_t length, Bytes& into);
  std::optional<Error> take_failure() { return std::exchange(failure_, std::nullopt); }
  http::HeaderView trailers() const { return reader_ ? reader_->trailers() : http::HeaderView(); }

  // Calls listener->notify through `wake` once something has arrived. One listener at a time.
  void set_listener(std::move_only_function<void()> wake) { wake_ = std::move(wake); }
  void start_waiting();

 private:
  Progress accept(Result<http::Bytes> piece, uint64_t length, Bytes& into);
  io::Task<void> wait_in_background(std::shared_ptr<IncomingBodySource> self);

  http::BodyReader* reader_;
  io::TaskGroup& tasks_;
  std::move_only_function<void()> wake_;
  std::optional<Error> failure_;
  bool waiting_ = false;
  bool ended_ = false;
};

class IncomingBodyStream : public InputStream {
 public:
  IncomingBodyStream(io::EventLoop& loop, std::shared_ptr<IncomingBodySource> source);
  ~IncomingBodyStream() override;

  bool is_ready() override { return source_->is_ready(); }
  void prepare_wait() override { source_->start_waiting(); }
  Result<Streamed<Bytes>> read(uint64_t length) override;
  io::Eventual<Streamed<Bytes>> blocking_read(uint64_t length) override;

 private:
  Streamed<Bytes> answer(IncomingBodySource::Progress progress, Bytes bytes);
  io::Task<Result<Streamed<Bytes>>> read_later(uint64_t length);

  std::shared_ptr<IncomingBodySource> source_;
};

// Reads what is left of a body and keeps its trailers.
class TrailersSource final : public ReadySource {
 public:
  TrailersSource(io::EventLoop& loop, std::shared_ptr<IncomingBodySource> source);
  ~TrailersSource() override;

  bool is_ready() override;
  void prepare_wait() override { source_->start_waiting(); }
  // Once ready: the trailers (none is an empty list) or why the body failed.
  Result<http::HeaderView> trailers() const;

 private:
  std::shared_ptr<IncomingBodySource> source_;
  std::optional<Error> failure_;
  bool done_ = false;
};

}  // namespace spindle::wasi
