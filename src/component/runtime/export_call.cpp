#include "component/runtime/export_call.h"

#include "component/async/guest_access.h"
#include "component/async/host_run.h"

namespace spindle::component {

Result<void> ExportCall::enter() {
  if (lift_.type.is_async) {
    return Error::invalid_input("an asynchronous function is called on an event loop");
  }
  activation_.emplace(instance_);
  TRY(activation_->enter(lift_.frame, std::nullopt));
  side_.emplace(instance_, lift_.frame, lift_.options);
  return {};
}

Result<void> ExportCall::mention(std::span<const TransferId> transfers) {
  const auto found = TRY(instance_.guest_access().transfers_of(lift_, transfers));
  side_->use_transfers(found);
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
  activation_.reset();
  return {};
}

io::Task<Result<void>> ExportCall::on_guest_stack(std::move_only_function<Result<void>()> body) {
  return instance_.run(std::move(body));
}

namespace {

class TypedValues final : public CallValues {
 public:
  TypedValues(std::shared_ptr<ExportValues> values, std::span<const TransferType> transfers)
      : values_(std::move(values)), transfers_(transfers) {}

  Result<void> lower(CallSide& callee, std::span<RawValue> cells) override {
    callee.use_transfers(transfers_);
    return values_->lower(callee, cells);
  }
  Result<void> lift(CallSide& callee, std::span<const RawValue> cells, ResultForm form) override {
    callee.use_transfers(transfers_);
    return form == ResultForm::TaskReturn ? values_->lift_returned(callee, cells)
                                          : values_->lift(callee, cells);
  }

 private:
  std::shared_ptr<ExportValues> values_;
  std::span<const TransferType> transfers_;
};

io::Task<Result<void>> refuse(Error error) {
  co_return error;
}

}  // namespace

io::Task<Result<void>> ExportCall::run_task(std::shared_ptr<ExportValues> values) {
  auto transfers = instance_.guest_access().transfers_of(lift_, values->transfers());
  if (!transfers) return refuse(transfers.take_error());
  return run_as_task(*instance_.async(), lift_,
                     std::make_shared<TypedValues>(std::move(values), *transfers));
}

Error ExportCall::fail(Error error) {
  instance_.poison();
  return error;
}

}  // namespace spindle::component
