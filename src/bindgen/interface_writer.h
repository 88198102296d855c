#pragma once

// InterfaceWriter: writes the three files of one interface's bindings (host_bindings.h).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bindgen/cpp_types.h"
#include "bindgen/function_writer.h"

namespace spindle::bindgen {

// What a program does with an interface: implements it, calls guests that export it, or both.
enum class Role : uint8_t { Host, Guest, Both };

class InterfaceWriter {
 public:
  InterfaceWriter(CppTypes& types, wit::InterfaceId id, Role role);

  std::string header();
  std::string abi_header();
  std::string source();

  // Each C++ type has one name; a resource that the guest defines has no class here.
  Result<void> check() const;

 private:
  bool is_host() const { return role_ != Role::Guest; }
  bool has_host() const { return is_host() && !functions_.empty(); }
  bool has_guest() const { return role_ != Role::Host && !functions_.empty(); }
  // Named types declared here, without aliases and resources, each after those it is made of.
  std::vector<wit::TypeId> declared_types() const;
  // Resources reachable from here, each once.
  std::vector<wit::TypeId> resources() const;
  std::vector<Form> forms_of(wit::TypeId id) const;

  std::string type_text(wit::TypeId id, Form form);
  bool compares(wit::Type type, Form form) const;
  std::string record(wit::TypeId id, const wit::Record& record, Form form);
  std::string variant(wit::TypeId id, const wit::Variant& variant, Form form);
  std::string aliases();
  std::string includes() const;
  // Streams or futures in its types or functions.
  bool uses_endpoints() const;
  std::string forward_declarations();
  std::string local(std::string text) const { return functions_.local(std::move(text)); }

  std::string abi_of(wit::TypeId id, Form form);
  std::string resource_table();
  std::string host_source();

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
  Role role_;
  FunctionWriter functions_;
};

}  // namespace spindle::bindgen
