#pragma once

// AsyncBuiltIn: what the names of asynchronous built-ins mean, of which async_built_in() knows:
//
//   module                     name
//   $root, [export]$root       [waitable-set-new], [waitable-set-wait], [waitable-join],
//                              [subtask-cancel], [context-get-0], [backpressure-inc],
//                              [thread-yield], [error-context-new-utf8], [task-cancel], ...
//   [export]ns:pkg/iface       [task-return]f        the result of an exported function
//   ns:pkg/iface, $root, ...   [stream-read-1]f      of the second stream or future in the type of
//                                                    `f`, those inside a payload first
//
// `[async-lower]` before a name is the form that does not block, `[cancellable]` the one that a
// cancellation of the task ends. Built-ins of threads are refused with NotSupported.

#include "assemble/wit_encode/world_view.h"
#include "base/result.h"
#include "component/binary/component.h"

namespace spindle::assemble {

inline constexpr std::string_view kAsyncLower = "[async-lower]";

// Whose types a payload is made of: imports and exports of an interface are different types.
enum class PayloadSide : uint8_t { Import, Export };

struct AsyncBuiltIn {
  component::CanonOp op = component::CanonOp::TaskCancel;
  bool is_async = false;
  bool cancellable = false;
  uint32_t slot = 0;                                       // of contexts
  std::optional<component::StringEncoding> encoding = {};  // of error contexts
  PayloadSide side = PayloadSide::Import;
  const wit::Function* function = nullptr;  // of task.return
  // Of task.return, the result; of streams and futures, what they carry.
  std::optional<wit::Type> payload = {};
};

// Nothing if the import is no asynchronous built-in.
Result<std::optional<AsyncBuiltIn>> async_built_in(const component::CoreImportDecl& import,
                                                   const WorldView& world);

}  // namespace spindle::assemble
