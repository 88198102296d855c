#pragma once

// Exchange: one request and its response on one connection; the client's unit of work.
//
//   auto exchange = CO_TRY(co_await client.open(request));
//   ... exchange->request(): write the body and finish(), perhaps from another task
//   CO_TRY(co_await exchange->receive_head());
//   ... exchange->response(): status(), headers(), read the body, trailers()
//
// The two directions go on independently. When both are over the connection goes back to the pool,
// if both sides allow it; an exchange that is dropped before closes its connection. A request
// without a body is complete when open() is over; if it is idempotent and its connection had been
// used before and turns out dead before the first byte of a response, it is sent once more on a new
// one.

#include <memory>

#include "http/client/pool.h"
#include "http/client/request_head.h"
#include "http/client/request_writer.h"
#include "http/client/response_reader.h"

namespace spindle::http {

class Exchange {
 public:
  Exchange(io::EventLoop& loop, std::shared_ptr<Pool> pool, const Timeouts& timeouts);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  // Gets a connection and sends a request without a body; keeps the head of others for their first
  // bytes. Once.
  io::Task<Outcome<void>> begin(Origin origin, EncodedHead head);

  bool has_body() const { return has_body_; }
  // For requests with a body.
  RequestWriter& request() { return writer_; }
  // Once; response() may be used afterwards.
  io::Task<Outcome<void>> receive_head();
  ResponseReader& response() { return reader_; }

 private:
  bool may_repeat(const Failure& failure) const;
  io::Task<Outcome<void>> connect(Pool::Freshness freshness);
  void settle();

  const std::shared_ptr<Pool> pool_;
  Timeouts timeouts_;
  Pool::Lease lease_;
  Conduit conduit_;
  RequestWriter writer_;
  ResponseReader reader_;
  Origin origin_;
  EncodedHead head_;
  bool has_body_ = false;
  bool repeated_ = false;
};

}  // namespace spindle::http
