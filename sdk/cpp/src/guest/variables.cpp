// Variables over fermyon:spin/variables@2.0.0.

#include <spindle/variables.h>

#include "capabilities.h"
#include "guest/convert.h"

namespace spindle {
namespace {

namespace variables = bindings::fermyon::spin_2::variables;

Error explain(const variables::Error& error) {
  static constexpr ErrorKind kKinds[] = {ErrorKind::Invalid, ErrorKind::NotFound,
                                         ErrorKind::Unavailable, ErrorKind::Other};
  return std::visit(
      [&](const auto& each) { return Error{kKinds[error.value.index()], each.value}; },
      error.value);
}

}  // namespace

Result<std::string> variable(std::string_view name) {
  return guest::result<std::string>(variables::get(name), explain);
}

}  // namespace spindle
