#pragma once

// LateCall: one call of a late import between start and finish, and the code of the one host
// function that all of them have.

#include <optional>

#include "component/host/host_interface.h"
#include "component/host/pending_call.h"
#include "component/values/value.h"
#include "link/session.h"

namespace spindle::link {

struct LateCall final : component::PendingCall::Operation {
  io::Task<void> wait() override { return import->run(*this); }

  SessionImport* import = nullptr;
  // What is called, as an index into the importer's plan.
  size_t function = 0;
  // Arguments; handles are the callee's representations already.
  component::DynamicValue params;
  // Who must be called because the arguments hold handles of its resources.
  LinkedInstance* owner = nullptr;
  // Who was called.
  LinkedInstance* callee = nullptr;
  std::optional<Result<std::optional<component::DynamicValue>>> outcome;
};

// Its implementation() is a SessionImport.
extern const component::HostFunction kLateFunction;

}  // namespace spindle::link
