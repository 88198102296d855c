#include "wasi/p3/registry.h"

#include <algorithm>

#include <fmt/format.h>

#include "bindings/wasi/cli_0_3/terminal_input.h"
#include "bindings/wasi/cli_0_3/terminal_output.h"
#include "bindings/wasi/cli_0_3/types.h"
#include "bindings/wasi/clocks_0_3/types.h"
#include "component/host/renamed_interfaces.h"
#include "component/plan/host_registry.h"

namespace spindle::wasi::p3 {

namespace {

namespace random = bindings::wasi::random_0_3;
namespace clock_types = bindings::wasi::clocks_0_3::types;

component::HostBinding types_only(const component::HostInterface& interface) {
  return {&interface, nullptr};
}

}  // namespace

State::State(const Services& services, const GuestEnvironment& guest, InstanceState& instance,
             OutboundGate& gate)
    : system_clock_(services),
      monotonic_clock_(services),
      random_(services.random),
      insecure_(services.random),
      insecure_seed_(services.random),
      environment_(guest),
      exit_(instance),
      stdin_(guest),
      stdout_(services.loop, guest, instance),
      stderr_(services.loop, guest, instance),
      filesystem_(services.loop, instance),
      preopens_(guest, instance.descriptors),
      socket_types_(services.loop, instance),
      ip_name_lookup_(instance),
      http_types_(services.loop),
      http_client_(services, gate),
      bindings_{types_only(clock_types::interface()),
                monotonic_clock::implement(monotonic_clock_),
                system_clock::implement(system_clock_),
                random::random::implement(random_),
                random::insecure::implement(insecure_),
                random::insecure_seed::implement(insecure_seed_),
                cli::environment::implement(environment_),
                cli::exit::implement(exit_),
                types_only(cli::types::interface()),
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
                sockets::types::implement(socket_types_),
                sockets::ip_name_lookup::implement(ip_name_lookup_),
                http_types::implement(http_types_),
                http_client::implement(http_client_)} {}

std::span<const component::HostInterface* const, kInterfaceCount> interfaces() {
  static const std::array<const component::HostInterface*, kInterfaceCount> kInterfaces = {
      &clock_types::interface(),
      &monotonic_clock::interface(),
      &system_clock::interface(),
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
      &filesystem::interface(),
      &preopens::interface(),
      &sockets::types::interface(),
      &sockets::ip_name_lookup::interface(),
      &http_types::interface(),
      &http_client::interface(),
  };
  return kInterfaces;
}

std::span<const component::HostInterface* const> candidate_interfaces() {
  static const component::RenamedInterfaces kCandidates(interfaces(), [](std::string_view name) {
    const std::string_view base = component::split_interface_name(name).base;
    return fmt::format("{}@{}", base, kCandidateVersion);
  });
  return kCandidates.interfaces();
}

const component::HostInterface& release_of(const component::HostInterface& interface) {
  const auto candidates = candidate_interfaces();
  const auto found = std::ranges::find(candidates, &interface);
  if (found == candidates.end()) return interface;
  return *interfaces()[static_cast<size_t>(found - candidates.begin())];
}

}  // namespace spindle::wasi::p3
