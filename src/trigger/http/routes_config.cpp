#include "trigger/http/routes_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/executor.h"
#include "app/value.h"
#include "http/message.h"
#include "trigger/http/wagi_request.h"

namespace spindle::trigger {
namespace {

constexpr std::string_view kExecutors = "\"http\", \"wagi\" or \"static-files\"";
constexpr std::string_view kReservedPrefix = "/.well-known/spin/";

Result<void> check_settings(const app::LockedApp& app, std::vector<std::string>& warnings) {
  const auto* settings = app.settings_of("http");
  if (settings == nullptr) return {};
  for (const auto& entry : *settings) {
    if (entry.key != "base") {
      return Error::invalid_input(fmt::format(
          "[application.trigger.http] has the unknown key `{}`, expected none", entry.key));
    }
    const auto* text = entry.value.as_string();
    if (text == nullptr || *text != "/") {
      return Error::invalid_input(
          "[application.trigger.http] base: only \"/\" is possible; write the prefix into the "
          "routes");
    }
    warnings.emplace_back("[application.trigger.http] base is deprecated and has no effect");
  }
  return {};
}

Result<StaticResponse> read_static_response(const app::Table& table, std::string_view trigger) {
  StaticResponse response;
  for (const auto& [key, value, at] : table) {
    if (key == "status_code" && value.as_integer() != nullptr) {
      auto status = *value.as_integer();
      if (status < 200 || status > 999) {
        return Error::invalid_input(
            fmt::format("trigger `{}`: status_code is {}, expected 200 to 999", trigger, status));
      }
      response.status = static_cast<uint16_t>(status);
    } else if (key == "body" && value.as_string() != nullptr) {
      response.body = *value.as_string();
    } else if (key == "headers" && value.as_table() != nullptr) {
      for (const auto& [name, text, at_name] : *value.as_table()) {
        if (text.as_string() == nullptr || !http::is_valid_header_name(name) ||
            !http::is_valid_header_value(*text.as_string())) {
          return Error::invalid_input(
              fmt::format("trigger `{}`: `{}` is not a header with a text", trigger, name));
        }
        response.headers.emplace_back(name, *text.as_string());
      }
    } else {
      return Error::invalid_input(fmt::format(
          "trigger `{}`: static_response has `{}`, expected status_code, headers and body", trigger,
          key));
    }
  }
  return response;
}

Result<WagiExecutor> read_wagi(const app::Table& table, std::string_view trigger) {
  WagiExecutor wagi{std::string(kWagiArguments)};
  for (const auto& [key, value, at] : table) {
    const auto* text = value.as_string();
    if (key == "type") continue;
    if ((key != "argv" && key != "entrypoint") || text == nullptr) {
      return Error::invalid_input(fmt::format(
          "trigger `{}`: executor has `{}`, expected the texts type, argv and entrypoint", trigger,
          key));
    }
    if (key == "argv") {
      wagi.arguments = *text;
    } else if (*text != "_start") {
      return Error::not_supported(fmt::format(
          "trigger `{}`: the entrypoint of executor \"wagi\" is \"{}\", expected \"_start\"",
          trigger, *text));
    }
  }
  return wagi;
}

Result<StaticFilesExecutor> read_static_files(const app::Table& table, std::string_view trigger) {
  StaticFilesExecutor files;
  for (const auto& [key, value, at] : table) {
    const auto* text = value.as_string();
    if (key == "type") continue;
    if (text != nullptr && key == "fallback") {
      files.fallback = *text;
    } else if (text != nullptr && key == "not_found") {
      files.not_found = *text;
    } else if (text != nullptr && key == "cache_control") {
      files.cache_control = *text;
    } else {
      return Error::invalid_input(
          fmt::format("trigger `{}`: executor has `{}`, expected the texts type, fallback, "
                      "not_found and cache_control",
                      trigger, key));
    }
  }
  return files;
}

Result<void> read_executor(const app::Value& executor, std::string_view trigger,
                           HttpTarget& target) {
  const auto* table = executor.as_table();
  const auto* type = table == nullptr ? nullptr : table->find("type");
  const auto* name = type == nullptr ? nullptr : type->as_string();
  if (name == nullptr) {
    return Error::invalid_input(
        fmt::format("trigger `{}`: executor needs a type, {}", trigger, kExecutors));
  }
  if (*name == app::kStaticFilesExecutor) {
    target.files = TRY(read_static_files(*table, trigger));
    return {};
  }
  if (*name == "wagi") {
    target.wagi = TRY(read_wagi(*table, trigger));
    return {};
  }
  if (*name != "http" && *name != "spin") {
    return Error::invalid_input(
        fmt::format("trigger `{}`: executor type \"{}\", expected {}", trigger, *name, kExecutors));
  }
  if (table->size() != 1) {
    return Error::invalid_input(
        fmt::format("trigger `{}`: executor has more than its type \"{}\"", trigger, *name));
  }
  return {};
}

// Private routes answer only calls from other components.
Result<std::optional<std::string>> read_route(const app::Value& route, std::string_view trigger) {
  if (const auto* text = route.as_string()) return std::optional<std::string>(*text);
  const auto* table = route.as_table();
  const auto* hidden = table == nullptr ? nullptr : table->find("private");
  if (hidden != nullptr && hidden->as_bool() != nullptr && *hidden->as_bool() &&
      table->size() == 1) {
    return std::optional<std::string>();
  }
  return Error::invalid_input(
      fmt::format("trigger `{}`: route is neither a text nor {{ private = true }}", trigger));
}

struct TriggerConfig {
  const app::Value* route = nullptr;
  const app::Value* static_response = nullptr;
  const app::Value* executor = nullptr;
  bool has_component = false;
};

Result<TriggerConfig> read_config(const app::LockedTrigger& trigger) {
  const auto* table = trigger.config.as_table();
  TriggerConfig config;
  for (const auto& [key, value, at] : *table) {
    if (key == "route") {
      config.route = &value;
    } else if (key == "component") {
      config.has_component = true;
    } else if (key == "static_response") {
      config.static_response = &value;
    } else if (key == "executor") {
      config.executor = &value;
    } else {
      return Error::invalid_input(fmt::format(
          "trigger `{}` has the unknown key `{}`, expected route, component, static_response or "
          "executor",
          trigger.id, key));
    }
  }
  if (config.route == nullptr) {
    return Error::invalid_input(fmt::format("trigger `{}` has no route", trigger.id));
  }
  if (config.has_component == (config.static_response != nullptr)) {
    return Error::invalid_input(
        fmt::format("trigger `{}` needs either a component or a static_response", trigger.id));
  }
  return config;
}

}  // namespace

Result<HttpRoutes> read_http_routes(const app::LockedApp& app) {
  HttpRoutes routes;
  TRY(check_settings(app, routes.warnings));
  std::vector<std::pair<std::string, size_t>> raw;
  for (const auto& trigger : app.triggers) {
    if (trigger.type != "http") continue;
    auto config = TRY(read_config(trigger));
    HttpTarget target{.trigger_id = trigger.id,
                      .component = trigger.component,
                      .static_response = nullptr,
                      .wagi = std::nullopt,
                      .files = std::nullopt};
    if (config.executor != nullptr) TRY(read_executor(*config.executor, trigger.id, target));
    if (config.static_response != nullptr) {
      const auto* table = config.static_response->as_table();
      if (table == nullptr) {
        return Error::invalid_input(
            fmt::format("trigger `{}`: static_response is not a table", trigger.id));
      }
      auto response = TRY(read_static_response(*table, trigger.id));
      target.static_response = std::make_shared<StaticResponse>(std::move(response));
    }
    auto route = TRY(read_route(*config.route, trigger.id));
    if (route) {
      if (route->starts_with(kReservedPrefix)) {
        routes.warnings.push_back(fmt::format(
            "the route {} of trigger `{}` is reserved and never served", *route, trigger.id));
      }
      raw.emplace_back(*route, routes.targets.size());
    }
    routes.targets.push_back(std::move(target));
  }
  const auto is_wagi = [](const HttpTarget& target) { return target.wagi.has_value(); };
  if (std::ranges::any_of(routes.targets, is_wagi)) {
    routes.warnings.emplace_back(
        "the executor \"wagi\" is deprecated: let the component export wasi:http/handler");
  }
  routes.table = TRY(RouteTable::create(raw));
  for (const auto& replaced : routes.table.replaced()) {
    routes.warnings.push_back(fmt::format("trigger `{}` is replaced by a later one with route {}",
                                          routes.targets[replaced.target].trigger_id,
                                          replaced.raw));
  }
  return routes;
}

}  // namespace spindle::trigger
