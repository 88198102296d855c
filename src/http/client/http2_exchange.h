#pragma once

// Http2Exchange: an exchange on a connection of HTTP/2 that others share.
//
// Its lease ends with its stream, which may be before anybody has read the response; an exchange
// that is dropped before resets the stream. A request is sent again, on this or another connection,
// if the server refused to look at it (REFUSED_STREAM, GOAWAY) and everything that was written of
// it is still there; and, as in HTTP/1.1, if it is idempotent, has no body and its connection had
// been used before and died before anything of the response came.

#include <memory>

#include "http/client/http2_stream.h"
#include "http/client/pool.h"
#include "http/client/request_head.h"

namespace spindle::http {

class Http2Exchange final : public Exchange {
 public:
  Http2Exchange(io::EventLoop& loop, std::shared_ptr<Pool> pool, const ClientRequest& request,
                const RequestFacts& facts);
  Http2Exchange(const Http2Exchange&) = delete;
  Http2Exchange& operator=(const Http2Exchange&) = delete;
  ~Http2Exchange() override;

  // Sends the head on a lease that has a session, or on another one. Once.
  io::Task<Outcome<void>> begin(Pool::Lease lease);

  bool has_body() const override { return has_body_; }
  RequestSink& request() override { return stream_->sink(); }
  io::Task<Outcome<void>> receive_head() override;
  IncomingResponse& response() override { return stream_->response(); }

 private:
  bool may_repeat(const Failure& failure) const;
  bool send();
  io::Task<Outcome<void>> send_again();

  const std::shared_ptr<Pool> pool_;
  const Origin origin_;
  const RequestFacts facts_;
  const Timeouts timeouts_;
  const Headers fields_;
  const bool has_body_;
  const std::shared_ptr<Http2Stream> stream_;
  Pool::Lease lease_;
  bool is_reused_ = false;
  unsigned repeats_ = 0;
};

}  // namespace spindle::http
