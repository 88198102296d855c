#pragma once

// FunctionWriter: the functions of one interface, or of the root of a world, in C++: class Host
// with the table that lets guests call it, and class Guest, which calls a component that exports
// them. Both have the same signatures: parameters view, results own.

#include <span>
#include <string>
#include <vector>

#include "bindgen/cpp_types.h"

namespace spindle::bindgen {

class FunctionWriter {
 public:
  // `identity.id` is what the functions are imported and exported under; empty for a world's root.
  // `ns` is the namespace that the text will stand in, as CppTypes::namespace_of() writes it.
  FunctionWriter(CppTypes& types, std::vector<const wit::Function*> functions,
                 InterfaceIdentity identity, std::string ns)
      : types_(&types),
        functions_(std::move(functions)),
        identity_(std::move(identity)),
        ns_(std::move(ns)) {}

  bool empty() const { return functions_.empty(); }
  // A stream or future in a parameter or result.
  bool use_endpoints() const;
  std::span<const wit::Function* const> functions() const { return functions_; }

  // Types of a reasonable size, no two methods of one name. To be asked first.
  Result<void> check() const;

  // `::spindle::Result<T> name(params)`, as in Host.
  std::string signature(const wit::Function& function);
  // Declarations; nothing where there are no functions.
  std::string host_class();
  std::string guest_class();
  // `constexpr HostFunction kFunctions[]`.
  std::string function_table();
  // The members of Guest.
  std::string guest_source();

  // Names of the namespace without it, for places where no case struct hides them.
  std::string local(std::string text) const;

 private:
  struct Call {
    std::string name;  // empty for a function that is async in WIT
    std::string async_name;
    std::string result;
    std::string params;     // `std::string_view name, const Point& at`
    std::string types;      // `std::string_view, const Point&`
    std::string arguments;  // `name, at`, moved where a value must be
  };
  Call call(const wit::Function& function);
  std::string type_literal(const wit::Function& function);

  CppTypes* types_;
  std::vector<const wit::Function*> functions_;
  InterfaceIdentity identity_;
  std::string ns_;
};

// `// ` comment lines of WIT documentation.
std::string comment(std::string_view docs, std::string_view indent);

}  // namespace spindle::bindgen
