#include "component/plan/core_imports.h"

#include <fmt/format.h>

namespace spindle::component {

Result<CoreItem> core_import(const InstantiationStep& step, std::string_view module,
                             std::string_view name) {
  auto source = step.args.find(module);
  if (source == step.args.end()) {
    return Error::internal(fmt::format("no instance for core import `{}`", module));
  }
  if (const auto* exporter = std::get_if<StepIndex>(&source->second)) {
    return CoreItem(CoreExport{*exporter, std::string(name)});
  }
  const CoreBag& bag = *std::get<std::shared_ptr<const CoreBag>>(source->second);
  auto found = bag.find(name);
  if (found == bag.end()) {
    return Error::internal(fmt::format("no item for core import `{}` `{}`", module, name));
  }
  return found->second;
}

}  // namespace spindle::component
