#pragma once

// CppTypes: the C++ type of each WIT type, in the two forms that host bindings need.
//
//   View    parameters: strings are std::string_view, lists of numbers std::span<const T>; they
//           point into guest memory
//   Owned   results: std::string, std::vector<T>
//
// Streams and futures have one form: their payload is owned, it comes when the call is over.
// Records and variants whose forms differ have two C++ types, Foo and FooView. Types that bindings
// cannot express are collected as an error, so that the walk itself stays simple.

#include <optional>
#include <string>

#include "base/result.h"
#include "bindgen/mapping.h"
#include "bindgen/names.h"
#include "wit/model.h"

namespace spindle::bindgen {

enum class Form : uint8_t { View, Owned };

class CppTypes {
 public:
  CppTypes(const wit::Resolve& resolve, const Mapping& mapping, std::string root)
      : resolve_(&resolve), mapping_(&mapping), root_(std::move(root)) {}

  // As a field or an element.
  std::string value(wit::Type type, Form form);
  // As a parameter: by reference where a copy would cost.
  std::string parameter(wit::Type type);
  // An absent payload: `void` as the value of a std::expected, `std::monostate` as its error.
  std::string result(const std::optional<wit::Type>& type);

  // `{}` for a member that would be left uninitialized. Others must not have one: it would need the
  // classes of resources to be complete.
  std::string initializer(wit::Type type) const;

  // `::spindle::bindings::wasi::io_0_2::streams::StreamError`.
  std::string named(wit::TypeId id, Form form);
  std::string resource_class(wit::TypeId resource);
  // Of this resource; empty where bindings define the class themselves.
  const MappedResource* mapped(wit::TypeId resource);

  bool forms_differ(wit::Type type);
  // Something that can only be moved: an owned handle, a stream, a future.
  bool holds_own(wit::Type type);
  // A stream or future, which does not compare.
  bool holds_endpoint(wit::Type type) const;

  InterfaceIdentity identity(wit::InterfaceId id) const;
  // `::spindle::bindings::wasi::io_0_2::streams`.
  std::string namespace_of(wit::InterfaceId id) const;

  const wit::Resolve& resolve() const { return *resolve_; }
  const Mapping& mapping() const { return *mapping_; }
  const std::string& root() const { return root_; }
  // The first thing that bindings cannot express.
  const std::optional<Error>& error() const { return error_; }
  void set_error(const Error& error) {
    if (!error_) error_ = error;
  }

 private:
  std::string kind(const wit::TypeKind& kind, wit::TypeId id, Form form);
  std::string list(wit::Type element, Form form);
  std::string endpoint(std::string_view name, const std::optional<wit::Type>& payload);
  std::string refuse(std::string_view what);
  std::optional<wit::Primitive> primitive(wit::Type type) const;
  bool is_number(wit::Type type) const;
  bool passed_by_value(wit::Type type);

  const wit::Resolve* resolve_;
  const Mapping* mapping_;
  std::string root_;
  std::optional<Error> error_;
};

}  // namespace spindle::bindgen
