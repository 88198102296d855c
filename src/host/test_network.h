#pragma once

// What a capability needs of a loop, with a network that permits every address.

#include "host/outbound/access.h"
#include "host/services.h"
#include "io/resolver.h"
#include "wasi/core/clocks.h"
#include "wasi/core/random.h"

namespace spindle::host::testing {

struct TestNetwork {
  struct OpenGate final : io::AddressGate {
    bool permits(const io::Endpoint& endpoint) const override { return endpoint.port != closed; }
    uint16_t closed = 1;
  };

  // `hosts` as in allowed_outbound_hosts, `config` for its limits.
  explicit TestNetwork(std::vector<std::string> hosts, const app::OutboundConfig& config = {}) {
    app::LockedComponent component;
    component.id = "cart";
    component.allowed_outbound_hosts = std::move(hosts);
    access = OutboundAccess::create(component, variables,
                                    {.limits = std::make_shared<ConnectionLimits>(config)})
                 .value();
  }

  io::EventLoop loop;
  io::BlockingPool pool{4};
  io::Resolver resolver{loop, pool};
  OpenGate gate;
  io::Dialer dialer{loop, resolver, gate};
  wasi::SystemClocks clocks{loop};
  wasi::SystemRandom random;
  Services services{{loop, clocks, random}, &dialer, &pool};
  app::Resolver variables = app::Resolver::create({}, {}).value();
  OutboundAccess access;
  OutboundPermission permission{access};
};

}  // namespace spindle::host::testing
