#include "component/runtime/export_call.h"

namespace spindle::component {

Result<void> ExportCall::enter() {
  if (lift_.options.is_async) {
    return Error::not_supported("asynchronously lifted functions are not supported yet");
  }
  ComponentInstance::Entered entered = TRY(instance_.enter(lift_.frame, std::nullopt));
  entered_.emplace(std::move(entered));
  side_.emplace(instance_, lift_.frame, lift_.options);
  return {};
}

Result<void> ExportCall::run(std::span<RawValue> values) {
  TRY(instance_.call_core(lift_.callee, values));
  side_->refresh();
  return {};
}

Result<void> ExportCall::leave(std::span<const RawValue> results) {
  TRY(side_->scope().check_no_borrows());
  std::array<RawValue, 1> cells{};
  if (!results.empty()) cells[0] = results[0];
  TRY(instance_.call_post_return(lift_, cells));
  entered_.reset();
  return {};
}

io::Task<Result<void>> ExportCall::on_guest_stack(std::move_only_function<Result<void>()> body) {
  return instance_.run(std::move(body));
}

Error ExportCall::fail(Error error) {
  instance_.poison();
  return error;
}

}  // namespace spindle::component
