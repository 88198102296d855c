#pragma once

// Bindings for guests: a world in C++, for a component written in it.
//
// For the world `demo:calc/plugin` there are two files:
//
//   plugin.h     types; imports as functions and classes to call; exports as functions to define
//   plugin.cpp   both sides of the canonical ABI, and the world itself as a `component-type`
//   section,
//                so that the linked module becomes a component without more being said
//
// They stand on <spindle/abi.h> of the C++ SDK. Namespaces: `bindings::wasi::io_0_2::streams` of an
// imported interface, `bindings::exports::...` of an exported one, `bindings` and
// `bindings::exports` of the world's own functions and types.
//
// Support:
//   works      all scalars, string, list, map (as pairs), option, result, tuple, record, variant,
//              enum, flags, imported and exported resources, own and borrow handles anywhere,
//              aliases, `use`, functions and types of the world, inline interfaces, async
//              functions, streams, futures
//   refused    error-context, fixed-length lists, two things with one C++ name

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bindgen/host_bindings.h"
#include "wit/model.h"

namespace spindle::bindgen {

struct GuestOptions {
  wit::WorldId world;
  std::string root = "bindings";
  // The content of the section; none where empty.
  std::span<const uint8_t> component_type;
};

Result<std::vector<GeneratedFile>> generate_guest_bindings(const wit::Resolve& resolve,
                                                           const GuestOptions& options);

}  // namespace spindle::bindgen
