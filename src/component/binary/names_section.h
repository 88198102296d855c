#pragma once

// The custom section `component-name`: what the author called things. It only serves messages, so
// a malformed one is read as far as it makes sense and never makes a component invalid.

#include "base/byte_reader.h"
#include "component/binary/component.h"

namespace spindle::component {

void read_names_section(ByteReader section, ComponentNames& names);

}  // namespace spindle::component
