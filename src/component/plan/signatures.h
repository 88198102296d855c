#pragma once

// Core signatures of what the component model defines: lifted and lowered functions by the
// flattening rules, built-ins by the table of canonical definitions. Internal to component/plan.

#include "component/binary/component.h"
#include "component/plan/plan.h"

namespace spindle::component::plan_detail {

// `params` is the tuple of the type's parameters.
PlannedSignature lifted_signature(const FunctionType& type, const ValueType& params,
                                  const PlannedOptions& options);
PlannedSignature lowered_signature(const FunctionType& type, const ValueType& params,
                                   const PlannedOptions& options);
// Of a built-in that is not lift, lower or resource.*; `result` is the result of task.return.
PlannedSignature built_in_signature(const CanonDef& canon, TypeRef result);

}  // namespace spindle::component::plan_detail
