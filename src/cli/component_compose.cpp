// `spindle component compose`.

#include "cli/component_command.h"

namespace spindle::cli {

Result<int> run_component_verb(const ComponentComposeOptions&) {
  return Error::not_supported("`spindle component compose` is not supported yet");
}

}  // namespace spindle::cli
