#pragma once

// Where templates are: SPIN_DATA_DIR or the user's data directory, which Spin uses too, and the
// folder that is installed with the program.

#include "base/result.h"
#include "scaffold/template_store.h"

namespace spindle::cli {

Result<scaffold::TemplateStore> open_template_store();

}  // namespace spindle::cli
