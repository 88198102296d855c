// Subtyping of core types: declared supertypes, and which values may stand for which.

#include <fmt/format.h>

#include <algorithm>

#include "component/validate/core_arena.h"

namespace spindle::component {
namespace {

constexpr size_t kMaxSubtypeDepth = 63;

}  // namespace

// The types from `first` on are new.
Result<void> CoreArena::check_supertypes(uint32_t first) const {
  for (size_t i = first; i < types_.size(); ++i) TRY(check_supertype(CoreTypeId(i)));
  return {};
}

Result<void> CoreArena::check_supertype(CoreTypeId id) const {
  const auto& type = types_[id.value];
  if (const auto* continuation = std::get_if<CoreContType>(&type.composite)) {
    if (find_function(CoreTypeId(continuation->function_type)) == nullptr) {
      return Error::invalid_input("a continuation type needs a function type");
    }
  }
  if (type.supertypes.empty()) return {};
  if (type.supertypes.size() > 1) {
    return Error::invalid_input("a core type can extend one type only");
  }
  const auto* super = &types_[type.supertypes.front()];
  if (super->is_final) return Error::invalid_input("a core type cannot extend a final type");
  if (!fits(type, *super)) {
    return Error::invalid_input("a core type does not match the type that it extends");
  }
  size_t depth = 1;
  while (!super->supertypes.empty()) {
    if (++depth > kMaxSubtypeDepth) {
      return Error::limit_exceeded(
          fmt::format("core types extend each other deeper than {} levels", kMaxSubtypeDepth));
    }
    super = &types_[super->supertypes.front()];
  }
  return {};
}

bool CoreArena::fits(const CoreSubType& type, const CoreSubType& super) const {
  if (type.is_shared != super.is_shared || type.composite.index() != super.composite.index()) {
    return false;
  }
  auto all_fit = [&](const auto& actual, const auto& expected) {
    return std::ranges::equal(actual, expected,
                              [&](const auto& a, const auto& b) { return is_value_subtype(a, b); });
  };
  if (const auto* function = std::get_if<CoreFuncType>(&type.composite)) {
    const auto& wanted = std::get<CoreFuncType>(super.composite);
    return all_fit(wanted.params, function->params) && all_fit(function->results, wanted.results);
  }
  if (const auto* structure = std::get_if<CoreStructType>(&type.composite)) {
    const auto& wanted = std::get<CoreStructType>(super.composite).fields;
    if (structure->fields.size() < wanted.size()) return false;
    return std::ranges::equal(
        wanted, std::span(structure->fields).first(wanted.size()),
        [&](const CoreFieldType& a, const CoreFieldType& b) { return fits(b, a); });
  }
  if (const auto* array = std::get_if<CoreArrayType>(&type.composite)) {
    return fits(array->element, std::get<CoreArrayType>(super.composite).element);
  }
  auto function = CoreTypeId(std::get<CoreContType>(type.composite).function_type);
  return is_subtype(function, CoreTypeId(std::get<CoreContType>(super.composite).function_type));
}

bool CoreArena::fits(const CoreFieldType& field, const CoreFieldType& super) const {
  if (field.is_mutable != super.is_mutable || field.packed_bits != super.packed_bits) return false;
  if (field.packed_bits != 0) return true;
  // What can be written must be the same type in both directions.
  return is_value_subtype(field.type, super.type) &&
         (!field.is_mutable || is_value_subtype(super.type, field.type));
}

bool CoreArena::is_subtype(CoreTypeId actual, CoreTypeId expected) const {
  // Supertypes precede their subtypes, so the walk ends.
  for (;;) {
    if (actual == expected) return true;
    const auto& supertypes = types_[actual.value].supertypes;
    if (supertypes.empty() || supertypes.front() >= actual.value) return false;
    actual = CoreTypeId(supertypes.front());
  }
}

bool CoreArena::is_value_subtype(const CoreValueType& actual, const CoreValueType& expected) const {
  if (actual == expected) return true;
  if (actual.kind != CoreValueKind::Reference || expected.kind != actual.kind) return false;
  if (actual.nullable && !expected.nullable) return false;
  if (actual.shared != expected.shared || (expected.exact && !actual.exact)) return false;
  return is_heap_subtype(actual, expected);
}

// What a concrete type is directly below.
CoreHeapKind CoreArena::abstract_heap(const CoreValueType& type) const {
  if (type.heap != CoreHeapKind::Concrete) return type.heap;
  constexpr std::array kKinds = {CoreHeapKind::Func, CoreHeapKind::Struct, CoreHeapKind::Array,
                                 CoreHeapKind::Cont};
  return kKinds[types_[type.heap_type].composite.index()];
}

bool CoreArena::is_heap_subtype(const CoreValueType& actual, const CoreValueType& expected) const {
  if (expected.heap == CoreHeapKind::Concrete) {
    if (actual.heap == CoreHeapKind::Concrete) {
      if (expected.exact) return actual.heap_type == expected.heap_type;
      return is_subtype(CoreTypeId(actual.heap_type), CoreTypeId(expected.heap_type));
    }
    switch (abstract_heap(expected)) {
      case CoreHeapKind::Func: return actual.heap == CoreHeapKind::NoFunc;
      case CoreHeapKind::Cont: return actual.heap == CoreHeapKind::NoCont;
      default: return actual.heap == CoreHeapKind::None;
    }
  }
  auto heap = abstract_heap(actual);
  if (heap == expected.heap) return true;
  bool is_aggregate = heap == CoreHeapKind::Struct || heap == CoreHeapKind::Array;
  switch (expected.heap) {
    case CoreHeapKind::Func: return heap == CoreHeapKind::NoFunc;
    case CoreHeapKind::Extern: return heap == CoreHeapKind::NoExtern;
    case CoreHeapKind::Exn: return heap == CoreHeapKind::NoExn;
    case CoreHeapKind::Cont: return heap == CoreHeapKind::NoCont;
    case CoreHeapKind::Any:
      return is_aggregate || heap == CoreHeapKind::Eq || heap == CoreHeapKind::I31 ||
             heap == CoreHeapKind::None;
    case CoreHeapKind::Eq:
      return is_aggregate || heap == CoreHeapKind::I31 || heap == CoreHeapKind::None;
    case CoreHeapKind::I31:
    case CoreHeapKind::Struct:
    case CoreHeapKind::Array: return heap == CoreHeapKind::None;
    default: return false;
  }
}

}  // namespace spindle::component
