#pragma once

// Handles across a late import. A resource that the callee implements is, in the importer, a host
// resource that stands for it: who the callee is, and the representation.
//
//   callee: rep 7 of $shape   <-  LateResource{callee, $shape, 7}  <-  importer: handle 3
//
// Dropping the importer's handle runs the callee's destructor, a little later (request.h). What is
// left when the importer ends goes with the callee's store, undestroyed.

#include "component/host/resource.h"
#include "component/values/value.h"
#include "link/session.h"

namespace spindle::link {

// Turns the handles inside arguments into the callee's representations. Owned ones leave the
// importer. The callee whose resources they are, null where there was none; handles of two
// different callees are an error.
Result<LinkedInstance*> give_handles(component::HostResourceTable& resources,
                                     const component::ValueType& type,
                                     component::DynamicValue& value);

// Turns the representations inside a result, whose type is the callee's, into resources of the
// importer.
Result<void> adopt_handles(component::HostResourceTable& resources, LinkedInstance& callee,
                           const component::ValueType& type, component::DynamicValue& value);

}  // namespace spindle::link
