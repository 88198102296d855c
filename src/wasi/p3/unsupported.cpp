#include "wasi/p3/unsupported.h"

namespace spindle::wasi::p3 {

Unsupported::Unsupported()
    : monotonic_clock(clocks::monotonic_clock::make_unsupported()),
      system_clock(clocks::system_clock::make_unsupported()),
      random(random::random::make_unsupported()),
      insecure(random::insecure::make_unsupported()),
      insecure_seed(random::insecure_seed::make_unsupported()),
      environment(cli::environment::make_unsupported()),
      exit(cli::exit::make_unsupported()),
      standard_input(cli::stdin::make_unsupported()),
      standard_output(cli::stdout::make_unsupported()),
      standard_error(cli::stderr::make_unsupported()),
      terminal_input(cli::terminal_stdin::make_unsupported()),
      terminal_output(cli::terminal_stdout::make_unsupported()),
      terminal_error(cli::terminal_stderr::make_unsupported()),
      filesystem(filesystem::types::make_unsupported()),
      preopens(filesystem::preopens::make_unsupported()),
      sockets(sockets::types::make_unsupported()),
      ip_name_lookup(sockets::ip_name_lookup::make_unsupported()),
      http_types(http::types::make_unsupported()),
      http_client(http::client::make_unsupported()) {}

}  // namespace spindle::wasi::p3
