#pragma once

// Dialer: the one way out for connections of an event loop: a name is resolved once, each address
// is asked about at the AddressGate, and the addresses that passed are those that are connected to,
// so that a name cannot change its meaning between the check and the connection.
//
// Libraries that connect by themselves are given an endpoint of resolve(), never a name.

#include <memory>
#include <string>
#include <vector>

#include "io/resolver.h"
#include "io/stream.h"

namespace spindle::io {

// Which addresses may be connected to, whatever name led there.
class AddressGate {
 public:
  virtual ~AddressGate() = default;
  virtual bool permits(const Endpoint& endpoint) const = 0;
};

class Dialer {
 public:
  // All of it outlives the dialer.
  Dialer(EventLoop& loop, Resolver& resolver, const AddressGate& gate)
      : loop_(loop), resolver_(resolver), gate_(gate) {}

  // At least one, in the order in which to try them. A Denied error: the name is known and none of
  // its addresses is permitted; else a failure of the resolver.
  Task<Result<std::vector<Endpoint>>> resolve(std::string host, uint16_t port);
  // To the first that answers; the error is that of the last one.
  Task<Result<std::unique_ptr<ByteStream>>> connect(std::vector<Endpoint> endpoints);
  Task<Result<std::unique_ptr<ByteStream>>> connect(std::string host, uint16_t port);

  const AddressGate& gate() const { return gate_; }

 private:
  EventLoop& loop_;
  Resolver& resolver_;
  const AddressGate& gate_;
};

}  // namespace spindle::io
