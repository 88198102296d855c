#pragma once

// HostInterface: an interface that the host offers to guests, as data: its functions with their
// types, and code that lifts arguments, calls a C++ object, and lowers the result.
//
// Tables are constants made by bindings. Which object implements an interface is the business of
// each instance: a HostBinding names it, and a trampoline of the runtime finds it when the guest
// calls and passes it in HostCall::implementation().
//
// A function is either immediate (`invoke`) or may wait (`start`, `finish`; see PendingCall).
// `values` are the core arguments on entry and the core results on return; finish gets the
// arguments again, because the return pointer is among them.

#include <span>
#include <string_view>

#include "component/abi/call_context.h"
#include "component/abi/flat.h"
#include "component/host/resource.h"
#include "component/plan/plan.h"

namespace spindle::component {

struct HostFunction {
  using Invoke = Result<void> (*)(HostCall& call, std::span<RawValue> values);
  // True: pending, the guest must be suspended until PendingCall::wait() is done.
  using Start = Result<bool> (*)(HostCall& call, std::span<const RawValue> args);

  // As in a component's import: `[method]output-stream.write`.
  std::string_view name;
  // The canonical text of the type, to compare with what a component imports.
  std::string_view type;
  CoreSignature core;
  Invoke invoke = nullptr;
  Start start = nullptr;
  Invoke finish = nullptr;
  // The streams and futures in its signature, parameters first (abi/transfer_ids.h).
  std::span<const TransferId> transfers;

  bool may_wait() const { return start != nullptr; }
};

struct HostResourceExport {
  std::string_view name;  // `output-stream`
  const ResourceType* type = nullptr;
};

struct HostInterface {
  std::string_view name;  // `wasi:io/streams@0.2.6`
  std::span<const HostFunction> functions;
  std::span<const HostResourceExport> resources;
  // Where set, it answers all functions that the tables do not list, whatever their types, and
  // resources are of types of their own in each importer: an interface known only at run time
  // (link/late_interface.h). HostCall::import() says what was called.
  const HostFunction* any_function = nullptr;
};

// An interface and the object that implements it for one instance. Bindings make it, so that the
// pointer is one to the interface's `Host` class exactly.
struct HostBinding {
  const HostInterface* interface = nullptr;
  void* implementation = nullptr;
};

}  // namespace spindle::component
