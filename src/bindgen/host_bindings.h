#pragma once

// Bindings for hosts: C++ for implementing an interface of WIT, and for calling a component that
// exports one.
//
// For `wasi:io/streams@0.2.6` there are three files, below the include folder:
//
//   bindings/wasi/io_0_2/streams.h      types; class Host with one virtual method a function, or
//                                       class Guest with one method a function, or both
//   bindings/wasi/io_0_2/streams_abi.h  Abi<T> of the types, for sources that lift or lower them
//   bindings/wasi/io_0_2/streams.cpp    the HostInterface, `interface()`, `implement(Host&)`, and
//                                       the members of Guest
//
// A world `demo:calc/plugin` is all interfaces that it imports and exports, and besides
//
//   bindings/demo/calc/plugin.h         includes them; Host and Guest of the world's own functions
//   bindings/demo/calc/plugin.cpp
//   bindings/demo/calc/plugin_bindings.cpp   includes all sources: the one to compile
//
// Types of interfaces that are not generated in the same run are included by the same paths.
//
// Support:
//   works      all scalars, string, list, map (as pairs), option, result, tuple, record, variant,
//              enum, flags, resources with methods, statics, constructors, own and borrow handles,
//              aliases, `use`, waiting and async functions, stream, future, interfaces nobody
//              implements
//   refused    error-context, fixed-length lists, types declared in worlds, inline interfaces,
//              resources that an exported interface defines, two types with one C++ name:
//              "bindings of a ... type are not supported"

#include <string>
#include <vector>

#include "base/result.h"
#include "bindgen/mapping.h"
#include "wit/model.h"

namespace spindle::bindgen {

struct GeneratedFile {
  std::string path;  // below the include folder
  std::string text;
};

struct HostOptions {
  std::vector<std::string> interfaces;     // full ids, to implement
  std::vector<std::string> exports;        // full ids, to call
  std::vector<std::string> worlds;         // full ids, all of them
  std::string root = "spindle::bindings";  // the namespace
};

// Entries of the mapping that name no function of a generated interface are errors, too: a `wait`
// that is misspelled would silently give an immediate function.
Result<std::vector<GeneratedFile>> generate_host_bindings(const wit::Resolve& resolve,
                                                          const Mapping& mapping,
                                                          const HostOptions& options);

}  // namespace spindle::bindgen
