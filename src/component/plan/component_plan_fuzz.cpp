// Components that validation accepts can be planned, and their types written out, whatever they
// import; the same bytes give the same plan.

#include <fmt/format.h>

#include "component/binary/decode.h"
#include "component/plan/import_check.h"
#include "component/plan/planner.h"
#include "component/validate/validate.h"

namespace spindle::component {
namespace {

// Small enough to find what grows without bounds.
constexpr PlanLimits kLimits{.frames = 500, .core_instances = 500, .evaluations = 50'000};

void check_plan(const Component& component) {
  const HostRegistry registry(HostRegistry::Missing::TrapWhenCalled);
  Result<InstantiationPlan> plan = plan_instantiation(component, registry, kLimits);
  if (!plan.has_value()) {
    // Anything else was accepted wrongly.
    VERIFY(plan.error().kind() != ErrorKind::Internal);
    return;
  }
  VERIFY(plan->frames.size() <= kLimits.frames && plan->steps.size() <= kLimits.core_instances);
  for (const PlannedLift& lift : plan->lifts) (void)type_text(*plan, lift.type);
  for (const HostImport& import : plan->host_imports) (void)type_text(*plan, import.type);
  Result<InstantiationPlan> again = plan_instantiation(component, registry, kLimits);
  VERIFY(again.has_value() && again->steps.size() == plan->steps.size() &&
         again->trampolines.size() == plan->trampolines.size());
}

}  // namespace
}  // namespace spindle::component

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spindle::component;
  const auto component = decode_component(SharedBytes::borrow({data, size}));
  if (component.has_value() && validate(*component).has_value()) check_plan(*component);
  return 0;
}
