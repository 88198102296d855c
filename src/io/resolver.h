#pragma once

// Resolver: names become addresses without holding up the loop.
//
// getaddrinfo(3) blocks, for many seconds where a name server does not answer, so it runs on
// threads of a pool; those who ask for a name that is being looked up already share the answer. A
// waiter may be canceled at any time: the lookup then ends alone. Nothing is remembered: how long
// an answer holds is the system resolver's business. IP literals never leave the loop.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/blocking_pool.h"
#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::io {

class Resolver {
 public:
  // Addresses of one name that are kept.
  static constexpr size_t kAddressesMax = 16;
  static constexpr size_t kNameBytesMax = 253;
  // Names that are looked up at a time; one more is an Unavailable error.
  static constexpr size_t kLookupsMax = 256;

  // `pool` outlives the resolver.
  Resolver(EventLoop& loop, BlockingPool& pool);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // At least one, in the order in which to try them.
  Task<Result<std::vector<Endpoint>>> resolve(std::string host, uint16_t port);

 private:
  using Addresses = Result<std::vector<Endpoint>>;
  struct Lookup {
    explicit Lookup(EventLoop& loop) : done(loop) {}
    Event done;
    std::optional<Addresses> result;
  };
  // What a thread of the pool knows of this resolver, which may be gone when the answer comes.
  struct Home {
    std::mutex mutex;
    Resolver* resolver;
  };

  static Addresses look_up(const std::string& host);
  void start(const std::string& host);
  void finish(const std::string& host, Addresses result);

  EventLoop& loop_;
  BlockingPool& pool_;
  std::map<std::string, std::shared_ptr<Lookup>, std::less<>> lookups_;
  std::shared_ptr<Home> home_;
};

}  // namespace spindle::io
