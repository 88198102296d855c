#pragma once

// Streams, futures and error contexts as values of generic lifting and lowering
// (values/value.h, DynamicValue::object).

#include <memory>

#include "component/host/handle_table.h"
#include "component/values/abi_side.h"

namespace spindle::component {

class GuestAccess;

Result<std::shared_ptr<PassedObject>> lift_passed(HandleTable& table, const ValueType& type,
                                                  uint32_t index);
// `access` is that of the instance that gets the object.
Result<uint32_t> lower_passed(HandleTable& table, GuestAccess& access, const ValueType& type,
                              PassedObject& object);

}  // namespace spindle::component
