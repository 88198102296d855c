#pragma once

// InterfaceWriter: writes the three files of one interface's host bindings (host_bindings.h).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bindgen/cpp_types.h"

namespace spindle::bindgen {

class InterfaceWriter {
 public:
  InterfaceWriter(CppTypes& types, wit::InterfaceId id);

  std::string header();
  std::string abi_header();
  std::string source();

 private:
  bool has_functions() const { return !interface_->functions.empty(); }
  // Named types declared here, without aliases and resources, each after those it is made of.
  std::vector<wit::TypeId> declared_types() const;
  // Resources reachable from here, each once.
  std::vector<wit::TypeId> resources() const;
  std::vector<Form> forms_of(wit::TypeId id) const;

  std::string type_text(wit::TypeId id, Form form);
  std::string record(const wit::TypeDef& type, const wit::Record& record, Form form);
  std::string variant(const wit::TypeDef& type, const wit::Variant& variant, Form form);
  std::string enumeration(const wit::TypeDef& type, const wit::Enum& enumeration);
  std::string flags(const wit::TypeDef& type, const wit::Flags& flags);
  std::string aliases();
  std::string forward_declarations();
  std::string host_class();
  // `Result<T> name(params)`.
  std::string signature(const wit::Function& function);

  // Names of this interface without its namespace, for places where no case struct hides them.
  std::string local(std::string text) const;

  std::string abi_of(wit::TypeId id, Form form);
  std::string function_table();
  std::string resource_table();

  std::string unsupported_class(const MappedUnsupported& unsupported);
  std::string unsupported_answer(const MappedUnsupported& unsupported,
                                 const wit::Function& function);
  // An expression of this error type, or nothing where none can be made.
  std::optional<std::string> error_value(const MappedUnsupported& unsupported, wit::Type error);
  std::string variant_error(const MappedUnsupported& unsupported, wit::TypeId id,
                            const wit::Variant& variant);

  CppTypes* types_;
  const wit::Resolve* resolve_;
  wit::InterfaceId id_;
  const wit::Interface* interface_;
  InterfaceNames names_;
  InterfaceIdentity identity_;
  const MappedUnsupported* unsupported_;
};

// `// ` comment lines of WIT documentation.
std::string comment(std::string_view docs, std::string_view indent);

}  // namespace spindle::bindgen
