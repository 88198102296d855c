#include <type_traits>

#include <fmt/format.h>

#include "wit/resolve/units.h"

namespace spindle::wit {
namespace {

class Gates {
 public:
  Gates(const LoadOptions& options, std::map<std::string, std::string>& dropped)
      : options_(options), dropped_(dropped) {}

  void filter(PackageUnit& unit) {
    std::string package = unit.name.to_string();
    for (ast::Scope& scope : unit.scopes) {
      std::erase_if(scope.interfaces, [&](const auto& decl) { return drops(decl, package, '/'); });
      std::erase_if(scope.worlds, [&](const auto& decl) { return drops(decl, package, '/'); });
      for (auto& decl : scope.interfaces) filter_items(decl.items, package + "/" + decl.name.text);
      for (auto& decl : scope.worlds) {
        filter_items(decl.items, package + "/" + decl.name.text);
        filter_inline(decl);
      }
    }
  }

 private:
  bool is_off(const Stability& stability) const {
    return !stability.unstable_feature.empty() &&
           !options_.features.contains(stability.unstable_feature);
  }

  template <typename Decl>
  bool drops(const Decl& decl, const std::string& parent, char separator) {
    const Stability& stability = decl.attributes.stability;
    if (!is_off(stability)) return false;
    if constexpr (requires { decl.name.text; }) {
      dropped_[fmt::format("{}{}{}", parent, separator, decl.name.text)] =
          stability.unstable_feature;
    }
    return true;
  }

  template <typename Item>
  void filter_items(std::vector<Item>& items, const std::string& parent) {
    std::erase_if(items, [&](const Item& item) {
      return std::visit([&](const auto& decl) { return drops(decl, parent, '.'); }, item);
    });
    for (Item& item : items) {
      auto* type = std::get_if<ast::TypeDecl>(&item);
      if (type == nullptr) continue;
      std::erase_if(type->functions,
                    [&](const auto& decl) { return is_off(decl.attributes.stability); });
    }
  }

  void filter_inline(ast::WorldDecl& world) {
    for (ast::WorldItem& item : world.items) {
      auto* decl = std::get_if<ast::ExternDecl>(&item);
      auto* held = decl != nullptr ? std::get_if<ast::InterfaceDecl>(&decl->item) : nullptr;
      if (held != nullptr) filter_items(held->items, world.name.text + "." + held->name.text);
    }
  }

  const LoadOptions& options_;
  std::map<std::string, std::string>& dropped_;
};

}  // namespace

void apply_gates(PackageUnits& units, const LoadOptions& options) {
  if (options.unstable == UnstableItems::KeepAll) return;
  Gates gates(options, units.dropped);
  for (PackageUnit& unit : units.units) gates.filter(unit);
}

}  // namespace spindle::wit
