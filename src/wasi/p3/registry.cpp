#include "wasi/p3/registry.h"

#include "bindings/wasi/cli_0_3/terminal_input.h"
#include "bindings/wasi/cli_0_3/terminal_output.h"
#include "bindings/wasi/cli_0_3/types.h"
#include "bindings/wasi/clocks_0_3/types.h"

namespace spindle::wasi::p3 {

namespace {

component::HostBinding types_only(const component::HostInterface& interface) {
  return {&interface, nullptr};
}

}  // namespace

State::State(const Shared& shared, const Services&, const GuestEnvironment&)
    : bindings_{types_only(clocks::types::interface()),
                clocks::monotonic_clock::implement(*shared.unsupported.monotonic_clock),
                clocks::system_clock::implement(*shared.unsupported.system_clock),
                random::random::implement(*shared.unsupported.random),
                random::insecure::implement(*shared.unsupported.insecure),
                random::insecure_seed::implement(*shared.unsupported.insecure_seed),
                cli::environment::implement(*shared.unsupported.environment),
                cli::exit::implement(*shared.unsupported.exit),
                types_only(cli::types::interface()),
                cli::stdin::implement(*shared.unsupported.standard_input),
                cli::stdout::implement(*shared.unsupported.standard_output),
                cli::stderr::implement(*shared.unsupported.standard_error),
                types_only(cli::terminal_input::interface()),
                types_only(cli::terminal_output::interface()),
                cli::terminal_stdin::implement(*shared.unsupported.terminal_input),
                cli::terminal_stdout::implement(*shared.unsupported.terminal_output),
                cli::terminal_stderr::implement(*shared.unsupported.terminal_error),
                filesystem::types::implement(*shared.unsupported.filesystem),
                filesystem::preopens::implement(*shared.unsupported.preopens),
                sockets::types::implement(*shared.unsupported.sockets),
                sockets::ip_name_lookup::implement(*shared.unsupported.ip_name_lookup),
                http::types::implement(*shared.unsupported.http_types),
                http::client::implement(*shared.unsupported.http_client)} {}

std::span<const component::HostInterface* const, kInterfaceCount> interfaces() {
  static const std::array<const component::HostInterface*, kInterfaceCount> kInterfaces = {
      &clocks::types::interface(),
      &clocks::monotonic_clock::interface(),
      &clocks::system_clock::interface(),
      &random::random::interface(),
      &random::insecure::interface(),
      &random::insecure_seed::interface(),
      &cli::environment::interface(),
      &cli::exit::interface(),
      &cli::types::interface(),
      &cli::stdin::interface(),
      &cli::stdout::interface(),
      &cli::stderr::interface(),
      &cli::terminal_input::interface(),
      &cli::terminal_output::interface(),
      &cli::terminal_stdin::interface(),
      &cli::terminal_stdout::interface(),
      &cli::terminal_stderr::interface(),
      &filesystem::types::interface(),
      &filesystem::preopens::interface(),
      &sockets::types::interface(),
      &sockets::ip_name_lookup::interface(),
      &http::types::interface(),
      &http::client::interface(),
  };
  return kInterfaces;
}

}  // namespace spindle::wasi::p3
