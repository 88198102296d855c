#pragma once

// A component as WebAssembly text, definition by definition, with the indices as comments and the
// names of the name section:
//
//   (component
//     (type (;0;) (func (result string)))
//     (import "name" (func (;0;) (type 0)))
//   )
//
// For a component without core modules the text translates back to the same definitions. Of a core
// module the text has the size, the imports and the exports, as comments: its body is left out.
// Any decoded component will do, valid or not.

#include <string>

#include "component/binary/component.h"

namespace spindle::assemble {

std::string component_text(const component::Component& component);

}  // namespace spindle::assemble
