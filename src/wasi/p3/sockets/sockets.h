#pragma once

// wasi:sockets@0.3: types, ip-name-lookup.
//
// Refused: making a socket of either kind is `access-denied`; looking up a name is
//          `permanent-resolver-failure`. Without a socket its methods cannot be reached.
// Differs: Spin permits TCP and UDP connections that allowed_outbound_hosts lists.

#include "bindings/wasi/sockets_0_3/ip_name_lookup.h"
#include "bindings/wasi/sockets_0_3/types.h"

namespace spindle::wasi::p3 {

namespace sockets = bindings::wasi::sockets_0_3;

// They have no state, so that all instances share them.
struct RefusingSockets {
  RefusingSockets()
      : types(sockets::types::make_unsupported()),
        ip_name_lookup(sockets::ip_name_lookup::make_unsupported()) {}

  std::unique_ptr<sockets::types::Host> types;
  std::unique_ptr<sockets::ip_name_lookup::Host> ip_name_lookup;
};

}  // namespace spindle::wasi::p3
