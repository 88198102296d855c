#pragma once

// run_trial: one test of a transcript, from an empty world to a verdict. A step that does not hold
// ends the trial: what follows would only repeat it.

#include <filesystem>

#include "trial/transcript.h"
#include "trial/verdict.h"

namespace spindle::trial {

struct Play;

// `directory` is empty and of this trial alone.
Verdict run_trial(Play& play, const Trial& trial, const std::filesystem::path& directory);

}  // namespace spindle::trial
