#pragma once

// Stream: one request of an HTTP/2 connection, and its response.
//
// The connection keeps it until the codec has closed it and its handler, if one was called, is
// over; a handler's task shares it. What the codec tells it is noted here and becomes visible to
// the handler from the loop.

#include <memory>

#include "http/h2/request_head.h"
#include "http/h2/stream_body.h"
#include "http/h2/stream_response.h"

namespace spindle::http::h2 {

class Stream;

// What the connection is told about its streams, from inside the codec.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  virtual void head_complete(Stream& stream) = 0;
  virtual void stream_closed(Stream& stream) = 0;
};

class Stream final : public CodecStream, public Request {
 public:
  enum class Phase : uint8_t { Head, Ready, Handler, Done };

  Stream(StreamHost& host, StreamEvents& events, StreamId id);

  StreamId id() const { return id_; }
  Phase phase() const { return phase_; }
  StreamResponse& response() { return response_; }
  bool is_closed() const { return closed_; }

  // A reason to refuse, or a request for a handler.
  std::expected<void, Rejection> finish_head();
  void begin_handler() { phase_ = Phase::Handler; }
  // The handler is over, or there was none: what is left of the request is dropped.
  void end_handler();
  // The connection is over.
  void lose(const Error& why);
  void tick();

  const RequestHead& head() const override { return head_.head(); }
  BodyReader& body() override { return body_; }
  const io::Endpoint& peer() const override { return host_.wire().peer(); }
  const io::Endpoint& local() const override { return host_.wire().local(); }
  Scheme scheme() const override { return host_.state().options.scheme; }
  void on_client_gone(std::move_only_function<void()> action) override;
  bool is_client_gone() const override { return client_gone_; }
  void notify_client_gone();

  void begin_head() override;
  void field(std::string_view name, std::string_view value) override;
  void end_head(bool is_last) override;
  void data(Bytes bytes) override { body_.arrived(bytes); }
  void end_body() override { body_.ended(); }
  BodyStep next_body(size_t max) override { return response_.next_body(max); }
  void append_body(size_t count, std::string& out) override { response_.append_body(count, out); }
  HeaderView trailers_to_send() override { return response_.trailers(); }
  void sent_last() override { response_.sent_last(); }
  void closed(ErrorCode code) override;

 private:
  StreamHost& host_;
  StreamEvents& events_;
  const StreamId id_;
  HeadReader head_;
  StreamBody body_;
  StreamResponse response_;
  Phase phase_ = Phase::Head;
  // While a head or trailers arrive.
  uint64_t head_due_ = 0;
  bool has_no_body_ = false;
  bool closed_ = false;
  bool client_gone_ = false;
  std::move_only_function<void()> client_gone_action_;
};

}  // namespace spindle::http::h2
