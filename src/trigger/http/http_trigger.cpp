#include "trigger/http/http_trigger.h"

#include <fmt/format.h>

#include "runtime/mounts.h"
#include "trigger/http/guest_run.h"

namespace spindle::trigger {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/spin/";

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

io::Eventual<void> send_status(http::ResponseWriter& response, uint16_t status) {
  return response.send({.status = status, .headers = {}}, {});
}

io::Eventual<void> send_text(http::ResponseWriter& response, std::string_view type,
                             std::string_view body) {
  std::array<http::Header, 1> headers = {{{"content-type", type}}};
  return response.send({.status = 200, .headers = http::HeaderView(headers)}, bytes_of(body));
}

io::Eventual<void> send_static(http::ResponseWriter& response, const StaticResponse& content) {
  std::vector<http::Header> headers;
  for (const auto& [name, value] : content.headers) headers.push_back({name, value});
  return response.send({.status = content.status, .headers = headers}, bytes_of(content.body));
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string make_info(const app::LockedApp& app) {
  std::string text = fmt::format("{{\n  \"name\": {}", json_string(app.name));
  if (!app.version.empty()) text += fmt::format(",\n  \"version\": {}", json_string(app.version));
  return text + "\n}";
}

}  // namespace

Result<std::unique_ptr<HttpService>> HttpService::create(const runtime::Application& application,
                                                         HttpServiceOptions options) {
  std::unique_ptr<HttpService> service(new HttpService(application, std::move(options)));
  service->routes_ = TRY(read_http_routes(application.locked()));
  service->info_json_ = make_info(application.locked());
  service->local_route_ = TRY(Route::parse("/..."));
  for (const auto& config : service->routes_.targets) {
    Target target;
    target.config = &config;
    const auto context = [&config] { return fmt::format("component `{}`", config.component); };
    if (config.files) {
      TRY(service->prepare_files(config, target).context(context));
    } else if (!config.component.empty()) {
      TRY(service->prepare_guest(config, target).context(context));
    }
    service->targets_.push_back(std::move(target));
  }
  return service;
}

Result<void> HttpService::prepare_guest(const HttpTarget& config, Target& target) const {
  target.component = application_.find_component(config.component);
  VERIFY(target.component != nullptr);
  const auto& prepared = *target.component->prepared;
  target.entry = TRY(config.wagi ? find_command_entry(prepared) : find_http_entry(prepared));
  target.reuse = TRY(choose_reuse(*target.component, target.entry, options_.reuse));
  return {};
}

Result<void> HttpService::prepare_files(const HttpTarget& config, Target& target) const {
  const app::LockedComponent* component = application_.locked().find_component(config.component);
  if (component == nullptr) return Error::not_found("the manifest does not define it");
  if (!component->trigger_dependencies.empty()) {
    return Error::not_supported("middleware in front of the executor \"static-files\"");
  }
  const auto option = [&](const std::optional<std::string>& said, std::string_view variable,
                          std::string_view otherwise) {
    if (said) return *said;
    const auto found = component->environment.find(variable);
    return found == component->environment.end() ? std::string(otherwise) : found->second;
  };
  static_files::FileServiceOptions options;
  options.fallback = option(config.files->fallback, "FALLBACK_PATH", "");
  options.not_found = option(config.files->not_found, "CUSTOM_404_PATH", "");
  options.cache_control =
      option(config.files->cache_control, "CACHE_CONTROL", options.cache_control);
  auto mounts = TRY(runtime::make_mounts(*component, wasi::Access::ReadOnly));
  if (mounts.empty()) {
    return Error::invalid_input(
        "the executor \"static-files\" needs `files` to serve, as in files = [{ source = "
        "\"assets\", destination = \"/\" }]");
  }
  auto service = TRY(static_files::FileService::create(static_files::Folder(std::move(mounts)),
                                                       std::move(options)));
  target.files = std::make_shared<const static_files::FileService>(std::move(service));
  return {};
}

std::optional<size_t> HttpService::find_target(std::string_view component) const {
  for (size_t index = 0; index < targets_.size(); ++index) {
    if (!component.empty() && targets_[index].config->component == component) return index;
  }
  return std::nullopt;
}

HttpTrigger::HttpTrigger(const HttpService& service, const host::Services& services)
    : service_(service),
      services_(services),
      instances_(services.loop, services.random, service.options().instances),
      exchanges_(services.loop) {
  // What one component does for two executors are two kinds of instances.
  std::map<std::pair<const runtime::GuestComponent*, bool>, runtime::InstancePool*> known;
  for (const auto& target : service.targets()) {
    runtime::InstancePool*& pool = known[{target.component, target.config->wagi.has_value()}];
    if (pool == nullptr && target.component != nullptr) pool = &instances_.add(target.reuse);
    pools_.push_back(pool);
  }
}

io::Task<void> HttpTrigger::close() {
  auto closing = exchanges_.close();
  co_await std::move(closing);
  auto ending = instances_.close();
  co_await std::move(ending);
}

http::Handler* HttpTrigger::find(std::string_view component, uint32_t depth) {
  const auto target = service_.find_target(component);
  if (!target) return nullptr;
  const std::pair key(*target, depth);
  auto found = local_handlers_.find(key);
  if (found == local_handlers_.end()) {
    runtime::InstancePool& pool =
        instances_.add(service_.target(*target).reuse, runtime::InstancePool::Callers::Components);
    found = local_handlers_.try_emplace(key, *this, *target, depth, pool).first;
  }
  return &found->second;
}

io::Eventual<void> HttpTrigger::LocalHandler::handle(http::Request& request,
                                                     http::ResponseWriter& response) {
  const Route& route = trigger_.service_.local_route();
  RouteTable::Match match{.route = &route, .target = target_};
  auto captures = route.match(request.head().path());
  if (captures) match.captures = std::move(*captures);
  if (trigger_.service_.target(target_).files) {
    return trigger_.serve_files(match, request, response);
  }
  return trigger_.run_component(std::move(match), {pool_, chain_}, request, response);
}

io::Eventual<void> HttpTrigger::handle(http::Request& request, http::ResponseWriter& response) {
  auto path = request.head().path();
  if (path.starts_with(kWellKnown)) {
    return answer_well_known(path.substr(kWellKnown.size()), response);
  }
  auto match = service_.routes().table.match(path);
  if (!match) return send_status(response, 404);
  const auto& target = service_.target(match->target);
  if (target.files) return serve_files(*match, request, response);
  if (target.component == nullptr) return send_static(response, *target.config->static_response);
  const Place place{*pools_[match->target]};
  return run_component(std::move(*match), place, request, response);
}

// What a wildcard takes is the path in the folder; a route without one is a file's whole path.
io::Eventual<void> HttpTrigger::serve_files(const RouteTable::Match& match, http::Request& request,
                                            http::ResponseWriter& response) {
  std::string path =
      match.route->has_wildcard() ? match.captures.trailing : std::string(request.head().path());
  return service_.target(match.target)
      .files->answer(services_.loop, request, response, std::move(path));
}

io::Eventual<void> HttpTrigger::answer_well_known(std::string_view name,
                                                  http::ResponseWriter& response) {
  if (name == "health") return response.send({.status = 200, .headers = {}}, bytes_of("OK"));
  if (name == "info") return send_text(response, "application/json", service_.info_json());
  return send_status(response, 404);
}

io::Task<Result<void>> HttpTrigger::run_component(RouteTable::Match match, Place place,
                                                  http::Request& request,
                                                  http::ResponseWriter& response) {
  runtime::InstancePool& pool = place.pool;
  auto lease = instances_.try_acquire(pool);
  if (!lease) {
    auto acquiring = instances_.acquire(pool);
    auto acquired = co_await std::move(acquiring);
    if (!acquired) {
      std::array<http::Header, 1> headers = {{{"retry-after", "1"}}};
      auto sent = response.send({.status = 503, .headers = http::HeaderView(headers)}, {});
      auto wait = io::Eventual<void>::wait(std::move(sent));
      auto outcome = co_await std::move(wait);
      co_return outcome;
    }
    lease.emplace(acquired.take_value());
  }
  GuestRun run(service_, services_, match, request, response, std::move(*lease));
  run.set_chain(place.chain);
  auto running = run.run();
  auto outcome = co_await std::move(running);
  co_return outcome;
}

}  // namespace spindle::trigger
