#pragma once

// GuestTypesWriter: the C++ declarations of a scope's types, and how they travel (Abi<T>).

#include <string>

#include "bindgen/guest_scope.h"

namespace spindle::bindgen {

class GuestTypesWriter {
 public:
  GuestTypesWriter(GuestTypes& types, const GuestScope& scope) : types_(types), scope_(scope) {}

  // Enums, flags, declarations of classes, aliases: before the classes of resources.
  std::string forward();
  // Records and variants, those that others are made of first.
  std::string structs();
  // Outside of all namespaces.
  std::string abi();

 private:
  std::vector<wit::TypeId> ordered_structs() const;
  std::string record(const wit::TypeDef& type, const wit::Record& record);
  std::string variant(const wit::TypeDef& type, const wit::Variant& variant);
  std::string abi_base(wit::TypeId id);
  std::string initializer(wit::Type type) const;

  GuestTypes& types_;
  const GuestScope& scope_;
};

}  // namespace spindle::bindgen
