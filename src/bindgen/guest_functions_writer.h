#pragma once

// GuestFunctionsWriter: the functions and resources of a scope. Imports are functions and classes
// to call; exports are functions to define, and abstract classes to derive from.

#include <string>

#include "bindgen/guest_scope.h"

namespace spindle::bindgen {

class GuestFunctionsWriter {
 public:
  GuestFunctionsWriter(GuestTypes& types, const GuestScope& scope) : types_(types), scope_(scope) {}

  std::string classes();
  std::string declarations();
  // Inside the scope's namespace.
  std::string definitions();

 private:
  bool is_export() const { return scope_.side == Side::Export; }
  std::string import_class(wit::TypeId id);
  std::string export_class(wit::TypeId id);
  std::string member(const wit::Function& function, const std::string& class_name);
  // Without qualifiers or a semicolon.
  std::string signature(const wit::Function& function, const std::string& qualifier);
  std::string result(const wit::Function& function);
  // `std::string_view a, int32_t b`, and the types as which they travel.
  std::string parameters(const wit::Function& function);
  std::string parameter_type(const wit::Function& function, wit::Type type);
  std::string travelling(const wit::Function& function);
  std::string import_definition(const wit::Function& function);
  std::string export_definition(const wit::Function& function);
  std::string resource_imports(wit::TypeId id);
  std::string resource_exports(wit::TypeId id);
  bool is_fallible_constructor(const wit::Function& function) const;

  GuestTypes& types_;
  const GuestScope& scope_;
};

// `int32_t, int64_t` of a flat type; `int32_t a0, int64_t a1` where named.
std::string core_types(std::string_view flat);
std::string core_parameters(std::string_view flat);

}  // namespace spindle::bindgen
