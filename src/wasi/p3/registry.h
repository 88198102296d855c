#pragma once

// WASI 0.3 as one thing, as p2/registry.h is for 0.2: the interfaces to register, and what
// implements them for one instance, wasi:http included.
//
// A State makes no system call and allocates nothing; what it refers to, and the State itself, must
// outlive the instance's resources.

#include <array>
#include <span>
#include <string_view>

#include "component/host/host_interface.h"
#include "wasi/core/guest_environment.h"
#include "wasi/core/instance_state.h"
#include "wasi/core/services.h"
#include "wasi/p3/cli/cli.h"
#include "wasi/p3/clocks/clocks.h"
#include "wasi/p3/filesystem/filesystem.h"
#include "wasi/p3/http/client.h"
#include "wasi/p3/http/types.h"
#include "wasi/p3/random/random.h"
#include "wasi/p3/sockets/sockets.h"

namespace spindle::wasi::p3 {

inline constexpr size_t kInterfaceCount = 23;

std::span<const component::HostInterface* const, kInterfaceCount> interfaces();

// The same under the names of the release candidate that some toolchains (the Rust SDK 6.0 among
// them) build for: its types are those of the release. candidate_interfaces()[i] is
// interfaces()[i], and the same object implements both.
inline constexpr std::string_view kCandidateVersion = "0.3.0-rc-2026-03-15";
std::span<const component::HostInterface* const> candidate_interfaces();
// The interface of the release that a candidate's is the same as; others are themselves.
const component::HostInterface& release_of(const component::HostInterface& interface);

class State {
 public:
  State(const Services& services, const GuestEnvironment& guest, InstanceState& instance,
        OutboundGate& gate);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // In the order of interfaces(). Interfaces that only declare types have no implementation.
  std::span<const component::HostBinding, kInterfaceCount> bindings() const { return bindings_; }

 private:
  SystemClockHost system_clock_;
  MonotonicClockHost monotonic_clock_;
  RandomHost random_;
  InsecureRandomHost insecure_;
  InsecureSeedHost insecure_seed_;
  EnvironmentHost environment_;
  ExitHost exit_;
  StdinHost stdin_;
  StdoutHost stdout_;
  StderrHost stderr_;
  TerminalStdinHost terminal_stdin_;
  TerminalStdoutHost terminal_stdout_;
  TerminalStderrHost terminal_stderr_;
  FilesystemHost filesystem_;
  PreopensHost preopens_;
  SocketTypes socket_types_;
  IpNameLookup ip_name_lookup_;
  HttpTypes http_types_;
  HttpClient http_client_;
  std::array<component::HostBinding, kInterfaceCount> bindings_;
};

}  // namespace spindle::wasi::p3
