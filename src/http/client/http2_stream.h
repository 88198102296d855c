#pragma once

// Http2Stream: one request and its response on a connection of HTTP/2: what its two directions
// share, and what the codec tells them.
//
// It can be sent again, on any session, once it is over and nothing of it was looked at: a body of
// which everything is still there is a part of that. Events of the codec are noted; those who wait
// resume from the loop.

#include <functional>

#include "http/client/http2_response.h"
#include "http/client/http2_session.h"
#include "http/client/http2_sink.h"

namespace spindle::http {

class Http2Stream final : public h2::CodecStream {
 public:
  Http2Stream(io::EventLoop& loop, const ClientLimits& limits, const Timeouts& timeouts);

  // Before it is sent; again before it is sent again.
  void begin(Method method, BodyLength length);
  // From the session.
  void sent(Http2Session& session, h2::StreamId id);
  // The connection is over.
  void lose(Failure why);
  void notify_over();

  h2::StreamId id() const { return id_; }
  Http2Sink& sink() { return sink_; }
  Http2Response& response() { return response_; }
  io::EventLoop& loop() { return loop_; }
  const Timeouts& timeouts() const { return timeouts_; }
  // Null before it is sent and when it is over.
  Http2Session* session() { return session_; }

  // Why it ended before its response was complete.
  const std::optional<Failure>& failure() const { return failure_; }
  // The server has not looked at it, or says so, and it can be sent again.
  bool is_refused() const { return is_refused_ && sink_.may_repeat(); }
  // Calls `action` when neither side will send any more.
  void on_over(std::move_only_function<void()> action) { on_over_ = std::move(action); }
  // Gives both directions up, for a reason of ours. The first reason wins.
  const Failure& break_with(Failure failure);
  // The same when the server was silent: the connection may be dead.
  const Failure& time_out(FailureCode code, std::string message);
  // Nobody waits for it any more.
  void abandon();

  void begin_head() override;
  void field(std::string_view name, std::string_view value) override;
  void end_head(bool is_last) override;
  void data(Bytes bytes) override;
  void end_body() override { response_.ended(); }
  h2::BodyStep next_body(size_t max) override { return sink_.next_body(max); }
  void append_body(size_t count, std::string& out) override { sink_.append_body(count, out); }
  HeaderView trailers_to_send() override { return sink_.trailers(); }
  void sent_last() override { sink_.sent_last(); }
  void closed(h2::ErrorCode code) override;

 private:
  Failure reset_failure(h2::ErrorCode code) const;
  void fail(Failure failure);

  io::EventLoop& loop_;
  const Timeouts timeouts_;
  Http2Session* session_ = nullptr;
  h2::StreamId id_ = 0;
  // Session::received() when it was sent.
  uint64_t received_before_ = 0;
  Http2Response response_;
  Http2Sink sink_;
  std::optional<Failure> failure_;
  std::move_only_function<void()> on_over_;
  bool is_refused_ = false;
};

// Waits with a limit; false when that is over.
io::Task<bool> wait_for(io::EventLoop& loop, io::Event& event, io::Clock::duration limit);

}  // namespace spindle::http
