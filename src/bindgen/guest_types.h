#pragma once

// GuestTypes: the C++ type of each WIT type in a guest of one world.
//
// A type has one C++ form, which owns what it holds; parameters of imports are views of it where
// that saves a copy. What a world exports lives in the namespace `exports`, with types of its own
// even where it imports the same interface: so each type is named for a Side.
//
//   own handle      of an imported resource its class, of an exported one spindle::abi::Own<R>
//   borrow handle   spindle::abi::Borrow<R>; of an exported resource std::reference_wrapper<R>
//
// Types that guests cannot express are kept as an error, so that the walk itself stays simple.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "wit/model.h"

namespace spindle::bindgen {

enum class Side : uint8_t { Import, Export };

class GuestTypes {
 public:
  GuestTypes(const wit::Resolve& resolve, wit::WorldId world, std::string root);

  // As a field, an element, a result, an argument that is given away.
  std::string value(wit::Type type, Side side);
  std::string value(const std::optional<wit::Type>& type, Side side);
  // What the caller of an import passes, and the type as which it is lowered.
  std::string parameter(wit::Type type);
  std::string lowered(wit::Type type);

  // `::bindings::wasi::io_0_2::streams::StreamError`.
  std::string named(wit::TypeId id, Side side);
  std::string namespace_of(const wit::Owner& owner, Side side) const;
  // The namespace of an interface that is written in the world, which has no name of its own.
  void name_inline(wit::InterfaceId id, std::string name);

  // The side of which a type is for whoever is on `side`.
  Side side_of(wit::TypeId id, Side side) const;
  bool is_exported(wit::InterfaceId id) const { return exported_.contains(id.value); }

  // Something that can only be moved.
  bool moves(wit::Type type) const;
  bool compares(wit::Type type) const { return !moves(type); }
  // A stream or a future.
  bool holds_endpoint(wit::Type type) const;
  // The core types that it is: one of i, l, f, d each.
  std::string flat(wit::Type type) const;
  std::string flat(const std::optional<wit::Type>& type) const;

  const wit::Resolve& resolve() const { return *resolve_; }
  wit::WorldId world_id() const { return world_; }
  const wit::World& world() const { return resolve_->world(world_); }
  const std::string& root() const { return root_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  std::string kind(wit::TypeId id, Side side);
  std::string handle(const wit::Handle& handle, Side side);
  std::string refuse(std::string_view what);
  std::string flat_cases(const std::vector<std::optional<wit::Type>>& cases) const;
  std::optional<wit::Primitive> primitive(wit::Type type) const;
  const wit::TypeKind* kind_of(wit::Type type) const;

  const wit::Resolve* resolve_;
  wit::WorldId world_;
  std::string root_;
  std::set<uint32_t> exported_;
  std::map<uint32_t, std::string> inline_;
  std::optional<Error> error_;
};

}  // namespace spindle::bindgen
