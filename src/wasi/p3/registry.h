#pragma once

// WASI 0.3 as one thing: the interfaces to register, and what implements them for one instance.
//
//   for (const auto* interface : p3::interfaces()) registry.add(*interface);      // once
//   p3::State state(shared, services, guest_environment);                         // per instance
//   runtime.bind(state.bindings());     // bindings()[i] implements interfaces()[i]
//
// A State makes no system call and allocates nothing; what it refers to, and the State itself, must
// outlive the instance's resources.
//
// Interfaces that are not there yet link all the same: their objects are `unsupported`.

#include <array>
#include <memory>
#include <span>

#include "component/host/host_interface.h"
#include "wasi/core/guest_environment.h"
#include "wasi/core/services.h"
#include "wasi/p3/unsupported.h"

namespace spindle::wasi::p3 {

inline constexpr size_t kInterfaceCount = 23;

std::span<const component::HostInterface* const, kInterfaceCount> interfaces();

// What all instances of the process share.
struct Shared {
  Unsupported unsupported;
};

class State {
 public:
  State(const Shared& shared, const Services& services, const GuestEnvironment& guest);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // In the order of interfaces(). Interfaces that only declare types have no implementation.
  std::span<const component::HostBinding, kInterfaceCount> bindings() const { return bindings_; }

 private:
  std::array<component::HostBinding, kInterfaceCount> bindings_;
};

}  // namespace spindle::wasi::p3
