#pragma once

// compose: a component and what satisfies its imports, as one component.
//
//   Part root = TRY(load_part("frontend.wasm", bytes));
//   std::vector<Plug> plugs = {{TRY(load_part("stock.wasm", more)), "shop:stock", {}}};
//   auto composed = TRY(compose(std::move(root), std::move(plugs)));
//   auto binary = component::encode_component(*composed);
//
// chain: components that all import and export one interface, one in front of the other: HTTP
// middleware.
//
// Nothing is linked at run time: the parts are nested in the result as they are, and share nothing
// but what they pass to each other. Who calls: `spindle component compose`, and the runtime for the
// dependencies and middleware of an application.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assemble/compose/part.h"

namespace spindle::assemble {

struct Plug {
  Part part;
  // Which imports of the root it satisfies (DependencyName). Empty: those that it exports.
  std::string name;
  // The export to use; absent: the one of the import's name.
  std::optional<std::string> export_name;
};

using ComposedComponent = std::shared_ptr<const component::Component>;

// An export of an import's name is one of exactly that name, else one of another version on the
// same compatibility track. An import of a package that has only types, which the plug does not
// export, is left to the host. Without plugs the root is returned as it is.
Result<ComposedComponent> compose(Part root, std::vector<Plug> plugs);

// `wrappers`, the outermost first, call the one that follows, the last calls `innermost`. The
// result exports `interface` of the outermost, and nothing else.
Result<ComposedComponent> chain(std::string_view interface, Part innermost,
                                std::vector<Part> wrappers);

}  // namespace spindle::assemble
