#include "component/embed/export_function.h"

#include <algorithm>

#include <fmt/format.h>

#include "component/plan/import_check.h"

namespace spindle::component {
namespace {

constexpr size_t kNamesShown = 10;

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < names.size() && i < kNamesShown; ++i) {
    out += fmt::format("{}`{}`", i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kNamesShown) out += ", ...";
  return out.empty() ? "nothing" : out;
}

Error missing(const PreparedComponent& component, const WantedExport& wanted) {
  const std::string where =
      wanted.interface.empty() ? std::string() : fmt::format(" in `{}`", wanted.interface);
  return Error::not_found(fmt::format("the component exports no function `{}`{}; it exports {}",
                                      wanted.name, where, listed(component.export_names())));
}

}  // namespace

Result<LiftIndex> find_export(const PreparedComponent& component, const WantedExport& wanted) {
  const std::optional<LiftIndex> found = component.find_function(wanted.interface, wanted.name);
  if (!found) return missing(component, wanted);
  const InstantiationPlan& plan = component.plan();
  const PlannedLift& lift = plan.lifts[found->value];
  const std::string has = TRY(type_text(plan, lift.type));
  const std::string unnamed = TRY(type_text(plan, lift.type, ParamNames::LeftOut));
  if (wanted.type != has && wanted.type != unnamed) {
    return Error::invalid_input(
        fmt::format("exported function `{}` is {}, expected {}", wanted.name, has, wanted.type));
  }
  // Core results of an asynchronous lift are its own; the text has told the type.
  const bool has_results =
      lift.type.is_async || std::ranges::equal(lift.signature.results, wanted.core.results);
  if (!std::ranges::equal(lift.signature.params, wanted.core.params) || !has_results) {
    return Error::internal(
        fmt::format("the C++ type of exported function `{}` is not its type {}", wanted.name, has));
  }
  return *found;
}

}  // namespace spindle::component
