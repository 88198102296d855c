#include "assemble/compose/compose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "assemble/compose/assembly.h"
#include "assemble/compose/dependency_name.h"
#include "component/plan/host_registry.h"

namespace spindle::assemble {

namespace c = component;

namespace {

constexpr size_t kNamesListed = 10;

template <typename Items>
std::string list_names(const Items& items) {
  std::vector<std::string> names;
  for (const auto* item : items) {
    if (names.size() == kNamesListed) {
      names.emplace_back("...");
      break;
    }
    names.push_back(fmt::format("`{}`", item->name.name));
  }
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

// The item of this name, or of the same track.
template <typename Items>
auto find_named(const Items& items, std::string_view name) -> typename Items::value_type {
  for (const auto* item : items) {
    if (item->name.name == name) return item;
  }
  const std::string track = c::track_name(name);
  for (const auto* item : items) {
    if (c::track_name(item->name.name) == track) return item;
  }
  return nullptr;
}

std::string describe(const Plug& plug) {
  return plug.name.empty() ? fmt::format("`{}`", plug.part.name)
                           : fmt::format("dependency `{}` (`{}`)", plug.name, plug.part.name);
}

// What one plug satisfies, worked out before anything is wired.
struct Match {
  const c::ImportDef* import = nullptr;
  std::string export_name;
};

class Matcher {
 public:
  Matcher(const Part& root, const PartScope& root_scope) : root_(root), root_scope_(root_scope) {}

  Result<std::vector<Match>> match(const Plug& plug) const {
    const PartScope scope(*plug.part.component);
    return plug.name.empty() ? match_exports(plug, scope) : match_name(plug, scope);
  }

 private:
  Result<std::vector<Match>> match_exports(const Plug& plug, const PartScope& scope) const {
    std::vector<Match> matches;
    for (const auto* import : root_scope_.imports()) {
      if (const auto* exported = find_named(scope.exports(), import->name.name)) {
        matches.push_back({import, std::string(exported->name.name)});
      }
    }
    if (!matches.empty()) return matches;
    return Error::not_found(fmt::format(
        "{} exports nothing that `{}` imports: it exports {}; the imports are {}", describe(plug),
        root_.name, list_names(scope.exports()), list_names(root_scope_.imports())));
  }

  Result<std::vector<Match>> match_name(const Plug& plug, const PartScope& scope) const {
    const DependencyName name = TRY(DependencyName::parse(plug.name));
    std::vector<Match> matches;
    bool is_any = false;
    for (const auto* import : root_scope_.imports()) {
      if (!name.matches(import->name.name)) continue;
      is_any = true;
      const auto* exported = find_export(plug, scope, import->name.name);
      if (exported != nullptr) {
        matches.push_back({import, std::string(exported->name.name)});
      } else if (!name.is_package() || plug.export_name || !is_types_only(root_scope_, *import)) {
        return missing_export(plug, scope, import->name.name);
      }
    }
    if (is_any) return matches;
    return Error::not_found(fmt::format("{} matches no import of `{}`: the imports are {}",
                                        describe(plug), root_.name,
                                        list_names(root_scope_.imports())));
  }

  static const c::ExportDef* find_export(const Plug& plug, const PartScope& scope,
                                         std::string_view import) {
    return plug.export_name ? scope.find_export(*plug.export_name)
                            : find_named(scope.exports(), import);
  }

  Error missing_export(const Plug& plug, const PartScope& scope, std::string_view import) const {
    return Error::not_found(
        fmt::format("{} does not export `{}`, which `{}` imports{}: it exports {}", describe(plug),
                    plug.export_name ? *plug.export_name : std::string(import), root_.name,
                    plug.export_name ? fmt::format(" as `{}`", import) : std::string(),
                    list_names(scope.exports())));
  }

  const Part& root_;
  const PartScope& root_scope_;
};

}  // namespace

Result<ComposedComponent> compose(Part root, std::vector<Plug> plugs) {
  if (plugs.empty()) return std::move(root.component);
  const PartScope root_scope(*root.component);
  const Matcher matcher(root, root_scope);
  Assembly assembly;
  struct Source {
    Assembly::Place place;
    std::string plug;
  };
  std::map<const c::ImportDef*, Source> sources;
  for (Plug& plug : plugs) {
    auto matches = TRY(matcher.match(plug));
    const std::string description = describe(plug);
    const PartIndex part = assembly.add(std::move(plug.part));
    for (Match& match : matches) {
      auto [source, is_new] = sources.try_emplace(
          match.import, Source{{part, std::move(match.export_name)}, description});
      if (is_new) continue;
      return Error::invalid_input(fmt::format("import `{}` is satisfied by {} and by {}",
                                              match.import->name.name, source->second.plug,
                                              description));
    }
  }
  const PartIndex root_index = assembly.add(std::move(root));
  for (auto& [import, source] : sources) {
    assembly.satisfy({root_index, std::string(import->name.name)}, std::move(source.place));
  }
  for (const auto* exported : root_scope.exports()) {
    assembly.export_from(root_index, exported->name.name);
  }
  return assembly.finish();
}

Result<ComposedComponent> chain(std::string_view interface, Part innermost,
                                std::vector<Part> wrappers) {
  Assembly assembly;
  auto exported_by = [&](PartIndex part) -> Result<std::string> {
    const auto* exported = find_named(assembly.scope(part).exports(), interface);
    if (exported != nullptr) return std::string(exported->name.name);
    return Error::not_found(fmt::format("`{}` does not export `{}`: it exports {}",
                                        assembly.part(part).name, interface,
                                        list_names(assembly.scope(part).exports())));
  };
  PartIndex next = assembly.add(std::move(innermost));
  std::string next_export = TRY(exported_by(next));
  for (size_t i = wrappers.size(); i-- > 0;) {
    const PartIndex part = assembly.add(std::move(wrappers[i]));
    const auto* import = find_named(assembly.scope(part).imports(), interface);
    if (import == nullptr) {
      return Error::not_found(fmt::format(
          "`{}` does not import `{}`, so it cannot call the next "
          "handler: it imports {}",
          assembly.part(part).name, interface, list_names(assembly.scope(part).imports())));
    }
    std::string own_export = TRY(exported_by(part));
    assembly.satisfy({part, std::string(import->name.name)}, {next, std::move(next_export)});
    next = part;
    next_export = std::move(own_export);
  }
  assembly.export_from(next, next_export);
  return assembly.finish();
}

}  // namespace spindle::assemble
