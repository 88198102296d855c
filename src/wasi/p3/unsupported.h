#pragma once

// Interfaces of WASI 0.3 that components may import and nobody implements: each call answers with
// the interface's own error. That is outgoing HTTP: `internal-error`. The objects have no state, so
// that all instances share them.

#include <memory>

#include "bindings/wasi/http_0_3/client.h"

namespace spindle::wasi::p3 {

namespace http_client = bindings::wasi::http_0_3::client;

struct Unsupported {
  Unsupported();

  std::unique_ptr<http_client::Host> client;
};

}  // namespace spindle::wasi::p3
