#pragma once

// Calls from the host into a component that uses the async ABI.
//
// run_as_thread() runs synchronous code of the host that calls the guest; HostTask calls an
// asynchronous function, which is over for the caller when the callee has returned its result.

#include <functional>
#include <memory>

#include "component/async/task.h"
#include "io/event.h"

namespace spindle::component {

// What the body refers to lives until the task ends; a canceled one poisons the instance.
io::Task<Result<void>> run_as_thread(AsyncState& state,
                                     std::move_only_function<Result<void>()> body);

// Arguments and result of a call, of types that the caller knows.
class CallValues {
 public:
  virtual ~CallValues();
  virtual Result<void> lower(CallSide& callee, std::span<wasm::RawValue> cells) = 0;
  virtual Result<void> lift(CallSide& callee, std::span<const wasm::RawValue> cells,
                            ResultForm form) = 0;
};

// Until the callee has returned. A caller that goes away earlier is not told any more, and its
// result is dropped; the callee goes on.
io::Task<Result<void>> run_as_task(AsyncState& state, const PlannedLift& lift,
                                   std::shared_ptr<CallValues> values);

}  // namespace spindle::component
