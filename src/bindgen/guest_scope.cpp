#include "bindgen/guest_scope.h"

#include <algorithm>

#include <fmt/format.h>

#include "bindgen/names.h"
#include "wit/type_text.h"

namespace spindle::bindgen {
namespace {

// `use` makes no type of its own: whoever mentions it means the original.
bool is_use(const wit::TypeDef& type) {
  const auto* alias = std::get_if<wit::Alias>(&type.kind);
  return alias != nullptr && alias->origin == wit::AliasOrigin::Use;
}

GuestScope interface_scope(const wit::Resolve& resolve, wit::InterfaceId id, Side side,
                           const std::string& name) {
  GuestScope scope{side, id, name, {}, {}};
  for (wit::TypeId type : resolve.interface(id).types) {
    if (!is_use(resolve.type(type))) scope.types.push_back(type);
  }
  for (const wit::Function& function : resolve.interface(id).functions) {
    scope.functions.push_back(&function);
  }
  return scope;
}

class Collector {
 public:
  explicit Collector(GuestTypes& types) : types_(types), resolve_(types.resolve()) {}

  std::vector<GuestScope> collect(wit::WorldId world) {
    GuestScope root{Side::Import, world, "", {}, {}};
    GuestScope root_exports{Side::Export, world, "", {}, {}};
    for (const wit::WorldItem& item : types_.world().imports) {
      if (const auto* found = std::get_if<wit::WorldInterface>(&item.item)) {
        add(found->id, Side::Import, item.name);
      } else if (const auto* type = std::get_if<wit::TypeId>(&item.item)) {
        if (!is_use(resolve_.type(*type))) root.types.push_back(*type);
      } else {
        root.functions.push_back(&std::get<wit::Function>(item.item));
      }
    }
    scopes_.push_back(root);
    for (const wit::WorldItem& item : types_.world().exports) {
      if (const auto* found = std::get_if<wit::WorldInterface>(&item.item)) {
        add_export(found->id);
      } else if (const auto* function = std::get_if<wit::Function>(&item.item)) {
        root_exports.functions.push_back(function);
      }
    }
    scopes_.push_back(root_exports);
    return std::move(scopes_);
  }

 private:
  void add(wit::InterfaceId id, Side side, const std::string& name) {
    if (resolve_.interface(id).name.empty()) types_.name_inline(id, snake_case(name));
    scopes_.push_back(interface_scope(resolve_, id, side, name));
  }

  // Exports are in the order in which they are written: those that are used come first here. The
  // depth of uses is limited by the reader of WIT.
  void add_export(wit::InterfaceId id) {
    const auto& exports = types_.world().exports;
    const auto found = std::ranges::find_if(exports, [&](const wit::WorldItem& item) {
      const auto* interface = std::get_if<wit::WorldInterface>(&item.item);
      return interface != nullptr && interface->id == id;
    });
    if (found == exports.end() || !added_.insert(id.value).second) return;
    for (wit::InterfaceId used : resolve_.direct_dependencies(id)) add_export(used);
    add(id, Side::Export, found->name);
  }

  GuestTypes& types_;
  const wit::Resolve& resolve_;
  std::set<uint32_t> added_;
  std::vector<GuestScope> scopes_;
};

// Types that share parts may be exponentially larger when written out, and all that is done with
// types here writes them out.
Result<void> check_sizes(const wit::Resolve& resolve, const GuestScope& scope) {
  for (wit::TypeId id : scope.types) {
    if (std::holds_alternative<wit::Resource>(resolve.type(id).kind)) continue;
    TRY(wit::type_text(resolve, resolve.definition(wit::Type(id))));
  }
  for (const wit::Function* function : scope.functions) {
    TRY(wit::function_text(resolve, *function));
  }
  return {};
}

Result<void> check_names(const wit::Resolve& resolve, const GuestScope& scope) {
  std::map<std::string, std::string> names;
  const auto take = [&](const std::string& name, const std::string& of) -> Result<void> {
    const auto [found, is_new] = names.try_emplace(name, of);
    if (is_new) return {};
    return Error::not_supported(
        fmt::format("`{}` and `{}` would both be `{}` in C++", found->second, of, name));
  };
  for (wit::TypeId id : scope.types) {
    const std::string& name = resolve.type(id).name;
    TRY(take(camel_case(name), name));
  }
  for (const wit::Function* function : scope.functions) {
    const std::string name = resolve.extern_name(*function);
    TRY(take(core_name(resolve, *function), name));
  }
  return {};
}

}  // namespace

std::string GuestScope::module() const {
  const std::string own = name.empty() ? "$root" : name;
  return side == Side::Export ? "[export]" + own : own;
}

std::string GuestScope::export_name(const std::string& function) const {
  return name.empty() ? function : name + "#" + function;
}

std::vector<const wit::Function*> GuestScope::functions_of(
    std::optional<wit::TypeId> resource) const {
  std::vector<const wit::Function*> found;
  for (const wit::Function* function : functions) {
    if (function->resource == resource) found.push_back(function);
  }
  return found;
}

std::string core_name(const wit::Resolve& resolve, const wit::Function& function) {
  return method_name(resolve, function);
}

Result<std::vector<GuestScope>> guest_scopes(GuestTypes& types) {
  const wit::Resolve& resolve = types.resolve();
  std::vector<GuestScope> scopes = Collector(types).collect(types.world_id());
  std::erase_if(scopes, [](const GuestScope& scope) {
    return scope.types.empty() && scope.functions.empty();
  });
  for (const GuestScope& scope : scopes) {
    TRY(check_sizes(resolve, scope));
    TRY(check_names(resolve, scope).context([&] {
      return scope.name.empty() ? std::string("the world") : fmt::format("`{}`", scope.name);
    }));
  }
  return scopes;
}

}  // namespace spindle::bindgen
