#pragma once

// TypeEncoder: types of the WIT model become type definitions of one scope: a component, an
// instance type, a wrapper of an exported interface. Each type is defined once a scope.
//
// What depends on the scope is left to it: where definitions go, how a named type gets its name (an
// import, an export, or not at all), what stands for a resource, and for a type that lives
// elsewhere.

#include <map>
#include <optional>

#include "assemble/wit_encode/world_view.h"
#include "base/result.h"
#include "component/binary/types.h"

namespace spindle::assemble {

class TypeEncoder {
 public:
  explicit TypeEncoder(const WorldView& world) : world_(world) {}
  virtual ~TypeEncoder() = default;
  TypeEncoder(const TypeEncoder&) = delete;
  TypeEncoder& operator=(const TypeEncoder&) = delete;

  Result<component::ValueTypeUse> use(const wit::Type& type);
  Result<component::TypeIndex> index(wit::TypeId id);
  // The type of a function.
  Result<component::TypeIndex> function(const wit::Function& function);
  // Types that have their names become ones without: what was defined so far is not used again.
  void forget() { known_.clear(); }

 protected:
  using Kind = decltype(component::TypeDef::kind);

  virtual component::TypeIndex define(Kind kind) = 0;
  // Gives the type the name of `id` in this scope; it is then referred to by the result.
  virtual Result<component::TypeIndex> name_type(wit::TypeId id, component::TypeIndex type) = 0;
  virtual Result<component::TypeIndex> resource(wit::TypeId id) = 0;
  // A named type that this scope takes from elsewhere; nothing if it is to be defined here.
  virtual Result<std::optional<component::TypeIndex>> elsewhere(wit::TypeId id) = 0;
  // The one that stands for all compatible versions of a type.
  virtual wit::TypeId canonical(wit::TypeId id) const { return world_.canonical(id); }

  const WorldView& world() const { return world_; }
  const wit::Resolve& resolve() const { return world_.resolve(); }

 private:
  Result<component::TypeIndex> encode(wit::TypeId id);
  Result<Kind> kind_of(const wit::TypeKind& kind);
  Result<Kind> kind_of_two(const wit::TypeKind& kind);
  Result<std::optional<component::ValueTypeUse>> use_optional(const std::optional<wit::Type>& type);
  Result<Kind> record(const wit::Record& record);
  Result<Kind> variant(const wit::Variant& variant);
  Result<Kind> tuple(const wit::Tuple& tuple);
  Result<Kind> handle(const wit::Handle& handle);

  const WorldView& world_;
  std::map<wit::TypeId, component::TypeIndex> known_;
};

}  // namespace spindle::assemble
