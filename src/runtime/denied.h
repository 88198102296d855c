#pragma once

// The host as a dependency sees it that inherits nothing: interfaces under their denied names
// (capabilities.h), with the same functions, answered by objects that have nothing to give.
//
//   key-value stores, SQLite     opening is `access-denied`
//   variables                    `undefined`; fermyon:spin/config `other`; wasi:config `io`
//   outgoing HTTP                `internal-error`, "... is not permitted"
//   environment                  no variables, no arguments
//   directory preopens           no directories
//   sockets                      making one, and looking up a name, is `access-denied`
//   everything else              "... is not supported yet", as for every component
//
// Resources that cannot be obtained cannot be used. The objects are the host's own with empty
// permissions wherever those give these answers, so that an interface that learns to do something
// does not do it here.

#include <memory>
#include <span>
#include <vector>

#include "component/host/host_interface.h"
#include "host/services.h"

namespace spindle::runtime {

// Constant; the tables live as long as the process.
std::span<const component::HostInterface* const> denied_interfaces();

// What implements them for one instance.
class DeniedObjects {
 public:
  explicit DeniedObjects(const host::Services& services);
  ~DeniedObjects();

  // As denied_interfaces() counts.
  void* implementation(size_t index) const { return implementations_[index]; }

 private:
  struct Objects;
  std::unique_ptr<Objects> objects_;
  std::vector<void*> implementations_;
};

}  // namespace spindle::runtime
