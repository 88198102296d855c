#include "app/executor.h"

#include <algorithm>

namespace spindle::app {
namespace {

bool runs(const Trigger& trigger, std::string_view component) {
  const auto is_it = [component](const ComponentSpec& spec) {
    const auto* id = std::get_if<std::string>(&spec);
    return id != nullptr && *id == component;
  };
  if (trigger.component && is_it(*trigger.component)) return true;
  return std::ranges::any_of(trigger.components, [&](const auto& role) {
    return std::ranges::any_of(role.second, is_it);
  });
}

}  // namespace

std::string_view executor_type(const Table& config) {
  const Value* executor = config.find("executor");
  const Table* table = executor == nullptr ? nullptr : executor->as_table();
  const Value* type = table == nullptr ? nullptr : table->find("type");
  const std::string* name = type == nullptr ? nullptr : type->as_string();
  return name == nullptr ? std::string_view() : std::string_view(*name);
}

bool is_served_by_host(const Manifest& manifest, std::string_view component) {
  bool is_served = false;
  for (const Trigger& trigger : manifest.triggers) {
    if (!runs(trigger, component)) continue;
    if (trigger.type != "http" || executor_type(trigger.config) != kStaticFilesExecutor) {
      return false;
    }
    is_served = true;
  }
  return is_served;
}

}  // namespace spindle::app
