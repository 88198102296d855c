#pragma once

// The names of what guests find: host_objects.h has what implements them.

#include <vector>

#include "component/plan/host_registry.h"

namespace spindle::runtime {

// All interfaces that the host offers, in the order of HostObjects.
std::vector<const component::HostInterface*> host_interfaces();
component::HostRegistry host_registry();
// With the denied interfaces, which only compositions import.
component::HostRegistry composition_registry();

}  // namespace spindle::runtime
