#pragma once

// ExportCall: one typed call of an exported function (host/typed_export.h).
//
//   ExportCall call(*instance, function);            // function from PreparedComponent
//   auto done = TypedExport<void(std::unique_ptr<Request>)>::call_async(call, std::move(request));
//   Result<void> result = co_await std::move(done);
//
// The guest runs on a stack that can wait, so host functions may suspend it and it yields at each
// epoch tick. Failure poisons the instance, and so does cancellation of a synchronous function. An
// asynchronous function has returned when the task ends; what it does afterwards goes on in the
// instance (ComponentInstance::async()).

#include <functional>
#include <optional>

#include "component/host/typed_export.h"
#include "component/runtime/guest_side.h"
#include "component/runtime/instance.h"

namespace spindle::component {

class ExportCall final : public ExportCaller {
 public:
  // `instance` outlives this.
  ExportCall(ComponentInstance& instance, LiftIndex function)
      : instance_(instance), lift_(instance.prepared().plan().lifts[function.value]) {}

  Result<void> enter() override;
  Result<void> mention(std::span<const TransferId> transfers) override;
  CallContext& context() override { return *side_; }
  Result<void> run(std::span<RawValue> values) override;
  Result<void> leave(std::span<const RawValue> results) override;
  Error fail(Error error) override;
  io::Task<Result<void>> on_guest_stack(std::move_only_function<Result<void>()> body) override;
  bool is_async() const override { return lift_.type.is_async; }
  io::Task<Result<void>> run_task(std::shared_ptr<ExportValues> values) override;

 private:
  ComponentInstance& instance_;
  const PlannedLift& lift_;
  std::optional<Activation> activation_;
  std::optional<CallSide> side_;
};

}  // namespace spindle::component
