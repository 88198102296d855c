#pragma once

// WASI 0.2 as one thing: the interfaces to register, and what implements them for one instance.
//
//   for (const auto* interface : p2::interfaces()) registry.add(*interface);      // once
//   p2::State state(services, guest_environment, instance);                       // per instance
//   runtime.bind(state.bindings());     // bindings()[i] implements interfaces()[i]
//
// All of 0.2.x is one track: guests of 0.2.0 import subsets of what 0.2.12 offers. wasi:http has
// its own list. A State makes no system call and allocates nothing; what it refers to, and the
// State itself, must outlive the instance's resources.

#include <array>
#include <span>

#include "component/host/host_interface.h"
#include "wasi/core/guest_environment.h"
#include "wasi/core/instance_state.h"
#include "wasi/core/services.h"
#include "wasi/p2/cli/cli.h"
#include "wasi/p2/clocks/clocks.h"
#include "wasi/p2/filesystem/filesystem.h"
#include "wasi/p2/io/io.h"
#include "wasi/p2/random/random.h"
#include "wasi/p2/sockets/sockets.h"

namespace spindle::wasi::p2 {

inline constexpr size_t kInterfaceCount = 27;

std::span<const component::HostInterface* const, kInterfaceCount> interfaces();

class State {
 public:
  State(const Services& services, const GuestEnvironment& guest, InstanceState& instance);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // In the order of interfaces(). Interfaces that only declare types have no implementation.
  std::span<const component::HostBinding, kInterfaceCount> bindings() const { return bindings_; }

 private:
  ErrorHost error_;
  PollHost poll_;
  StreamsHost streams_;
  WallClockHost wall_clock_;
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
  SocketHosts sockets_;
  std::array<component::HostBinding, kInterfaceCount> bindings_;
};

}  // namespace spindle::wasi::p2
