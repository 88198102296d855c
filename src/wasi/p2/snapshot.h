#pragma once

// The snapshot of WASI 0.2 of 2023-11-10: the release's interfaces under the names of then.
//
// Works:   all that did not change until the release, which is nearly everything.
// Refused: what did: the timeouts of request-options (then in milliseconds, under other names),
//          future-trailers.get, ipv6-only of sockets. A component that imports one of these does
//          not start, and is told the name.

#include <span>

#include "component/host/host_interface.h"

namespace spindle::wasi::p2 {

// Those of interfaces(), then wasi:http/types and wasi:http/outgoing-handler.
std::span<const component::HostInterface* const> snapshot_interfaces();
// The interface of the release that one of the snapshot is; any other is itself.
const component::HostInterface& release_of(const component::HostInterface& interface);

}  // namespace spindle::wasi::p2
