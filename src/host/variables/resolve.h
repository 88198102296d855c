#pragma once

// The value of a component's variable for a caller that can wait: at once, unless a provider must
// ask a server.

#include "app/variables.h"
#include "io/eventual.h"
#include "wasi/core/services.h"

namespace spindle::host {

// One component's view of the resolver; what it refers to outlives it.
struct ComponentVariables {
  const app::Resolver* resolver = nullptr;
  std::string component;

  std::vector<std::string> names() const { return resolver->variables_of(component); }
};

// Does a provider have to wait?
bool may_wait(const app::Resolver& resolver);

// Both outlive what is returned.
io::Eventual<app::Resolved> resolve_variable(const wasi::Services& services,
                                             const ComponentVariables& variables,
                                             std::string_view name);

}  // namespace spindle::host
