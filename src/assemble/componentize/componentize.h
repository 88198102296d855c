#pragma once

// encode_module: one core module, the adapters that it needs and a world become a component.
//
// The component imports what the modules import, as the world describes it, and exports what the
// world exports. Inside, in this order: the imports; the shim (glue_modules.h) for every function
// that cannot be there before the main module; resources that the component defines; the main
// module; the adapters, which work on its memory; the fixup; lifted functions and their interfaces.
// Whoever loads the result validates it: types of core functions are not compared here.

#include "assemble/componentize/core_part.h"
#include "component/values/abi_side.h"
#include "wit/model.h"

namespace spindle::assemble {

struct Adapter {
  std::string_view name;  // of the module that it stands for: "wasi_snapshot_preview1"
  std::span<const uint8_t> bytes;
};

struct EncodeModule {
  std::span<const uint8_t> module;
  std::span<const Adapter> adapters;
  const wit::Resolve& resolve;
  wit::WorldId world;
  component::StringEncoding encoding = component::StringEncoding::Utf8;
};

Result<std::vector<uint8_t>> encode_module(const EncodeModule& input);

}  // namespace spindle::assemble
