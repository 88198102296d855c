#pragma once

// Values of the scripts, {"type": ..., "value": ...}, read and compared with the help of the
// function's type.

#include <string>

#include <boost/json/value.hpp>

#include "base/result.h"
#include "component/values/value.h"

namespace spindle::conformance {

Result<component::DynamicValue> from_json(const boost::json::value& json,
                                          const component::ValueType& type);
// NaN equals NaN; everything else as the model says.
bool equal(const component::DynamicValue& a, const component::DynamicValue& b,
           const component::ValueType& type);
std::string to_text(const component::DynamicValue& value, const component::ValueType& type);

}  // namespace spindle::conformance
