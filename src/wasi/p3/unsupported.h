#pragma once

// Interfaces of WASI 0.3 that components may import and nobody implements: each call answers with
// the interface's own error, or is a trap that says so.
//
// Refused: HTTP is `internal-error`.
// The objects have no state, so that all instances share them.

#include <memory>

#include "bindings/wasi/http_0_3/client.h"
#include "bindings/wasi/http_0_3/types.h"

namespace spindle::wasi::p3 {

namespace http = bindings::wasi::http_0_3;

struct Unsupported {
  Unsupported();

  std::unique_ptr<http::client::Host> http_client;
};

}  // namespace spindle::wasi::p3
