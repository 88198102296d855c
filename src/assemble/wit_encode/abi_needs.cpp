#include "assemble/wit_encode/abi_needs.h"

#include <algorithm>

namespace spindle::assemble {
namespace {

constexpr uint32_t kFlatParamsMax = 16;
constexpr uint32_t kFlatAsyncParamsMax = 4;
constexpr uint32_t kFlatResultsMax = 1;
constexpr uint32_t kFlagsPerWord = 32;

}  // namespace

void AbiRules::append(Shape& whole, const Shape& part) {
  whole.flat = std::min(whole.flat + part.flat, kFlatMany);
  whole.has_pointers |= part.has_pointers;
  whole.has_strings |= part.has_strings;
}

void AbiRules::alternate(Shape& payload, const Shape& other) {
  payload.flat = std::max(payload.flat, other.flat);
  payload.has_pointers |= other.has_pointers;
  payload.has_strings |= other.has_strings;
}

AbiRules::Shape AbiRules::shape(const wit::Type& type) {
  if (const auto* id = std::get_if<wit::TypeId>(&type)) return shape(*id);
  if (std::get<wit::Primitive>(type) == wit::Primitive::String) return {2, true, true};
  return {1};
}

AbiRules::Shape AbiRules::shape(wit::TypeId id) {
  if (auto known = known_.find(id); known != known_.end()) return known->second;
  auto made = shape(resolve_.type(id).kind);
  known_.emplace(id, made);
  return made;
}

AbiRules::Shape AbiRules::shape(const wit::TypeKind& kind) {
  Shape whole;
  auto each_in_row = [&](wit::Type type) { append(whole, shape(type)); };
  auto each_instead = [&](wit::Type type) { alternate(whole, shape(type)); };
  if (const auto* flags = std::get_if<wit::Flags>(&kind)) {
    auto words = (flags->flags.size() + kFlagsPerWord - 1) / kFlagsPerWord;
    return {std::min(static_cast<uint32_t>(words), kFlatMany)};
  }
  if (const auto* fixed = std::get_if<wit::FixedList>(&kind)) {
    whole = shape(fixed->element);
    uint64_t flat = uint64_t{whole.flat} * fixed->length;
    whole.flat = static_cast<uint32_t>(std::min<uint64_t>(flat, kFlatMany));
    return whole;
  }
  if (std::holds_alternative<wit::List>(kind) || std::holds_alternative<wit::Map>(kind)) {
    wit::for_each_type(kind, each_in_row);
    return {2, true, whole.has_strings};
  }
  if (std::holds_alternative<wit::Record>(kind) || std::holds_alternative<wit::Tuple>(kind) ||
      std::holds_alternative<wit::Alias>(kind)) {
    wit::for_each_type(kind, each_in_row);
    return whole;
  }
  if (std::holds_alternative<wit::Variant>(kind) || std::holds_alternative<wit::Option>(kind) ||
      std::holds_alternative<wit::ResultType>(kind)) {
    wit::for_each_type(kind, each_instead);
    append(whole, {1});
    return whole;
  }
  // Enums and everything that is a handle.
  return {1};
}

AbiRules::Shape AbiRules::params(const wit::Function& function) {
  Shape whole;
  for (const auto& param : function.params) append(whole, shape(param.type));
  return whole;
}

AbiNeeds AbiRules::of_lowering(const wit::Function& function) {
  auto in = params(function);
  auto out = optional(function.result);
  AbiNeeds needs;
  needs.realloc = out.has_pointers;
  needs.memory =
      in.has_pointers || out.has_pointers || in.flat > kFlatParamsMax || out.flat > kFlatResultsMax;
  needs.encoding = in.has_strings || out.has_strings;
  return needs;
}

AbiNeeds AbiRules::of_lifting(const wit::Function& function) {
  auto in = params(function);
  auto out = optional(function.result);
  AbiNeeds needs;
  needs.realloc = in.has_pointers || in.flat > kFlatParamsMax;
  needs.memory = needs.realloc || out.has_pointers || out.flat > kFlatResultsMax;
  needs.encoding = in.has_strings || out.has_strings;
  return needs;
}

AbiNeeds AbiRules::of_async_lowering(const wit::Function& function) {
  auto in = params(function);
  auto out = optional(function.result);
  AbiNeeds needs;
  needs.realloc = out.has_pointers;
  needs.memory = in.has_pointers || in.flat > kFlatAsyncParamsMax || function.result.has_value();
  needs.encoding = in.has_strings || out.has_strings;
  return needs;
}

AbiNeeds AbiRules::of_async_lifting(const wit::Function& function) {
  auto in = params(function);
  auto out = optional(function.result);
  AbiNeeds needs;
  needs.realloc = in.has_pointers || in.flat > kFlatParamsMax;
  needs.memory = needs.realloc || out.has_pointers || out.flat > kFlatParamsMax;
  needs.encoding = in.has_strings || out.has_strings;
  return needs;
}

AbiNeeds AbiRules::of_task_return(const wit::Function& function) {
  auto needs = of_async_lifting(function);
  needs.realloc = false;
  return needs;
}

AbiNeeds AbiRules::of_reading(const std::optional<wit::Type>& payload) {
  auto needs = of_writing(payload);
  needs.realloc = optional(payload).has_pointers;
  return needs;
}

AbiNeeds AbiRules::of_writing(const std::optional<wit::Type>& payload) {
  AbiNeeds needs;
  needs.memory = payload.has_value();
  needs.encoding = optional(payload).has_strings;
  return needs;
}

}  // namespace spindle::assemble
