#pragma once

// Error contexts: immutable objects with a message for people (Canonical ABI, "error-context.new"
// and following). Passing one shares it; each instance has handles of its own.

#include <memory>
#include <string>

#include "component/async/built_in.h"
#include "component/binary/component.h"
#include "component/host/handle_table.h"

namespace spindle::component {

class ErrorContext final : public TableObject {
 public:
  // A longer message is cut.
  static constexpr size_t kMessageMax = 16'384;

  explicit ErrorContext(std::shared_ptr<const std::string> message)
      : message_(std::move(message)) {}

  const std::shared_ptr<const std::string>& message() const { return message_; }

 private:
  std::shared_ptr<const std::string> message_;
};

Result<ErrorContext*> find_error_context(HandleTable& table, uint32_t index);

// The built-ins error-context.new, debug-message and drop; absent where `op` is none of these.
const BuiltIn* error_context_built_in(CanonOp op);

}  // namespace spindle::component
