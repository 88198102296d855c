#include "runtime/composition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "assemble/compose/compose.h"
#include "component/binary/encode.h"
#include "component/plan/host_registry.h"
#include "runtime/capabilities.h"
#include "runtime/component_bytes.h"

namespace spindle::runtime {
namespace {

// What middleware can be chained by, the preferred one first.
constexpr std::array<std::string_view, 2> kHandlers = {"wasi:http/handler@0.3.0",
                                                       "wasi:http/incoming-handler@0.2.0"};

Result<assemble::Part> load_dependency(const app::LockedDependency& dependency) {
  const std::string what =
      dependency.name.empty() ? "middleware" : fmt::format("dependency `{}`", dependency.name);
  auto path = dependency.source.path();
  if (!path) {
    return Error::not_supported(
        fmt::format("{} is not a local file, which is not supported yet", what));
  }
  auto bytes = TRY(read_component(*path).context([&] { return what; }));
  auto part = TRY(assemble::load_part(*path, std::move(bytes)).context([&] { return what; }));
  part.hoisted_name = [inherit = dependency.inherit](std::string_view import) {
    return hoisted_name(import, inherit);
  };
  return part;
}

bool exports(const assemble::Part& part, std::string_view interface) {
  const assemble::PartScope scope(*part.component);
  const std::string track = component::track_name(interface);
  return std::ranges::any_of(scope.exports(), [&](const component::ExportDef* exported) {
    return component::track_name(exported->name.name) == track;
  });
}

Result<assemble::ComposedComponent> add_middleware(
    const app::LockedComponent& component, assemble::Part primary,
    const std::vector<app::LockedDependency>& dependencies) {
  const auto* handler = std::ranges::find_if(
      kHandlers, [&](std::string_view interface) { return exports(primary, interface); });
  if (handler == kHandlers.end()) {
    return Error::invalid_input(
        fmt::format("component `{}` has middleware in front of it, so it must export {} or {}",
                    component.id, kHandlers[0], kHandlers[1]));
  }
  std::vector<assemble::Part> wrappers;
  for (const auto& dependency : dependencies) {
    auto part = TRY(load_dependency(dependency));
    wrappers.push_back(std::move(part));
  }
  return assemble::chain(*handler, std::move(primary), std::move(wrappers));
}

Result<assemble::ComposedComponent> add_dependencies(
    assemble::Part root, const std::vector<app::LockedDependency>& dependencies) {
  std::vector<assemble::Plug> plugs;
  for (const auto& dependency : dependencies) {
    auto part = TRY(load_dependency(dependency));
    plugs.push_back({std::move(part), dependency.name, dependency.export_name});
  }
  return assemble::compose(std::move(root), std::move(plugs));
}

}  // namespace

bool is_composed(const app::LockedComponent& component) {
  return !component.dependencies.empty() || !component.trigger_dependencies.empty();
}

Result<std::vector<uint8_t>> load_component(const app::LockedComponent& component) {
  auto path = component.source.path();
  if (!path) {
    return Error::not_supported("only components from local files are supported yet");
  }
  auto bytes = TRY(read_component(*path));
  if (!is_composed(component)) return bytes;

  auto root = TRY(assemble::load_part(*path, std::move(bytes)));
  auto composed = TRY(add_dependencies(std::move(root), component.dependencies));
  for (const auto& [role, dependencies] : component.trigger_dependencies) {
    if (role != "middleware") {
      return Error::not_supported(fmt::format("trigger dependencies of the role `{}`", role));
    }
    assemble::Part primary{*path, std::move(composed), {}};
    composed = TRY(add_middleware(component, std::move(primary), dependencies));
  }
  return component::encode_component(*composed);
}

}  // namespace spindle::runtime
