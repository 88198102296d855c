#pragma once

// What linking at run time costs at most, per import and per request.

#include <cstddef>
#include <cstdint>

namespace spindle::link {

// Candidates of one import.
inline constexpr size_t kCandidatesMax = 1000;
// Instances that one request makes by late calls, however deep.
inline constexpr uint32_t kCalleesMax = 64;
// A callee may have late imports itself; the component that serves the request is depth 0.
inline constexpr uint32_t kDepthMax = 8;

}  // namespace spindle::link
