#include "wasi/p2/registry.h"

#include "bindings/wasi/cli_0_2/terminal_input.h"
#include "bindings/wasi/cli_0_2/terminal_output.h"
#include "bindings/wasi/sockets_0_2/network.h"

namespace spindle::wasi::p2 {

namespace {

namespace random = bindings::wasi::random_0_2;

component::HostBinding types_only(const component::HostInterface& interface) {
  return {&interface, nullptr};
}

}  // namespace

State::State(const Services& services, const GuestEnvironment& guest, InstanceState& instance)
    : poll_(services.loop),
      wall_clock_(services),
      monotonic_clock_(services),
      random_(services.random),
      insecure_(services.random),
      insecure_seed_(services.random),
      environment_(guest),
      exit_(instance),
      stdin_(services.loop, guest),
      stdout_(services.loop, guest),
      stderr_(services.loop, guest),
      filesystem_(services.loop),
      preopens_(guest, instance.descriptors),
      sockets_(services.loop, instance),
      bindings_{error::implement(error_),
                poll::implement(poll_),
                streams::implement(streams_),
                wall_clock::implement(wall_clock_),
                monotonic_clock::implement(monotonic_clock_),
                random::random::implement(random_),
                random::insecure::implement(insecure_),
                random::insecure_seed::implement(insecure_seed_),
                cli::environment::implement(environment_),
                cli::exit::implement(exit_),
                cli::stdin::implement(stdin_),
                cli::stdout::implement(stdout_),
                cli::stderr::implement(stderr_),
                types_only(cli::terminal_input::interface()),
                types_only(cli::terminal_output::interface()),
                cli::terminal_stdin::implement(terminal_stdin_),
                cli::terminal_stdout::implement(terminal_stdout_),
                cli::terminal_stderr::implement(terminal_stderr_),
                filesystem::implement(filesystem_),
                preopens::implement(preopens_),
                types_only(sockets::network::interface()),
                sockets::instance_network::implement(sockets_.instance_network),
                sockets::tcp::implement(sockets_.tcp),
                sockets::tcp_create_socket::implement(sockets_.tcp_create_socket),
                sockets::udp::implement(sockets_.udp),
                sockets::udp_create_socket::implement(sockets_.udp_create_socket),
                sockets::ip_name_lookup::implement(sockets_.ip_name_lookup)} {}

std::span<const component::HostInterface* const, kInterfaceCount> interfaces() {
  static const std::array<const component::HostInterface*, kInterfaceCount> kInterfaces = {
      &error::interface(),
      &poll::interface(),
      &streams::interface(),
      &wall_clock::interface(),
      &monotonic_clock::interface(),
      &random::random::interface(),
      &random::insecure::interface(),
      &random::insecure_seed::interface(),
      &cli::environment::interface(),
      &cli::exit::interface(),
      &cli::stdin::interface(),
      &cli::stdout::interface(),
      &cli::stderr::interface(),
      &cli::terminal_input::interface(),
      &cli::terminal_output::interface(),
      &cli::terminal_stdin::interface(),
      &cli::terminal_stdout::interface(),
      &cli::terminal_stderr::interface(),
      &filesystem::interface(),
      &preopens::interface(),
      &sockets::network::interface(),
      &sockets::instance_network::interface(),
      &sockets::tcp::interface(),
      &sockets::tcp_create_socket::interface(),
      &sockets::udp::interface(),
      &sockets::udp_create_socket::interface(),
      &sockets::ip_name_lookup::interface(),
  };
  return kInterfaces;
}

}  // namespace spindle::wasi::p2
