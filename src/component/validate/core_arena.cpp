#include "component/validate/core_arena.h"

#include <fmt/format.h>

#include <set>

#include "component/binary/limits.h"

namespace spindle::component {
namespace {

// Writes a rec group as bytes that are equal for equal groups. References to types of the group
// itself are relative, others are canonical ids.
class GroupKey {
 public:
  GroupKey(uint32_t base, const std::vector<CoreTypeId>& space) : base_(base), space_(space) {}

  std::string write(const CoreRecGroup& group) {
    for (const auto& type : group.types) {
      add(type.is_final ? 1 : 0);
      add(type.is_shared ? 1 : 0);
      add(static_cast<uint32_t>(type.supertypes.size()));
      for (auto index : type.supertypes) add_reference(index);
      add(static_cast<uint32_t>(type.composite.index()));
      std::visit([this](const auto& composite) { add_composite(composite); }, type.composite);
    }
    return std::move(key_);
  }

 private:
  void add(uint32_t number) { key_.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void add_reference(uint32_t index) {
    add(index >= base_ ? 1 : 0);
    add(index >= base_ ? index - base_ : space_[index].value);
  }
  void add_value(const CoreValueType& type) {
    add(static_cast<uint32_t>(type.kind));
    if (type.kind != CoreValueKind::Reference) return;
    add((type.nullable ? 1U : 0U) | (type.shared ? 2U : 0U) | (type.exact ? 4U : 0U));
    add(static_cast<uint32_t>(type.heap));
    if (type.heap == CoreHeapKind::Concrete) add_reference(type.heap_type);
  }
  void add_field(const CoreFieldType& field) {
    add(field.packed_bits);
    add(field.is_mutable ? 1 : 0);
    if (field.packed_bits == 0) add_value(field.type);
  }
  void add_composite(const CoreFuncType& type) {
    add(static_cast<uint32_t>(type.params.size()));
    for (const auto& param : type.params) add_value(param);
    add(static_cast<uint32_t>(type.results.size()));
    for (const auto& result : type.results) add_value(result);
  }
  void add_composite(const CoreStructType& type) {
    add(static_cast<uint32_t>(type.fields.size()));
    for (const auto& field : type.fields) add_field(field);
  }
  void add_composite(const CoreArrayType& type) { add_field(type.element); }
  void add_composite(const CoreContType& type) { add_reference(type.function_type); }

  uint32_t base_;
  const std::vector<CoreTypeId>& space_;
  std::string key_;
};

// Calls `visit` with every type index inside `type`.
template <typename Type, typename F>
void for_each_value(Type& type, F visit) {
  if (auto* function = std::get_if<CoreFuncType>(&type.composite)) {
    for (auto& param : function->params) visit(param);
    for (auto& result : function->results) visit(result);
  } else if (auto* structure = std::get_if<CoreStructType>(&type.composite)) {
    for (auto& field : structure->fields) visit(field.type);
  } else if (auto* array = std::get_if<CoreArrayType>(&type.composite)) {
    visit(array->element.type);
  }
}

Result<void> check_group_bounds(const CoreRecGroup& group, const std::vector<CoreTypeId>& space) {
  auto is_bad = [&](uint32_t index, size_t limit) {
    return index >= limit || (index < space.size() && space[index] == kNotACoreType);
  };
  auto limit = space.size() + group.types.size();
  auto out_of_bounds = [](uint32_t index) {
    return Error::invalid_input(fmt::format("core type index {} is out of bounds", index));
  };
  for (size_t i = 0; i < group.types.size(); ++i) {
    const auto& type = group.types[i];
    for (auto index : type.supertypes) {
      if (is_bad(index, space.size() + i)) return out_of_bounds(index);
    }
    std::optional<uint32_t> bad;
    for_each_value(type, [&](const CoreValueType& value) {
      if (value.kind == CoreValueKind::Reference && value.heap == CoreHeapKind::Concrete &&
          is_bad(value.heap_type, limit)) {
        bad = value.heap_type;
      }
    });
    if (bad) return out_of_bounds(*bad);
    const auto* continuation = std::get_if<CoreContType>(&type.composite);
    if (continuation != nullptr && is_bad(continuation->function_type, limit)) {
      return out_of_bounds(continuation->function_type);
    }
  }
  return {};
}

Error mismatch(std::string_view what) {
  return Error::invalid_input(fmt::format("{} do not match", what));
}

Result<void> match_limits(const CoreLimits& actual, const CoreLimits& expected,
                          std::string_view what) {
  if (actual.is_64 != expected.is_64) {
    return Error::invalid_input(fmt::format("{}: index types do not match", what));
  }
  if (actual.is_shared != expected.is_shared) {
    return Error::invalid_input(fmt::format("{}: one is shared, the other is not", what));
  }
  bool fits = actual.minimum >= expected.minimum &&
              (!expected.maximum || (actual.maximum && *actual.maximum <= *expected.maximum));
  if (!fits) return Error::invalid_input(fmt::format("{}: the limits do not match", what));
  return {};
}

// The engine checks the memories of real modules; those of module types exist only here.
Result<void> check_memory(const CoreMemoryType& memory) {
  const auto& limits = memory.limits;
  if (memory.page_size_log2 != 0 && memory.page_size_log2 != 16) {
    return Error::invalid_input(
        fmt::format("invalid memory page size of 2^{} bytes", memory.page_size_log2));
  }
  if (limits.is_shared && !limits.maximum) {
    return Error::invalid_input("a shared memory must have a maximum size");
  }
  unsigned bits = (limits.is_64 ? 64 : 32) - memory.page_size_log2;
  auto too_large = [&](uint64_t pages) { return bits < 64 && pages > uint64_t{1} << bits; };
  if (too_large(limits.minimum) || (limits.maximum && too_large(*limits.maximum))) {
    return Error::invalid_input(fmt::format("memory size must be at most 2^{} pages", bits));
  }
  if (limits.maximum && *limits.maximum < limits.minimum) {
    return Error::invalid_input("the minimum size of a memory is above its maximum");
  }
  return {};
}

}  // namespace

Result<void> CoreArena::intern(const CoreRecGroup& group, std::vector<CoreTypeId>& space) {
  auto base = static_cast<uint32_t>(space.size());
  TRY(check_group_bounds(group, space));
  auto key = GroupKey(base, space).write(group);
  auto first = static_cast<uint32_t>(types_.size());
  auto [known, is_new] = groups_.emplace(std::move(key), first);
  for (size_t i = 0; i < group.types.size(); ++i) {
    space.push_back(CoreTypeId(known->second + static_cast<uint32_t>(i)));
  }
  if (!is_new) return {};
  auto resolved = [&](uint32_t index) { return space[index].value; };
  for (auto type : group.types) {
    for (auto& index : type.supertypes) index = resolved(index);
    for_each_value(type, [&](CoreValueType& value) {
      if (value.heap == CoreHeapKind::Concrete && value.kind == CoreValueKind::Reference) {
        value.heap_type = resolved(value.heap_type);
      }
    });
    if (auto* continuation = std::get_if<CoreContType>(&type.composite)) {
      continuation->function_type = resolved(continuation->function_type);
    }
    types_.push_back(std::move(type));
  }
  return check_supertypes(first);
}

CoreTypeId CoreArena::intern_function(const CoreFuncType& type) {
  CoreRecGroup group;
  group.types.emplace_back().composite = type;
  std::vector<CoreTypeId> space;
  // Only numbers occur in the signatures of canonical definitions.
  VERIFY(intern(group, space).has_value());
  return space.front();
}

Result<uint32_t> CoreArena::resolve_index(uint32_t index,
                                          const std::vector<CoreTypeId>& space) const {
  if (index >= space.size() || space[index] == kNotACoreType) {
    return Error::invalid_input(
        fmt::format("core type index {} is out of bounds or not a core type", index));
  }
  return space[index].value;
}

Result<void> CoreArena::resolve_value(CoreValueType& type,
                                      const std::vector<CoreTypeId>& space) const {
  if (type.kind != CoreValueKind::Reference || type.heap != CoreHeapKind::Concrete) return {};
  type.heap_type = TRY(resolve_index(type.heap_type, space));
  return {};
}

Result<CoreExternType> CoreArena::resolve(const CoreExternType& type,
                                          const std::vector<CoreTypeId>& space) {
  CoreExternType resolved = type;
  if (auto* function = std::get_if<CoreFuncUse>(&resolved)) {
    function->type = TRY(resolve_index(function->type, space));
    if (find_function(CoreTypeId(function->type)) == nullptr) {
      return Error::invalid_input("the type of a core function is not a function type");
    }
  } else if (auto* tag = std::get_if<CoreTagUse>(&resolved)) {
    tag->type = TRY(resolve_index(tag->type, space));
    const auto* signature = find_function(CoreTypeId(tag->type));
    if (signature == nullptr || !signature->results.empty()) {
      return Error::invalid_input("the type of a core tag is not a function type without results");
    }
  } else if (auto* table = std::get_if<CoreTableType>(&resolved)) {
    TRY(resolve_value(table->element, space));
    const auto& limits = table->limits;
    if (!limits.is_64 && std::max(limits.minimum, limits.maximum.value_or(0)) > UINT32_MAX) {
      return Error::invalid_input("the size of a table is out of bounds");
    }
    if (limits.maximum && *limits.maximum < limits.minimum) {
      return Error::invalid_input("the minimum size of a table is above its maximum");
    }
  } else if (auto* global = std::get_if<CoreGlobalType>(&resolved)) {
    TRY(resolve_value(global->type, space));
  } else {
    TRY(check_memory(std::get<CoreMemoryType>(resolved)));
  }
  return resolved;
}

Result<ModuleTypeId> CoreArena::add_module(const CoreModuleInterface& module) {
  std::vector<CoreTypeId> space;
  for (const auto& group : module.types) TRY(intern(group, space));
  ModuleType type;
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const auto& import : module.imports) {
    if (!names.emplace(import.module, import.name).second) {
      return Error::invalid_input(
          fmt::format("core import `{}` `{}` occurs more than once", import.module, import.name));
    }
    auto resolved = TRY(resolve(import.type, space));
    type.imports.push_back(CoreImportDecl{import.module, import.name, resolved});
  }
  for (const auto& item : module.exports) {
    auto resolved = TRY(resolve(item.type, space));
    TRY(add_core_export(type.exports, item.name, resolved));
  }
  return add_module_type(std::move(type));
}

ModuleTypeId CoreArena::add_module_type(ModuleType type) {
  modules_.push_back(std::move(type));
  return ModuleTypeId(modules_.size() - 1);
}

const CoreExports* CoreArena::add_exports(CoreExports exports) {
  exports_.push_back(std::move(exports));
  return &exports_.back();
}

Result<void> CoreArena::match(const CoreExternType& actual, const CoreExternType& expected) const {
  if (actual.index() != expected.index()) {
    return Error::invalid_input(
        fmt::format("expected {}, found {}", core_kind_name(expected), core_kind_name(actual)));
  }
  if (const auto* function = std::get_if<CoreFuncUse>(&expected)) {
    if (!is_subtype(CoreTypeId(std::get<CoreFuncUse>(actual).type), CoreTypeId(function->type))) {
      return mismatch("core function types");
    }
    return {};
  }
  if (const auto* table = std::get_if<CoreTableType>(&expected)) {
    const auto& given = std::get<CoreTableType>(actual);
    if (given.element != table->element) return mismatch("element types of core tables");
    return match_limits(given.limits, table->limits, "core tables");
  }
  if (const auto* memory = std::get_if<CoreMemoryType>(&expected)) {
    const auto& given = std::get<CoreMemoryType>(actual);
    if (given.page_size_log2 != memory->page_size_log2) return mismatch("memory page sizes");
    return match_limits(given.limits, memory->limits, "core memories");
  }
  if (const auto* global = std::get_if<CoreGlobalType>(&expected)) {
    const auto& given = std::get<CoreGlobalType>(actual);
    if (given.is_mutable != global->is_mutable) return mismatch("mutabilities of core globals");
    if (given.is_shared != global->is_shared) return mismatch("shared flags of core globals");
    bool fits = global->is_mutable ? given.type == global->type
                                   : is_value_subtype(given.type, global->type);
    if (!fits) return mismatch("types of core globals");
    return {};
  }
  if (std::get<CoreTagUse>(actual).type != std::get<CoreTagUse>(expected).type) {
    return mismatch("types of core tags");
  }
  return {};
}

Result<void> CoreArena::match_module(ModuleTypeId actual, ModuleTypeId expected) const {
  if (actual == expected) return {};
  const auto& given = module(actual);
  const auto& wanted = module(expected);
  std::unordered_map<std::string, const CoreExternType*> offered;
  auto key = [](const CoreImportDecl& import) {
    return fmt::format("{}:{}{}", import.module.size(), import.module, import.name);
  };
  for (const auto& import : wanted.imports) offered.emplace(key(import), &import.type);
  for (const auto& import : given.imports) {
    auto found = offered.find(key(import));
    if (found == offered.end()) {
      return Error::invalid_input(
          fmt::format("missing expected core import `{}` `{}`", import.module, import.name));
    }
    TRY(match(*found->second, import.type).context([&] {
      return fmt::format("core import `{}` `{}`", import.module, import.name);
    }));
  }
  for (const auto& [name, type] : wanted.exports) {
    auto found = given.exports.find(name);
    if (found == given.exports.end()) {
      return Error::invalid_input(fmt::format("missing expected core export `{}`", name));
    }
    TRY(match(found->second, type).context([&] { return fmt::format("core export `{}`", name); }));
  }
  return {};
}

Result<void> add_core_export(CoreExports& exports, std::string_view name,
                             const CoreExternType& type) {
  if (!exports.emplace(name, type).second) {
    return Error::invalid_input(fmt::format("core export `{}` occurs more than once", name));
  }
  return {};
}

std::string_view core_kind_name(const CoreExternType& type) {
  return to_string(static_cast<Sort>(type.index()));
}

}  // namespace spindle::component
