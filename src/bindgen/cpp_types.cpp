#include "bindgen/cpp_types.h"

#include <fmt/format.h>

#include "base/overloaded.h"
#include "bindgen/declarations.h"

namespace spindle::bindgen {
namespace {

bool is_endpoint(const wit::TypeKind& kind) {
  return std::holds_alternative<wit::Stream>(kind) || std::holds_alternative<wit::Future>(kind);
}

}  // namespace

std::optional<wit::Primitive> CppTypes::primitive(wit::Type type) const {
  const wit::Type definition = resolve_->definition(type);
  if (const auto* found = std::get_if<wit::Primitive>(&definition)) return *found;
  return std::nullopt;
}

bool CppTypes::is_number(wit::Type type) const {
  const auto found = primitive(type);
  return found && *found != wit::Primitive::Bool && *found != wit::Primitive::Char &&
         *found != wit::Primitive::String && *found != wit::Primitive::ErrorContext;
}

std::string CppTypes::refuse(std::string_view what) {
  if (!error_) {
    error_ = Error::not_supported(fmt::format("bindings of a {} type are not supported", what));
  }
  return "void";
}

std::string CppTypes::value(wit::Type type, Form form) {
  const wit::Type definition = resolve_->definition(type);
  if (const auto* found = std::get_if<wit::Primitive>(&definition)) {
    if (form == Form::View && *found == wit::Primitive::String) return "std::string_view";
    const std::string_view name = primitive_name(*found);
    return name.empty() ? refuse("error-context") : std::string(name);
  }
  const auto id = std::get<wit::TypeId>(definition);
  return kind(resolve_->type(id).kind, id, form);
}

std::string CppTypes::list(wit::Type element, Form form) {
  if (form == Form::View && is_number(element)) {
    return fmt::format("std::span<const {}>", value(element, form));
  }
  return fmt::format("std::vector<{}>", value(element, form));
}

std::string CppTypes::endpoint(std::string_view name, const std::optional<wit::Type>& payload) {
  return fmt::format("::spindle::component::{}<{}>", name, result(payload));
}

std::string CppTypes::kind(const wit::TypeKind& type_kind, wit::TypeId id, Form form) {
  return std::visit(
      Overloaded{
          [&](const wit::Record&) { return named(id, form); },
          [&](const wit::Variant&) { return named(id, form); },
          [&](const wit::Enum&) { return named(id, form); },
          [&](const wit::Flags&) { return named(id, form); },
          [&](const wit::Tuple& tuple) {
            std::string items;
            for (const wit::Type& item : tuple.types) {
              if (!items.empty()) items += ", ";
              items += value(item, form);
            }
            return fmt::format("std::tuple<{}>", items);
          },
          [&](const wit::Option& option) {
            return fmt::format("std::optional<{}>", value(option.some, form));
          },
          [&](const wit::ResultType& result) {
            return fmt::format("std::expected<{}, {}>",
                               result.ok ? value(*result.ok, form) : "void",
                               result.error ? value(*result.error, form) : "std::monostate");
          },
          [&](const wit::List& items) { return list(items.element, form); },
          [&](const wit::Map& map) {
            return fmt::format("std::vector<std::tuple<{}, {}>>", value(map.key, form),
                               value(map.value, form));
          },
          [&](const wit::Handle& handle) {
            const std::string resource = resource_class(handle.resource);
            return handle.ownership == wit::Ownership::Own
                       ? fmt::format("std::unique_ptr<{}>", resource)
                       : resource + "*";
          },
          [&](const wit::FixedList&) { return refuse("fixed-length list"); },
          [&](const wit::Stream& stream) { return endpoint("Stream", stream.element); },
          [&](const wit::Future& future) { return endpoint("Future", future.value); },
          [&](const wit::Resource&) { return resource_class(id); },
          [&](const wit::Alias&) { return refuse("alias"); },
      },
      type_kind);
}

std::string CppTypes::initializer(wit::Type type) const {
  const wit::Type definition = resolve_->definition(type);
  const auto* id = std::get_if<wit::TypeId>(&definition);
  if (id == nullptr) return definition == wit::Type(wit::Primitive::String) ? "" : "{}";
  const wit::TypeKind& type_kind = resolve_->type(*id).kind;
  const auto* handle = std::get_if<wit::Handle>(&type_kind);
  const bool is_borrow = handle != nullptr && handle->ownership == wit::Ownership::Borrow;
  return is_borrow || std::holds_alternative<wit::Enum>(type_kind) ? "{}" : "";
}

std::string CppTypes::named(wit::TypeId id, Form form) {
  const wit::TypeDef& type = resolve_->type(id);
  const auto* owner = std::get_if<wit::InterfaceId>(&type.owner);
  if (owner == nullptr) return refuse("world's");
  const bool view = form == Form::View && forms_differ(id);
  return fmt::format("{}::{}{}", namespace_of(*owner), camel_case(type.name), view ? "View" : "");
}

const MappedResource* CppTypes::mapped(wit::TypeId resource) {
  const wit::TypeDef& type = resolve_->type(resolve_->definition(resource));
  const auto* owner = std::get_if<wit::InterfaceId>(&type.owner);
  return owner == nullptr ? nullptr : mapping_->find_resource(identity(*owner), type.name);
}

std::string CppTypes::resource_class(wit::TypeId resource) {
  if (const MappedResource* found = mapped(resource)) return "::" + found->class_name;
  const wit::TypeDef& type = resolve_->type(resolve_->definition(resource));
  const auto* owner = std::get_if<wit::InterfaceId>(&type.owner);
  if (owner != nullptr && mapping_->find_unsupported(identity(*owner)) != nullptr) {
    return fmt::format("{}::{}", namespace_of(*owner), camel_case(type.name));
  }
  if (!error_) {
    error_ = Error::invalid_input(
        fmt::format("resource `{}` of {} has no class: add a `resource` line to the mapping file",
                    type.name, owner ? resolve_->interface_id(*owner) : "a world"));
  }
  return "void";
}

// Types are acyclic, so both walks end.
bool CppTypes::forms_differ(wit::Type type) {
  const wit::Type definition = resolve_->definition(type);
  if (const auto* found = std::get_if<wit::Primitive>(&definition)) {
    return *found == wit::Primitive::String;
  }
  const wit::TypeKind& type_kind = resolve_->type(std::get<wit::TypeId>(definition)).kind;
  if (const auto* found = std::get_if<wit::List>(&type_kind); found && is_number(found->element)) {
    return true;
  }
  // What comes out of a stream is owned whichever way the stream goes.
  if (is_endpoint(type_kind)) return false;
  bool differ = false;
  wit::for_each_type(type_kind, [&](wit::Type inner) { differ = differ || forms_differ(inner); });
  return differ;
}

bool CppTypes::holds_own(wit::Type type) {
  const wit::Type definition = resolve_->definition(type);
  if (std::holds_alternative<wit::Primitive>(definition)) return false;
  const wit::TypeKind& type_kind = resolve_->type(std::get<wit::TypeId>(definition)).kind;
  if (const auto* handle = std::get_if<wit::Handle>(&type_kind)) {
    return handle->ownership == wit::Ownership::Own;
  }
  if (is_endpoint(type_kind)) return true;
  bool holds = false;
  wit::for_each_type(type_kind, [&](wit::Type inner) { holds = holds || holds_own(inner); });
  return holds;
}

bool CppTypes::holds_endpoint(wit::Type type) const {
  const wit::Type definition = resolve_->definition(type);
  if (std::holds_alternative<wit::Primitive>(definition)) return false;
  const wit::TypeKind& type_kind = resolve_->type(std::get<wit::TypeId>(definition)).kind;
  if (is_endpoint(type_kind)) return true;
  bool holds = false;
  wit::for_each_type(type_kind, [&](wit::Type inner) { holds = holds || holds_endpoint(inner); });
  return holds;
}

bool CppTypes::passed_by_value(wit::Type type) {
  if (holds_own(type)) return true;
  const wit::Type definition = resolve_->definition(type);
  if (std::holds_alternative<wit::Primitive>(definition)) return true;
  const wit::TypeKind& type_kind = resolve_->type(std::get<wit::TypeId>(definition)).kind;
  if (const auto* option = std::get_if<wit::Option>(&type_kind)) {
    return passed_by_value(option->some);
  }
  if (const auto* items = std::get_if<wit::List>(&type_kind)) return is_number(items->element);
  return std::holds_alternative<wit::Enum>(type_kind) ||
         std::holds_alternative<wit::Flags>(type_kind);
}

std::string CppTypes::parameter(wit::Type type) {
  const wit::Type definition = resolve_->definition(type);
  if (const auto* id = std::get_if<wit::TypeId>(&definition)) {
    const auto* handle = std::get_if<wit::Handle>(&resolve_->type(*id).kind);
    if (handle != nullptr && handle->ownership == wit::Ownership::Borrow) {
      return resource_class(handle->resource) + "&";
    }
  }
  const std::string plain = value(type, Form::View);
  return passed_by_value(type) ? plain : fmt::format("const {}&", plain);
}

std::string CppTypes::result(const std::optional<wit::Type>& type) {
  return type ? value(*type, Form::Owned) : "void";
}

InterfaceIdentity CppTypes::identity(wit::InterfaceId id) const {
  return {resolve_->interface_id(id), resolve_->interface_track_id(id)};
}

std::string CppTypes::namespace_of(wit::InterfaceId id) const {
  return fmt::format("::{}::{}", root_, interface_names(*resolve_, id).qualified());
}

}  // namespace spindle::bindgen
