#pragma once

// What the scripts may import: the functions, the core module and the resources that the suites'
// own runner offers under the names `host` and `wasmtime`, and at the root.

#include <memory>
#include <span>

#include "component/host/host_interface.h"
#include "component/plan/host_registry.h"
#include "io/event_loop.h"

namespace spindle::conformance {

// Counts drops of one script.
struct HelperState {
  uint32_t drops = 0;
  uint32_t last_drop = 0;
};

// The interfaces and modules; each interface is implemented by the same HelperHost.
void add_helpers(component::HostRegistry& registry);

class HelperHost {
 public:
  // `loop` is for the functions that wait.
  explicit HelperHost(io::EventLoop& loop);
  ~HelperHost();
  // The object behind any of the interfaces.
  void* implementation();
  static void register_interfaces(component::HostRegistry& registry);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spindle::conformance
