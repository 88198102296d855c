#pragma once

// plan_instantiation: a validated component in, its InstantiationPlan out.
//
//   const Component component = TRY(decode_component(SharedBytes::borrow(bytes)));
//   TRY(validate(component));
//   InstantiationPlan plan = TRY(plan_instantiation(component, registry));
//
// The planner interprets the component's definitions, each nested instantiation in a frame of its
// own, with symbols in the place of instances: "export `write` of core instance 3". Validation has
// checked every index and type, so what does not fit here is reported as our own fault. What it
// cannot bound is how often components instantiate each other, which grows exponentially with their
// size; the plan has a budget.
//
// Imports of the root are looked up in the registry. All that is missing is one error.

#include "base/result.h"
#include "component/binary/component.h"
#include "component/plan/host_registry.h"
#include "component/plan/plan.h"

namespace spindle::component {

struct PlanLimits {
  uint32_t frames = 20'000;
  uint32_t core_instances = 20'000;
  uint32_t nesting = 100;
  // Definitions and declarators evaluated, those of a component once for each instantiation.
  uint64_t evaluations = 4'000'000;
};

// `component` must have passed validate(). The plan's modules are views into it.
Result<InstantiationPlan> plan_instantiation(const Component& component,
                                             const HostRegistry& registry,
                                             const PlanLimits& limits = {});

}  // namespace spindle::component
