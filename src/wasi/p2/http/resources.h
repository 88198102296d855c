#pragma once

// The resources of wasi:http/types@0.2: what a guest's handles of requests, responses and bodies
// refer to. They hold state; the rules are in types.h.
//
// An incoming request views the message of the server (core/http/received.h). A body that a guest
// writes goes through a BodyPipe, whose other side is a ResponseOutlet.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/handler.h"
#include "wasi/core/http/body_pipe.h"
#include "wasi/core/http/fields.h"
#include "wasi/core/http/incoming_body.h"
#include "wasi/core/http/outbound_call.h"
#include "wasi/core/http/received.h"
#include "wasi/core/http/response_outlet.h"
#include "wasi/core/resource.h"

namespace spindle::wasi::p2 {

class IncomingBody final : public HostResource, public Parent {
 public:
  IncomingBody(io::EventLoop& loop, std::shared_ptr<IncomingBodySource> source)
      : loop_(loop), source_(std::move(source)) {}

  // Once; nothing afterwards.
  std::unique_ptr<InputStream> take_stream();
  std::shared_ptr<IncomingBodySource> source() const { return source_; }
  io::EventLoop& loop() const { return loop_; }
  Result<void> before_guest_drop() override { return check_no_children(); }

 private:
  io::EventLoop& loop_;
  std::shared_ptr<IncomingBodySource> source_;
  bool stream_taken_ = false;
};

class FutureTrailers final : public HostResource {
 public:
  FutureTrailers(io::EventLoop& loop, std::shared_ptr<IncomingBodySource> body)
      : source_(loop, std::move(body)) {}

  TrailersSource& source() { return source_; }
  // True the first time.
  bool take() { return !std::exchange(taken_, true); }

 private:
  TrailersSource source_;
  bool taken_ = false;
};

class IncomingRequest final : public HostResource {
 public:
  IncomingRequest(std::shared_ptr<ReceivedRequest> received, std::unique_ptr<IncomingBody> body)
      : received_(std::move(received)), body_(std::move(body)) {}

  const ReceivedRequest& head() const { return *received_; }
  std::shared_ptr<const SharedHeaders> headers() const {
    return ReceivedRequest::share_headers(received_);
  }
  std::unique_ptr<IncomingBody> take_body() { return std::move(body_); }

 private:
  std::shared_ptr<ReceivedRequest> received_;
  std::unique_ptr<IncomingBody> body_;
};

class OutgoingBody final : public HostResource, public Parent {
 public:
  enum class Of : uint8_t { Request, Response };
  OutgoingBody(io::EventLoop& loop, std::shared_ptr<BodyPipe> pipe, Of of)
      : of(of), loop_(loop), pipe_(std::move(pipe)) {}
  // A body that is dropped is not finished.
  ~OutgoingBody() override { pipe_->abort(); }

  // Once; nothing afterwards.
  std::unique_ptr<OutputStream> take_stream();
  BodyPipe& pipe() { return *pipe_; }
  Result<void> before_guest_drop() override { return check_no_children(); }

  const Of of;

 private:
  io::EventLoop& loop_;
  std::shared_ptr<BodyPipe> pipe_;
  bool stream_taken_ = false;
};

class OutgoingResponse final : public HostResource {
 public:
  explicit OutgoingResponse(std::unique_ptr<Fields> headers) : headers_(std::move(headers)) {}

  uint16_t status = 200;
  const Fields& headers() const { return *headers_; }
  http::Headers take_headers() { return http::Headers(headers_->view()); }
  // The pipe exists once the guest asked for the body.
  std::shared_ptr<BodyPipe> pipe;

 private:
  std::unique_ptr<Fields> headers_;
};

class ResponseOutparam final : public HostResource {
 public:
  explicit ResponseOutparam(ResponseOutlet& outlet) : outlet_(outlet.link()) {}
  // Null once the request is over.
  ResponseOutlet* outlet() { return *outlet_; }

 private:
  std::shared_ptr<ResponseOutlet*> outlet_;
};

class OutgoingRequest final : public HostResource {
 public:
  explicit OutgoingRequest(std::unique_ptr<Fields> headers) : headers_(std::move(headers)) {}

  std::string method = "GET";
  std::optional<std::string> path_with_query;
  std::optional<std::string> scheme;  // lower case
  std::optional<std::string> authority;
  const Fields& headers() const { return *headers_; }
  std::shared_ptr<BodyPipe> pipe;

 private:
  std::unique_ptr<Fields> headers_;
};

class RequestOptions final : public HostResource {
 public:
  // Nanoseconds.
  std::optional<uint64_t> connect_timeout;
  std::optional<uint64_t> first_byte_timeout;
  std::optional<uint64_t> between_bytes_timeout;
};

// What became of a request that left.
class FutureIncomingResponse final : public HostResource, public ReadySource {
 public:
  FutureIncomingResponse(io::EventLoop& loop, std::shared_ptr<OutboundCall> call);
  ~FutureIncomingResponse() override;
  Result<void> before_guest_drop() override { return check_no_children(); }

  bool is_ready() override { return call_->is_done(); }
  // Nothing the second time.
  std::shared_ptr<OutboundCall> take() { return std::exchange(taken_, true) ? nullptr : call_; }

 private:
  std::shared_ptr<OutboundCall> call_;
  bool taken_ = false;
};

class IncomingResponse final : public HostResource {
 public:
  IncomingResponse(io::EventLoop& loop, std::shared_ptr<OutboundCall> call);

  uint16_t status() const { return call_->response().status(); }
  http::HeaderView headers() const { return call_->response().headers(); }
  std::unique_ptr<IncomingBody> take_body() { return std::move(body_); }

 private:
  std::shared_ptr<OutboundCall> call_;
  std::unique_ptr<IncomingBody> body_;
};

}  // namespace spindle::wasi::p2
