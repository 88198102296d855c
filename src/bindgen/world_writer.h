#pragma once

// WorldWriter: the two files of a world: a header that includes those of its interfaces and has,
// for functions of the world itself, the classes Host and Guest; and its source.

#include <string>

#include "bindgen/cpp_types.h"
#include "bindgen/function_writer.h"

namespace spindle::bindgen {

class WorldWriter {
 public:
  WorldWriter(CppTypes& types, wit::WorldId id);

  // Items of the world that bindings cannot express.
  Result<void> check() const;
  std::string header();
  std::string source();

 private:
  std::string includes(std::string_view suffix) const;
  bool uses_endpoints() const { return imports_.use_endpoints() || exports_.use_endpoints(); }

  CppTypes* types_;
  const wit::Resolve* resolve_;
  const wit::World* world_;
  InterfaceNames names_;
  FunctionWriter imports_;
  FunctionWriter exports_;
};

}  // namespace spindle::bindgen
