// Variables over fermyon:spin/variables@2.0.0.

#include <spindle/variables.h>

#include "capabilities.h"
#include "guest/capability_convert.h"

namespace spindle {
namespace {

namespace variables = bindings::fermyon::spin_2::variables;

}  // namespace

Result<std::string> variable(std::string_view name) {
  return guest::result<std::string>(variables::get(name), guest::kVariableError);
}

}  // namespace spindle
