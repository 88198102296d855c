#pragma once

// Interfaces that every component may import and nobody implements: they link, so that an
// application that only mentions them runs, and each call answers with the interface's own error.
//
//
// Refused: everything, "... is not supported yet" where the error has room for words. A function
//          without an error (`close`) is a trap.
// The objects have no state: all instances of the process share them.

#include <array>
#include <memory>
#include <span>

#include "component/host/host_interface.h"

namespace spindle::host {

inline constexpr size_t kUnsupportedCount = 3;

class Unsupported {
 public:
  Unsupported();
  Unsupported(const Unsupported&) = delete;
  Unsupported& operator=(const Unsupported&) = delete;

  // In the order of interfaces().
  std::span<const component::HostBinding, kUnsupportedCount> bindings() const { return bindings_; }
  static std::array<const component::HostInterface*, kUnsupportedCount> interfaces();

 private:
  std::array<std::shared_ptr<void>, kUnsupportedCount> owners_;
  std::array<component::HostBinding, kUnsupportedCount> bindings_;
};

}  // namespace spindle::host
