#pragma once

// What the names of a core module's imports mean, by the naming of the tools that make modules for
// components:
//
//   module                    name                    meaning
//   ns:pkg/iface@1.0.0        f, [method]r.f          a function of an imported interface
//   $root                     f                       a function that the world imports
//   ns:pkg/iface@1.0.0        [resource-drop]r        dropping an imported resource
//   [export]ns:pkg/iface      [resource-new]r, ...    built-ins of an exported resource
//   wasi_snapshot_preview1    fd_write                a function of the adapter of that name
//   __main_module__, env      cabi_realloc, memory    what an adapter takes from the main module
//
// `[async-lower]` before a function is its form that does not block. Asynchronous built-ins are
// named in async_names.h. The names of the newer naming, `cm32p2|...`, are refused with
// NotSupported.

#include <variant>

#include "assemble/componentize/async_names.h"
#include "assemble/componentize/core_part.h"
#include "assemble/wit_encode/world_view.h"
#include "component/binary/component.h"

namespace spindle::assemble {

// `interface` is absent for functions of the world itself.
struct ImportedCall {
  const ImportedInterface* interface = nullptr;
  const wit::Function* function = nullptr;
  bool is_async = false;
};
struct ImportedDrop {
  wit::TypeId resource;
};
struct OwnResourceCall {
  component::CanonOp op = component::CanonOp::ResourceNew;
  wit::TypeId resource;
};
struct AdapterCall {
  const CorePart* adapter = nullptr;
};
// Of an adapter: an item that the main module exports under this name.
struct MainItem {
  std::string_view name;
};
using ImportMeaning =
    std::variant<ImportedCall, ImportedDrop, OwnResourceCall, AsyncBuiltIn, AdapterCall, MainItem>;

struct NameContext {
  const WorldView& world;
  std::span<const CorePart> adapters;
  // Whether the importing module is one.
  bool in_adapter = false;
};

Result<ImportMeaning> meaning_of(const component::CoreImportDecl& import,
                                 const NameContext& context);

}  // namespace spindle::assemble
