#pragma once

// Client: sends HTTP requests to servers, over connections that it keeps for the next ones.
//
// One per event loop and application. What it hands out may outlive it; the loop may not. How
// servers are reached, and which of them may be, is the Connector's business. A server that may
// choose (ALPN) chooses HTTP/1.1, whose connections carry one request at a time, or HTTP/2.

#include "http/client/exchange.h"
#include "http/client/pool.h"
#include "http/client/request_head.h"

namespace spindle::http {

class Client {
 public:
  // `connector` outlives the client.
  Client(io::EventLoop& loop, Connector& connector, const ClientLimits& limits = {})
      : loop_(loop), pool_(std::make_shared<Pool>(loop, limits, connector)) {}
  ~Client() { pool_->close_idle(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Views of `request` hold until this is over.
  io::Task<Outcome<std::unique_ptr<Exchange>>> open(ClientRequest request);
  void close_idle() { pool_->close_idle(); }
  // Until all exchanges are over; their connections are not kept.
  io::Task<void> drained() { return pool_->drained(); }
  const Pool::Counters& counters() const { return pool_->counters(); }
  io::EventLoop& loop() const { return loop_; }

 private:
  io::EventLoop& loop_;
  std::shared_ptr<Pool> pool_;
};

}  // namespace spindle::http
