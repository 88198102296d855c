#pragma once

// Http1Exchange: an exchange on a connection of HTTP/1.1.
//
// When both directions are over the connection goes back to the pool, if both sides allow it; an
// exchange that is dropped before closes its connection. A request without a body is complete when
// begin() is over; if it is idempotent and its connection had been used before and turns out dead
// before the first byte of a response, it is sent once more on a new one.

#include <memory>

#include "http/client/exchange.h"
#include "http/client/pool.h"
#include "http/client/request_head.h"
#include "http/client/request_writer.h"
#include "http/client/response_reader.h"

namespace spindle::http {

class Http1Exchange final : public Exchange {
 public:
  Http1Exchange(io::EventLoop& loop, std::shared_ptr<Pool> pool, const Timeouts& timeouts);
  Http1Exchange(const Http1Exchange&) = delete;
  Http1Exchange& operator=(const Http1Exchange&) = delete;
  ~Http1Exchange() override;

  // Sends a request without a body on a lease that has no session; keeps the head of others for
  // their first bytes. Once.
  io::Task<Outcome<void>> begin(Pool::Lease lease, const ClientRequest& request,
                                const RequestFacts& facts);

  bool has_body() const override { return has_body_; }
  RequestSink& request() override { return writer_; }
  io::Task<Outcome<void>> receive_head() override;
  IncomingResponse& response() override { return reader_; }

 private:
  bool may_repeat(const Failure& failure) const;
  void use(Pool::Lease lease);
  void settle();

  const std::shared_ptr<Pool> pool_;
  Timeouts timeouts_;
  Pool::Lease lease_;
  Conduit conduit_;
  RequestWriter writer_;
  ResponseReader reader_;
  Origin origin_;
  RequestFacts facts_;
  // Of a request without a body.
  std::string head_;
  bool has_body_ = false;
  bool repeated_ = false;
};

}  // namespace spindle::http
