#pragma once

// LiveItems: which functions and types of imported interfaces a component needs. What nothing needs
// is left out of its imports, so that a host need not provide it.

#include <map>
#include <set>
#include <string>

#include "assemble/wit_encode/world_view.h"

namespace spindle::assemble {

struct LiveInterface {
  std::set<const wit::Function*> functions;
  std::set<wit::TypeId> types;  // canonical
};

class LiveItems {
 public:
  explicit LiveItems(const WorldView& world) : world_(world) {}

  // With the types that it mentions.
  void add_function(const ImportedInterface& interface, const wit::Function& function);
  void add_world_function(const wit::Function& function) { signature(function, Side::Import); }
  void add_type(wit::TypeId id) { visit(id, Side::Import); }
  // What an exported interface takes from imported ones.
  void add_exported_interface(wit::InterfaceId id);

  // Nothing if the interface is not needed at all.
  const LiveInterface* find(const ImportedInterface& interface) const;

 private:
  // From an export, a type of an interface that is both imported and exported is the exported one.
  enum class Side : uint8_t { Import, Export };

  void signature(const wit::Function& function, Side side);
  void visit(wit::TypeId id, Side side);
  void visit(const wit::Type& type, Side side) {
    if (const auto* id = std::get_if<wit::TypeId>(&type)) visit(*id, side);
  }

  const WorldView& world_;
  std::map<const ImportedInterface*, LiveInterface> interfaces_;
  std::set<std::pair<wit::TypeId, Side>> seen_;
};

}  // namespace spindle::assemble
