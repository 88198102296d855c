#pragma once

// Client: sends HTTP requests to servers, over connections that it keeps for the next ones.
//
// One per event loop and application; everything that it hands out ends before it does. How servers
// are reached, and which of them may be, is the Connector's business. HTTP/1.1 is spoken on every
// connection.

#include "http/client/exchange.h"

namespace spindle::http {

class Client {
 public:
  // `connector` outlives the client.
  Client(io::EventLoop& loop, Connector& connector, const ClientLimits& limits = {})
      : loop_(loop), limits_(limits), pool_(loop, limits_, connector) {}

  // Views of `request` hold until this is over.
  io::Task<Outcome<std::unique_ptr<Exchange>>> open(ClientRequest request);
  void close_idle() { pool_.close_idle(); }
  const Pool::Counters& counters() const { return pool_.counters(); }
  const ClientLimits& limits() const { return limits_; }

 private:
  io::EventLoop& loop_;
  ClientLimits limits_;
  Pool pool_;
};

}  // namespace spindle::http
