#include "wit/resolve/units.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "wit/limits.h"
#include "wit/syntax/parser.h"

namespace spindle::wit {
namespace {

void visit_uses(const std::vector<ast::InterfaceItem>& items,
                const std::function<void(const ast::Path&)>& visit) {
  for (const ast::InterfaceItem& item : items) {
    if (const auto* use = std::get_if<ast::UseDecl>(&item)) visit(use->from);
  }
}

struct WorldPathVisitor {
  const std::function<void(const ast::Path&)>& visit;

  void operator()(const ast::TypeDecl&) const {}
  void operator()(const ast::FunctionDecl&) const {}
  void operator()(const ast::UseDecl& use) const { visit(use.from); }
  void operator()(const ast::IncludeDecl& include) const { visit(include.from); }
  void operator()(const ast::ExternDecl& decl) const { std::visit(*this, decl.item); }
  void operator()(const ast::Path& path) const { visit(path); }
  void operator()(const ast::LabelledPath& labelled) const { visit(labelled.path); }
  void operator()(const ast::InterfaceDecl& held) const { visit_uses(held.items, visit); }
};

// Of two declarations of one item, that of a fuller copy of the package.
template <typename Decl>
void merge_items(std::vector<Decl>& into, std::vector<Decl>& from, std::vector<Decl>& unknown) {
  for (Decl& decl : from) {
    auto same = std::ranges::find(into, decl.name.text, [](const Decl& d) { return d.name.text; });
    if (same == into.end()) {
      unknown.push_back(std::move(decl));
    } else if (same->items.size() < decl.items.size()) {
      unknown.push_back(std::move(decl));
      into.erase(same);
    }
  }
}

class Collector {
 public:
  explicit Collector(const SourceMap& sources) : sources_(sources) {}

  Result<void> add_group(const SourceGroup& group);
  Result<void> sort(PackageUnits& units);

  std::vector<PackageUnit> units;

 private:
  Result<void> add_package(const ast::PackageHeader& header, std::vector<ast::Scope> scopes,
                           const SourceGroup& group);
  void merge(PackageUnit& into, std::vector<ast::Scope> scopes);
  Result<void> visit(size_t unit, std::vector<size_t>& order);
  Result<void> visit_path(size_t unit, const ast::Path& path, std::vector<size_t>& order);
  Error unknown_package(const ast::Path& path) const;

  enum class Mark : uint8_t { New, Open, Done };
  const SourceMap& sources_;
  std::map<PackageName, size_t> by_name_;
  std::vector<Mark> marks_;
  size_t depth_ = 0;
};

Result<void> Collector::add_group(const SourceGroup& group) {
  std::optional<ast::PackageHeader> header;
  std::vector<ast::Scope> scopes;
  std::vector<ast::NestedPackage> nested;
  for (uint32_t id : group.files) {
    auto file = TRY(parse_file(sources_, id));
    if (file.header && header && file.header->name != header->name) {
      return sources_.error(
          file.header->span,
          fmt::format("package `{}` in a folder of package `{}`", file.header->name.to_string(),
                      header->name.to_string()),
          fmt::format("the other name is at {}", sources_.position(header->span)));
    }
    if (file.header) {
      std::string docs = header ? std::move(header->docs) : std::string();
      if (!docs.empty() && !file.header->docs.empty()) docs += "\n";
      file.header->docs = docs + file.header->docs;
      header = std::move(file.header);
    }
    scopes.push_back(std::move(file.scope));
    std::ranges::move(file.nested, std::back_inserter(nested));
  }
  bool has_items = std::ranges::any_of(scopes, [](const auto& scope) { return !scope.empty(); });
  if (!header && (has_items || nested.empty())) {
    return Error::invalid_input(fmt::format(
        "{}: no file names the package: expected `package namespace:name;`", group.origin));
  }
  if (header) TRY(add_package(*header, std::move(scopes), group));
  // Beside a package of the file's own, nested ones are its dependencies.
  SourceGroup nested_group = group;
  nested_group.is_root = group.is_root && !header;
  for (ast::NestedPackage& package : nested) {
    std::vector<ast::Scope> scope;
    scope.push_back(std::move(package.scope));
    TRY(add_package(package.header, std::move(scope), nested_group));
  }
  return {};
}

Result<void> Collector::add_package(const ast::PackageHeader& header,
                                    std::vector<ast::Scope> scopes, const SourceGroup& group) {
  auto [entry, inserted] = by_name_.try_emplace(header.name, units.size());
  if (inserted) {
    if (units.size() == kMaxPackages) {
      return Error::limit_exceeded(fmt::format("more than {} WIT packages", kMaxPackages));
    }
    units.push_back(
        {header.name, header.span, header.docs, std::move(scopes), group.root, group.is_root});
    return {};
  }
  PackageUnit& known = units[entry->second];
  if (known.root == group.root) {
    return sources_.error(header.span,
                          fmt::format("package `{}` is defined twice", header.name.to_string()),
                          fmt::format("the other is at {}", sources_.position(known.span)));
  }
  known.is_root |= group.is_root;
  merge(known, std::move(scopes));
  return {};
}

void Collector::merge(PackageUnit& into, std::vector<ast::Scope> scopes) {
  for (ast::Scope& scope : scopes) {
    ast::Scope rest;
    rest.uses = std::move(scope.uses);
    for (ast::Scope& known : into.scopes) {
      ast::Scope unknown;
      merge_items(known.interfaces, scope.interfaces, unknown.interfaces);
      merge_items(known.worlds, scope.worlds, unknown.worlds);
      scope.interfaces = std::move(unknown.interfaces);
      scope.worlds = std::move(unknown.worlds);
    }
    rest.interfaces = std::move(scope.interfaces);
    rest.worlds = std::move(scope.worlds);
    if (!rest.interfaces.empty() || !rest.worlds.empty()) into.scopes.push_back(std::move(rest));
  }
}

Error Collector::unknown_package(const ast::Path& path) const {
  std::vector<std::string> names;
  std::string versions;
  for (const PackageUnit& unit : units) {
    names.push_back(unit.name.ns + ":" + unit.name.name);
    if (unit.name.ns != path.package->ns || unit.name.name != path.package->name) continue;
    if (!versions.empty()) versions += ", ";
    versions += "`" + unit.name.to_string() + "`";
  }
  std::vector<std::string_view> candidates(names.begin(), names.end());
  std::string help = did_you_mean(path.package->ns + ":" + path.package->name, candidates);
  if (!versions.empty()) help = "what is there: " + versions;
  if (help.empty()) help = "put the package into `deps/`";
  return sources_.error(path.span, fmt::format("package `{}` not found", path.package->to_string()),
                        help);
}

Result<void> Collector::visit_path(size_t unit, const ast::Path& path, std::vector<size_t>& order) {
  if (!path.package) return {};
  auto found = by_name_.find(*path.package);
  if (found == by_name_.end()) {
    const PackageName& own = units[unit].name;
    bool is_own = own.ns == path.package->ns && own.name == path.package->name;
    if (is_own && !path.package->version) return {};
    return unknown_package(path);
  }
  if (found->second == unit || marks_[found->second] == Mark::Done) return {};
  if (marks_[found->second] == Mark::Open || depth_ == kMaxUseDepth) {
    std::string name = path.package->to_string();
    if (depth_ == kMaxUseDepth) {
      return sources_.error(path.span,
                            fmt::format("packages use each other more than {} deep", kMaxUseDepth));
    }
    return sources_.error(path.span, fmt::format("package `{}` depends on itself", name));
  }
  ++depth_;
  TRY(visit(found->second, order));
  --depth_;
  return {};
}

Result<void> Collector::visit(size_t unit, std::vector<size_t>& order) {
  marks_[unit] = Mark::Open;
  std::vector<const ast::Path*> paths;
  for (const ast::Scope& scope : units[unit].scopes) {
    for_each_path(scope, [&](const ast::Path& path) { paths.push_back(&path); });
  }
  for (const ast::Path* path : paths) TRY(visit_path(unit, *path, order));
  marks_[unit] = Mark::Done;
  order.push_back(unit);
  return {};
}

Result<void> Collector::sort(PackageUnits& sorted) {
  units = std::move(sorted.units);
  sorted.units.clear();
  marks_.assign(units.size(), Mark::New);
  std::vector<size_t> order;
  for (size_t i = 0; i < units.size(); ++i) {
    if (marks_[i] == Mark::New) TRY(visit(i, order));
  }
  for (size_t i : order) sorted.units.push_back(std::move(units[i]));
  return {};
}

}  // namespace

void for_each_path(const ast::Scope& scope, const std::function<void(const ast::Path&)>& visit) {
  for (const ast::TopUse& use : scope.uses) visit(use.path);
  for (const ast::InterfaceDecl& decl : scope.interfaces) visit_uses(decl.items, visit);
  for (const ast::WorldDecl& decl : scope.worlds) {
    for (const ast::WorldItem& item : decl.items) std::visit(WorldPathVisitor{visit}, item);
  }
}

Result<PackageUnits> collect_units(const SourceMap& sources, const std::vector<SourceGroup>& groups,
                                   const LoadOptions& options) {
  Collector collector(sources);
  for (const SourceGroup& group : groups) TRY(collector.add_group(group));
  PackageUnits collected;
  collected.units = std::move(collector.units);
  apply_gates(collected, options);
  TRY(collector.sort(collected));
  return collected;
}

}  // namespace spindle::wit
