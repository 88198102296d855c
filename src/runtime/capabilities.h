#pragma once

// Capabilities: which interfaces of the host a dependency does not reach unless it inherits them.
//
// A component's permissions are meant for its own code. A dependency that is composed into it gets
// none of them, except those that `inherit_configuration` names: the interfaces of every other
// capability are imported under a name of their own, `denied-` before the namespace, so that the
// host can answer them with refusals (denied.h). Interfaces that reach nothing of the application,
// like clocks, are not concerned.

#include <string>
#include <string_view>

#include "app/manifest.h"

namespace spindle::runtime {

// The name of the capability that lets `interface` through; empty for one that needs none. All
// versions of a compatibility track are the same interface.
std::string_view capability_of(std::string_view interface);

// The name by which a dependency's import is composed: its own, or the denied one.
std::string hoisted_name(std::string_view import, const app::Inherit& inherit);

std::string denied_name(std::string_view interface);

}  // namespace spindle::runtime
