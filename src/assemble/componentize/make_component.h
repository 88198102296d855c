#pragma once

// componentize: a core module, as compilers for WASI and for Spin leave it, becomes a component.
//
//   a module that says its world              its worlds; preview 1 through the reactor adapter
//   (sections `component-type`)
//   a module of Spin's first SDKs             by its handlers (old_module.h)
//   a module with `_start` that says none     preview 1 through the command adapter
//   any other                                 refused
//
// So a program for WASI preview 1 becomes a component that exports wasi:cli/run, and a guest of a
// Spin SDK one that exports what the SDK's trigger calls.

#include <map>
#include <optional>
#include <string>

#include "assemble/componentize/componentize.h"

namespace spindle::assemble {

// The world that a module is for, where it does not say so itself or says too little.
struct GivenWorld {
  const wit::Resolve& resolve;
  wit::WorldId world;
};

struct ComponentizeOptions {
  std::optional<GivenWorld> world;
  // By the name of the module that each stands for; they are used instead of the built-in ones.
  std::map<std::string, std::vector<uint8_t>, std::less<>> adapters;
};

Result<std::vector<uint8_t>> componentize(std::span<const uint8_t> module,
                                          const ComponentizeOptions& options = {});

}  // namespace spindle::assemble
