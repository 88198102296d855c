#pragma once

// How names of WIT become names of C++.
//
//   wasi:io/streams@0.2.6         spindle::bindings::wasi::io_0_2::streams
//                                 bindings/wasi/io_0_2/streams
//   output-stream                 OutputStream (types), output_stream (functions, fields)
//   [method]output-stream.write   output_stream_write
//   [constructor]fields           fields_new
//
// The version's compatibility track is part of the name, so that two tracks of a package can be
// implemented side by side. Keywords gain a trailing underscore.

#include <string>
#include <string_view>

#include "wit/model.h"

namespace spindle::bindgen {

// `output-stream` -> `OutputStream`; acronyms too: `HTTP-version` -> `HttpVersion`.
std::string camel_case(std::string_view kebab);
// `output-stream` -> `output_stream`.
std::string snake_case(std::string_view kebab);

struct InterfaceNames {
  // Components of the namespace below the root: {"wasi", "io_0_2", "streams"}.
  std::string ns;
  std::string package;
  std::string interface;

  // `wasi/io_0_2/streams`.
  std::string path() const { return ns + "/" + package + "/" + interface; }
  // `wasi::io_0_2::streams`.
  std::string qualified() const { return ns + "::" + package + "::" + interface; }
};
InterfaceNames interface_names(const wit::Resolve& resolve, wit::InterfaceId id);
// Worlds and interfaces of a package share one space of names.
InterfaceNames world_names(const wit::Resolve& resolve, wit::WorldId id);

// The C++ method of a function.
std::string method_name(const wit::Resolve& resolve, const wit::Function& function);

// The struct of a variant's case; a member cannot have its class's name.
std::string case_struct(std::string_view name, std::string_view variant);
// A parameter; `self` stays itself.
std::string parameter_name(std::string_view name);

// A C++ string literal.
std::string quoted(std::string_view text);

}  // namespace spindle::bindgen
