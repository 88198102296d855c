#pragma once

// The thunk module: host functions of one core type share one import.
//
// Each import of a module costs every instance of it, and components import a hundred host
// functions of a dozen core types. So a fused module imports one *group* function for each type,
// which is told by a last parameter which host function is meant:
//
//   (import "h" "120" (func $group (param i32 i32 i32) (result i32)))
//   (func (export "7") (param i32 i32) (result i32)
//     (call $group (local.get 0) (local.get 1) (i32.const 7)))

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "component/plan/plan.h"

namespace spindle::component {

struct HostThunk {
  uint32_t number = 0;
  PlannedSignature signature;
};

struct ThunkModule {
  std::vector<uint8_t> bytes;
  // The module imports groups 0 to groups - 1, in that order, and exports each thunk by its number.
  uint32_t groups = 0;
};

ThunkModule make_thunk_module(std::span<const HostThunk> thunks);

}  // namespace spindle::component
