#include "bindgen/guest_types.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/overloaded.h"
#include "bindgen/declarations.h"
#include "bindgen/names.h"

namespace spindle::bindgen {
namespace {

std::string_view primitive_flat(wit::Primitive primitive) {
  switch (primitive) {
    case wit::Primitive::U64:
    case wit::Primitive::S64: return "l";
    case wit::Primitive::F32: return "f";
    case wit::Primitive::F64: return "d";
    case wit::Primitive::String: return "ii";
    default: return "i";
  }
}

// Two cases of a variant share a slot.
char join(char a, char b) {
  if (a == b) return a;
  const bool both_narrow = (a == 'i' || a == 'f') && (b == 'i' || b == 'f');
  return both_narrow ? 'i' : 'l';
}

std::vector<std::optional<wit::Type>> payloads(const wit::Variant& variant) {
  std::vector<std::optional<wit::Type>> found;
  for (const wit::Case& item : variant.cases) found.push_back(item.payload);
  return found;
}

}  // namespace

GuestTypes::GuestTypes(const wit::Resolve& resolve, wit::WorldId world, std::string root)
    : resolve_(&resolve), world_(world), root_(std::move(root)) {
  for (const wit::WorldItem& item : resolve.world(world).exports) {
    if (const auto* interface = std::get_if<wit::WorldInterface>(&item.item)) {
      exported_.insert(interface->id.value);
    }
  }
}

void GuestTypes::name_inline(wit::InterfaceId id, std::string name) {
  inline_.insert_or_assign(id.value, std::move(name));
}

const wit::TypeKind* GuestTypes::kind_of(wit::Type type) const {
  const wit::Type definition = resolve_->definition(type);
  const auto* id = std::get_if<wit::TypeId>(&definition);
  return id == nullptr ? nullptr : &resolve_->type(*id).kind;
}

std::optional<wit::Primitive> GuestTypes::primitive(wit::Type type) const {
  const wit::Type definition = resolve_->definition(type);
  if (const auto* found = std::get_if<wit::Primitive>(&definition)) return *found;
  return std::nullopt;
}

std::string GuestTypes::refuse(std::string_view what) {
  if (!error_) {
    error_ = Error::not_supported(fmt::format("guest bindings of {} are not supported", what));
  }
  return "void";
}

Side GuestTypes::side_of(wit::TypeId id, Side side) const {
  const auto* owner = std::get_if<wit::InterfaceId>(&resolve_->type(id).owner);
  return side == Side::Export && owner != nullptr && is_exported(*owner) ? Side::Export
                                                                         : Side::Import;
}

std::string GuestTypes::namespace_of(const wit::Owner& owner, Side side) const {
  std::string space = root_ + (side == Side::Export ? "::exports" : "");
  const auto* id = std::get_if<wit::InterfaceId>(&owner);
  if (id == nullptr) return space;
  if (auto found = inline_.find(id->value); found != inline_.end()) {
    return space + "::" + found->second;
  }
  return space + "::" + interface_names(*resolve_, *id).qualified();
}

std::string GuestTypes::named(wit::TypeId id, Side side) {
  const wit::TypeDef& type = resolve_->type(id);
  return fmt::format("::{}::{}", namespace_of(type.owner, side_of(id, side)),
                     camel_case(type.name));
}

std::string GuestTypes::value(const std::optional<wit::Type>& type, Side side) {
  return type ? value(*type, side) : "void";
}

std::string GuestTypes::value(wit::Type type, Side side) {
  const wit::Type definition = resolve_->definition(type);
  if (const auto* found = std::get_if<wit::Primitive>(&definition)) {
    const std::string_view name = primitive_name(*found);
    return name.empty() ? refuse("error-context") : std::string(name);
  }
  return kind(std::get<wit::TypeId>(definition), side);
}

std::string GuestTypes::handle(const wit::Handle& handle, Side side) {
  const wit::TypeId resource = resolve_->definition(handle.resource);
  const bool is_ours = side_of(resource, side) == Side::Export;
  const std::string name = named(resource, side);
  if (handle.ownership == wit::Ownership::Own) {
    return is_ours ? fmt::format("::spindle::abi::Own<{}>", name) : name;
  }
  return fmt::format("{}<{}>", is_ours ? "std::reference_wrapper" : "::spindle::abi::Borrow", name);
}

std::string GuestTypes::kind(wit::TypeId id, Side side) {
  return std::visit(Overloaded{
                        [&](const wit::Record&) { return named(id, side); },
                        [&](const wit::Variant&) { return named(id, side); },
                        [&](const wit::Enum&) { return named(id, side); },
                        [&](const wit::Flags&) { return named(id, side); },
                        [&](const wit::Tuple& tuple) {
                          std::string items;
                          for (const wit::Type& item : tuple.types) {
                            items += (items.empty() ? "" : ", ") + value(item, side);
                          }
                          return fmt::format("std::tuple<{}>", items);
                        },
                        [&](const wit::Option& option) {
                          return fmt::format("std::optional<{}>", value(option.some, side));
                        },
                        [&](const wit::ResultType& result) {
                          return fmt::format(
                              "std::expected<{}, {}>", value(result.ok, side),
                              result.error ? value(*result.error, side) : "std::monostate");
                        },
                        [&](const wit::List& list) {
                          return fmt::format("std::vector<{}>", value(list.element, side));
                        },
                        [&](const wit::Map& map) {
                          return fmt::format("std::vector<std::tuple<{}, {}>>",
                                             value(map.key, side), value(map.value, side));
                        },
                        [&](const wit::Handle& found) { return handle(found, side); },
                        [&](const wit::FixedList&) { return refuse("fixed-length lists"); },
                        [&](const wit::Stream& stream) {
                          return fmt::format("::spindle::Stream<{}>", value(stream.element, side));
                        },
                        [&](const wit::Future& future) {
                          return fmt::format("::spindle::Future<{}>", value(future.value, side));
                        },
                        [&](const wit::Resource&) { return named(id, side); },
                        [&](const wit::Alias&) { return refuse("an alias of nothing"); },
                    },
                    resolve_->type(id).kind);
}

bool GuestTypes::moves(wit::Type type) const {
  const wit::TypeKind* found = kind_of(type);
  if (found == nullptr) return false;
  if (std::holds_alternative<wit::Handle>(*found) || std::holds_alternative<wit::Stream>(*found) ||
      std::holds_alternative<wit::Future>(*found)) {
    return true;
  }
  bool any = false;
  wit::for_each_type(*found, [&](wit::Type inner) { any = any || moves(inner); });
  return any;
}

bool GuestTypes::holds_endpoint(wit::Type type) const {
  const wit::TypeKind* found = kind_of(type);
  if (found == nullptr) return false;
  bool any =
      std::holds_alternative<wit::Stream>(*found) || std::holds_alternative<wit::Future>(*found);
  wit::for_each_type(*found, [&](wit::Type inner) { any = any || holds_endpoint(inner); });
  return any;
}

std::string GuestTypes::parameter(wit::Type type) {
  const std::string owned = value(type, Side::Import);
  if (primitive(type) == wit::Primitive::String) return "std::string_view";
  const wit::TypeKind* found = kind_of(type);
  if (found == nullptr || std::holds_alternative<wit::Enum>(*found) ||
      std::holds_alternative<wit::Flags>(*found)) {
    return owned;
  }
  if (const auto* handle = std::get_if<wit::Handle>(found)) {
    if (handle->ownership == wit::Ownership::Own) return owned;
    return fmt::format("const {}&", named(resolve_->definition(handle->resource), Side::Import));
  }
  if (moves(type)) return owned;
  const std::string as = lowered(type);
  return as == owned ? fmt::format("const {}&", owned) : as;
}

std::string GuestTypes::lowered(wit::Type type) {
  if (primitive(type) == wit::Primitive::String) return "std::string_view";
  const wit::TypeKind* found = kind_of(type);
  const auto* list = found == nullptr ? nullptr : std::get_if<wit::List>(found);
  // A vector of bool is no range of bool, and what is moved is moved in a vector.
  if (list == nullptr || moves(type) || primitive(list->element) == wit::Primitive::Bool) {
    return value(type, Side::Import);
  }
  return fmt::format("std::span<const {}>", value(list->element, Side::Import));
}

std::string GuestTypes::flat(const std::optional<wit::Type>& type) const {
  return type ? flat(*type) : std::string();
}

std::string GuestTypes::flat_cases(const std::vector<std::optional<wit::Type>>& cases) const {
  std::string joined;
  for (const auto& payload : cases) {
    const std::string own = flat(payload);
    for (size_t i = 0; i < own.size(); ++i) {
      if (i < joined.size()) {
        joined[i] = join(joined[i], own[i]);
      } else {
        joined.push_back(own[i]);
      }
    }
  }
  return "i" + joined;
}

std::string GuestTypes::flat(wit::Type type) const {
  if (auto found = primitive(type)) return std::string(primitive_flat(*found));
  return std::visit(
      Overloaded{
          [&](const wit::Record& record) {
            std::string all;
            for (const wit::Field& field : record.fields) all += flat(field.type);
            return all;
          },
          [&](const wit::Tuple& tuple) {
            std::string all;
            for (const wit::Type& item : tuple.types) all += flat(item);
            return all;
          },
          [&](const wit::Variant& variant) { return flat_cases(payloads(variant)); },
          [&](const wit::Option& option) { return flat_cases({std::nullopt, option.some}); },
          [&](const wit::ResultType& result) { return flat_cases({result.ok, result.error}); },
          [&](const wit::List&) { return std::string("ii"); },
          [&](const wit::Map&) { return std::string("ii"); },
          [&](const wit::Flags& flags) { return std::string(flags.flags.empty() ? "" : "i"); },
          [&](const auto&) { return std::string("i"); },
      },
      *kind_of(type));
}

}  // namespace spindle::bindgen
