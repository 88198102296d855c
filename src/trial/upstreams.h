#pragma once

// Upstreams: every server that the components of a trial can reach: none is real. A request gets
// the answer of the first call of the transcript that fits and is not used up; one that nothing
// fits is a problem of the trial, and its connection breaks.
//
// Connections are pipes in memory, also those of https; each carries one request, so that the
// failures that a transcript asks for come in its order.

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/client/client.h"
#include "http/server.h"
#include "io/event_loop.h"
#include "trial/transcript.h"

namespace spindle::trial {

class Upstreams final : public http::Connector {
 public:
  explicit Upstreams(io::EventLoop& loop);
  ~Upstreams() override;
  Upstreams(const Upstreams&) = delete;
  Upstreams& operator=(const Upstreams&) = delete;

  http::Client& client() { return client_; }
  // Those of the whole trial, and those of one step, which come first.
  void set_lasting(const std::vector<OutboundCall>& calls);
  void begin_step(const std::vector<OutboundCall>& calls);
  // What has been asked too little of the step's calls, and what was asked that nobody expected.
  std::vector<std::string> end_step();
  // Where requests to the application itself go.
  void set_self(http::Origin origin, http::Handler& handler);
  // All requests are over.
  io::Task<void> close();

  io::Task<http::Outcome<http::Connected>> connect(const http::Origin& origin) override;

 private:
  class Server;
  struct Expected {
    OutboundCall call;
    uint64_t seen = 0;
    bool is_open() const { return !call.times || seen < *call.times; }
  };
  struct Seen {
    std::string method;
    std::string url;
    http::HeaderView headers;
    std::string body;
  };

  static http::ClientLimits limits();
  Server& server(const http::Origin& origin);
  // Null where nothing fits.
  const Answer* find(const Seen& seen);
  Expected* find_failure(const http::Origin& origin);
  void complain(const Seen& seen);

  io::EventLoop& loop_;
  http::Client client_;
  std::map<http::Origin, std::unique_ptr<Server>> servers_;
  std::map<http::Origin, http::Handler*> own_;
  std::list<Expected> of_step_;
  std::list<Expected> lasting_;
  std::vector<std::string> problems_;
};

}  // namespace spindle::trial
