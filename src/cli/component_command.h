#pragma once

// `spindle component`: reads its input, asks the rooms component, assemble and link, prints.
// Results go to standard output or to the file of `-o`; errors are the caller's to print.

#include "base/result.h"
#include "cli/component_options.h"

namespace spindle::cli {

// The exit code: 1 where an answer is no, such as `validate` of an invalid file.
Result<int> run_component(const ComponentOptions& options);

// One each, in sources of their own or in component_command.cpp.
Result<int> run_component_verb(const ComponentNewOptions& options);
Result<int> run_component_verb(const ComponentWitOptions& options);
Result<int> run_component_verb(const ComponentPrintOptions& options);
Result<int> run_component_verb(const ComponentValidateOptions& options);
Result<int> run_component_verb(const ComponentComposeOptions& options);

}  // namespace spindle::cli
