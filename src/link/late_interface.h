#pragma once

// LateInterface: an imported interface that is bound at run time, as the host interface that an
// importer is prepared with.
//
//   LateInterface plugin("plugins:shapes/plugin@1.0.0");
//   registry.add(plugin.interface());             // then prepare the importer
//
// It answers every function, whatever its type, and knows none of them: which component serves a
// call is the business of a LinkSession, one of whose SessionImports must be the interface's
// implementation. A call lifts the arguments with the importer's types into values that belong to
// nobody, waits for the callee, and lowers what it returned. Nothing is shared.
//
// Lives as long as what was prepared with it, at one address.

#include <string>

#include "component/host/host_interface.h"

namespace spindle::link {

class LateInterface {
 public:
  explicit LateInterface(std::string name);
  LateInterface(const LateInterface&) = delete;
  LateInterface& operator=(const LateInterface&) = delete;

  const std::string& name() const { return name_; }
  const component::HostInterface& interface() const { return interface_; }

 private:
  std::string name_;
  component::HostInterface interface_;
};

}  // namespace spindle::link
