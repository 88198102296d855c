#pragma once

// Verdict: what came of one test.

#include <chrono>
#include <string>
#include <vector>

#include "trial/transcript.h"

namespace spindle::trial {

struct Verdict {
  // Of the step that did not hold, from 1; 0: the test did not begin.
  size_t step = 0;
  app::Position at;
  // What differs, or went wrong, several lines each; empty: it holds.
  std::vector<std::string> problems;
  // What helps to understand them: failures that were reported, what components printed.
  std::vector<std::string> reports;
  Pairs output;
  std::chrono::milliseconds time{0};

  bool holds() const { return problems.empty(); }
};

}  // namespace spindle::trial
