#pragma once

// RenamedInterfaces: interfaces of the host under other names, so that one implementation answers
// for several: a release candidate whose types became the release, or the form of an interface that
// refuses. Functions and resources are the same; the names of interfaces that are part of the types
// of functions (`own<wasi:http/types@0.3.request>`) change along, since they are compared when a
// component is prepared.
//
// interfaces()[i] is the table of originals[i]. The object that implements an original implements
// its other name, too. Made once; the tables live as long as this.

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "component/host/host_interface.h"

namespace spindle::component {

class RenamedInterfaces {
 public:
  // `rename` turns the name of an interface into the other one, and the name with its compatibility
  // track in place of the version into that of the other one.
  using Rename = std::function<std::string(std::string_view name)>;

  RenamedInterfaces(std::span<const HostInterface* const> originals, const Rename& rename);
  RenamedInterfaces(const RenamedInterfaces&) = delete;
  RenamedInterfaces& operator=(const RenamedInterfaces&) = delete;

  std::span<const HostInterface* const> interfaces() const { return interfaces_; }

 private:
  std::vector<const HostInterface*> interfaces_;
  std::deque<HostInterface> tables_;
  std::deque<std::vector<HostFunction>> functions_;
  std::deque<std::string> texts_;
};

}  // namespace spindle::component
