// `spindle component new`.

#include "cli/component_command.h"

namespace spindle::cli {

Result<int> run_component_verb(const ComponentNewOptions&) {
  return Error::not_supported("`spindle component new` is not supported yet");
}

}  // namespace spindle::cli
