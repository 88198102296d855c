#pragma once

// WorldView: what a world imports and exports, with versions of an interface that are compatible
// with one another seen as one.
//
//   import wasi:io/streams@0.2.0;  import wasi:io/streams@0.2.12;
//
// are one ImportedInterface, named by its newest version. Items are looked up in the newest version
// first, so a type that several have is always the same TypeId, its canonical one.

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "wit/model.h"

namespace spindle::assemble {

struct ImportedInterface {
  std::string_view name;                   // as the newest version is called
  std::vector<wit::InterfaceId> versions;  // newest first
  // By name, each from the newest version that has it.
  std::unordered_map<std::string, const wit::Function*> functions;
  std::unordered_map<std::string_view, wit::TypeId> types;
};

class WorldView {
 public:
  // The model must outlive the view.
  WorldView(const wit::Resolve& resolve, wit::WorldId world);

  const wit::Resolve& resolve() const { return resolve_; }
  const wit::World& world() const { return world_; }
  // In the order of the world.
  const std::vector<ImportedInterface>& imports() const { return imports_; }

  // By the name of any compatible version.
  const ImportedInterface* find_import(std::string_view name) const;
  const ImportedInterface* find_import(wit::InterfaceId id) const;
  // A function of the world itself.
  const wit::Function* find_import_function(const std::string& name) const;
  // By its name in a component: `[method]stream.read`.
  static const wit::Function* find_function(const ImportedInterface& interface,
                                            const std::string& name);
  static std::optional<wit::TypeId> find_type(const ImportedInterface& interface,
                                              std::string_view name);
  // An item of the world that exports this interface.
  const wit::WorldItem* find_export(wit::InterfaceId id) const;
  const wit::WorldItem* find_export(std::string_view name) const;

  // Whether the interface that declares this type is exported.
  bool is_exported(wit::TypeId id) const;
  // Of a type of an imported interface; any other type is its own.
  wit::TypeId canonical(wit::TypeId id) const;

 private:
  void add_import(const wit::WorldItem& item, wit::InterfaceId id);
  void index_items(ImportedInterface& interface);

  const wit::Resolve& resolve_;
  const wit::World& world_;
  std::vector<ImportedInterface> imports_;
  std::unordered_map<std::string, const wit::Function*> import_functions_;
  std::map<wit::InterfaceId, const wit::WorldItem*> exports_by_id_;
  std::unordered_map<std::string_view, const wit::WorldItem*> exports_by_name_;
  // Of interfaces of several versions.
  std::map<wit::TypeId, wit::TypeId> canonical_;
  std::map<std::string, size_t, std::less<>> by_track_;
  std::map<wit::InterfaceId, size_t> by_id_;
};

// `wasi:io/streams@0.2.6` is `wasi:io/streams@0.2`; other names are themselves.
std::string track_name(std::string_view name);

}  // namespace spindle::assemble
