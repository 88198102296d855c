#include "cli/startup_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include "app/json.h"
#include "cli/terminal.h"

namespace spindle::cli {
namespace {

// Of the component, also where the host answers in its place.
const std::string& name_of(const trigger::HttpService::Target& target) {
  return target.config->component.empty() ? target.config->trigger_id : target.config->component;
}

std::string description_of(const trigger::HttpService& service,
                           const trigger::HttpService::Target& target) {
  const auto* component = service.application().locked().find_component(target.config->component);
  return component == nullptr ? std::string() : component->description;
}

std::string plain_text(const trigger::HttpService& service, std::string_view base_url) {
  auto text = fmt::format("\n{} {}\nAvailable Routes:\n",
                          emphasize("Serving", Emphasis::Good, STDOUT_FILENO), base_url);
  for (const auto& entry : service.routes().table.entries()) {
    const auto& target = service.target(entry.target);
    auto prefix = entry.route.prefix();
    text += fmt::format("  {}: {}{}{}\n", name_of(target), base_url, prefix == "/" ? "" : prefix,
                        entry.route.has_wildcard() ? " (wildcard)" : "");
    const std::string description = description_of(service, target);
    if (!description.empty()) text += fmt::format("    {}\n", description);
  }
  return text;
}

std::string json_text(const trigger::HttpService& service, std::string_view base_url) {
  app::Array routes;
  for (const auto& entry : service.routes().table.entries()) {
    const auto& target = service.target(entry.target);
    app::Table route;
    route.append("id", app::Value(name_of(target)));
    route.append("route", app::Value(entry.route.prefix()));
    route.append("wildcard", app::Value(entry.route.has_wildcard()));
    std::string description = description_of(service, target);
    if (!description.empty()) route.append("description", app::Value(std::move(description)));
    routes.emplace_back(std::move(route));
  }
  app::Table document;
  document.append("base_url", app::Value(std::string(base_url)));
  document.append("routes", app::Value(std::move(routes)));
  return app::to_json(app::Value(std::move(document)), app::JsonStyle::Pretty) + "\n";
}

}  // namespace

std::string startup_text(const trigger::HttpService& service, std::string_view base_url,
                         StartupFormat format) {
  return format == StartupFormat::Json ? json_text(service, base_url)
                                       : plain_text(service, base_url);
}

std::string channels_text(const trigger::RedisService& service) {
  std::string text;
  for (const auto& server : service.servers()) {
    const auto name = server.config->address.authority();
    text += fmt::format("\n{} {}:\n",
                        emphasize("Active Channels on", Emphasis::Good, STDOUT_FILENO), name);
    for (const auto& channel : server.config->channels) {
      const bool is_pattern = channel.kind == trigger::RedisChannel::Kind::Pattern;
      text += fmt::format("\t{}/{}{}: [{}]\n", name, channel.name, is_pattern ? " (pattern)" : "",
                          fmt::join(channel.components, ","));
    }
  }
  return text;
}

}  // namespace spindle::cli
