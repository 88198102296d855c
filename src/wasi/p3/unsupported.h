#pragma once

// Interfaces of WASI 0.3 that components may import and nobody implements: each call answers with
// the interface's own error, or is a trap that says so.
//
// Refused: sockets are `access-denied`, looking up a name is `permanent-resolver-failure`, as in
//          WASI 0.2. HTTP is `internal-error`. Everything else is "... is not supported yet".
// The objects have no state, so that all instances share them.

#include <memory>

#include "bindings/wasi/cli_0_3/environment.h"
#include "bindings/wasi/cli_0_3/exit.h"
#include "bindings/wasi/cli_0_3/stderr.h"
#include "bindings/wasi/cli_0_3/stdin.h"
#include "bindings/wasi/cli_0_3/stdout.h"
#include "bindings/wasi/cli_0_3/terminal_stderr.h"
#include "bindings/wasi/cli_0_3/terminal_stdin.h"
#include "bindings/wasi/cli_0_3/terminal_stdout.h"
#include "bindings/wasi/clocks_0_3/monotonic_clock.h"
#include "bindings/wasi/clocks_0_3/system_clock.h"
#include "bindings/wasi/filesystem_0_3/preopens.h"
#include "bindings/wasi/filesystem_0_3/types.h"
#include "bindings/wasi/http_0_3/client.h"
#include "bindings/wasi/http_0_3/types.h"
#include "bindings/wasi/random_0_3/insecure.h"
#include "bindings/wasi/random_0_3/insecure_seed.h"
#include "bindings/wasi/random_0_3/random.h"
#include "bindings/wasi/sockets_0_3/ip_name_lookup.h"
#include "bindings/wasi/sockets_0_3/types.h"

namespace spindle::wasi::p3 {

namespace clocks = bindings::wasi::clocks_0_3;
namespace random = bindings::wasi::random_0_3;
namespace cli = bindings::wasi::cli_0_3;
namespace filesystem = bindings::wasi::filesystem_0_3;
namespace sockets = bindings::wasi::sockets_0_3;
namespace http = bindings::wasi::http_0_3;

struct Unsupported {
  Unsupported();

  std::unique_ptr<clocks::monotonic_clock::Host> monotonic_clock;
  std::unique_ptr<clocks::system_clock::Host> system_clock;
  std::unique_ptr<random::random::Host> random;
  std::unique_ptr<random::insecure::Host> insecure;
  std::unique_ptr<random::insecure_seed::Host> insecure_seed;
  std::unique_ptr<cli::environment::Host> environment;
  std::unique_ptr<cli::exit::Host> exit;
  std::unique_ptr<cli::stdin::Host> standard_input;
  std::unique_ptr<cli::stdout::Host> standard_output;
  std::unique_ptr<cli::stderr::Host> standard_error;
  std::unique_ptr<cli::terminal_stdin::Host> terminal_input;
  std::unique_ptr<cli::terminal_stdout::Host> terminal_output;
  std::unique_ptr<cli::terminal_stderr::Host> terminal_error;
  std::unique_ptr<filesystem::types::Host> filesystem;
  std::unique_ptr<filesystem::preopens::Host> preopens;
  std::unique_ptr<sockets::types::Host> sockets;
  std::unique_ptr<sockets::ip_name_lookup::Host> ip_name_lookup;
  std::unique_ptr<http::types::Host> http_types;
  std::unique_ptr<http::client::Host> http_client;
};

}  // namespace spindle::wasi::p3
