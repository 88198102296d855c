#pragma once

// HttpTrigger: answers HTTP requests with the components of an application.
//
// HttpService is made once: routes and entry points, checked. An HttpTrigger is its face on one
// event loop, the http::Handler of that loop's server. A request: route, instance (InstancePools),
// call, response; whatever ends it early (the client leaves, the deadline passes) cancels
// the guest, and everything it acquired goes with its instance.
//
// Components call each other through the same trigger (LocalComponents): such a request has no
// route and no socket, but an instance and a deadline like others. Instances are kept apart by how
// many calls led to them, so that a chain that never ends is noticed.
//
// What goes wrong in a guest becomes an empty 500, or 504 when time ran out, as long as nothing was
// sent; after that the connection is broken, so that the client sees a cut body.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "host/services.h"
#include "http/handler.h"
#include "io/event_loop.h"
#include "runtime/application.h"
#include "runtime/instance_pool.h"
#include "static_files/file_service.h"
#include "trigger/http/guest_kind.h"
#include "trigger/http/routes_config.h"
#include "wasi/core/http/outbound.h"

namespace spindle::trigger {

struct HttpServiceOptions {
  // Of one loop.
  runtime::InstancePools::Options instances;
  // Where the manifest says nothing.
  app::InstanceReuse reuse;
  // Until the guest must have begun its response.
  std::chrono::milliseconds response_time{25'000};
  // Until a handler of WASI 0.3 must be done with its response; each request draws.
  std::optional<app::DurationRange> request_time;
  // Failures of guests: which component, which route, why.
  std::function<void(const std::string& text)> report;
};

class HttpService {
 public:
  // `application` outlives the service.
  static Result<std::unique_ptr<HttpService>> create(const runtime::Application& application,
                                                     HttpServiceOptions options);

  struct Target {
    const HttpTarget* config = nullptr;
    // Null where the host answers: a static response, or files.
    const runtime::GuestComponent* component = nullptr;
    std::shared_ptr<const static_files::FileService> files;
    GuestEntry entry;
    runtime::ReuseSettings reuse;
  };

  const runtime::Application& application() const { return application_; }
  const HttpRoutes& routes() const { return routes_; }
  const Target& target(size_t index) const { return targets_[index]; }
  std::span<const Target> targets() const { return targets_; }
  const HttpServiceOptions& options() const { return options_; }
  const std::string& info_json() const { return info_json_; }
  // What requests of components have in the place of a route: everything matches.
  const Route& local_route() const { return local_route_; }
  std::optional<size_t> find_target(std::string_view component) const;

 private:
  Result<void> prepare_guest(const HttpTarget& config, Target& target) const;
  Result<void> prepare_files(const HttpTarget& config, Target& target) const;

  HttpService(const runtime::Application& application, HttpServiceOptions options)
      : application_(application), options_(std::move(options)) {}

  const runtime::Application& application_;
  HttpServiceOptions options_;
  HttpRoutes routes_;
  std::vector<Target> targets_;
  std::string info_json_;
  Route local_route_;
};

class HttpTrigger final : public http::Handler, public wasi::LocalComponents {
 public:
  // What it is given outlives it.
  HttpTrigger(const HttpService& service, const host::Services& services);

  // When no request of a client runs any more: all instances go.
  io::Task<void> close();

  io::Eventual<void> handle(http::Request& request, http::ResponseWriter& response) override;

  // --- wasi::LocalComponents ---
  http::Handler* find(std::string_view component, uint32_t depth) override;
  http::LocalExchanges& exchanges() override { return exchanges_; }

 private:
  // Answers requests of components to one target, `chain` calls away from a client.
  class LocalHandler final : public http::Handler {
   public:
    LocalHandler(HttpTrigger& trigger, size_t target, uint32_t chain, runtime::InstancePool& pool)
        : trigger_(trigger), target_(target), chain_(chain), pool_(pool) {}
    io::Eventual<void> handle(http::Request& request, http::ResponseWriter& response) override;

   private:
    HttpTrigger& trigger_;
    const size_t target_;
    const uint32_t chain_;
    runtime::InstancePool& pool_;
  };
  // Where a request runs.
  struct Place {
    runtime::InstancePool& pool;
    uint32_t chain = 0;
  };

  io::Eventual<void> serve_files(const RouteTable::Match& match, http::Request& request,
                                 http::ResponseWriter& response);
  io::Eventual<void> answer_well_known(std::string_view name, http::ResponseWriter& response);
  io::Task<Result<void>> run_component(RouteTable::Match match, Place place, http::Request& request,
                                       http::ResponseWriter& response);

  const HttpService& service_;
  const host::Services& services_;
  runtime::InstancePools instances_;
  // By target; null where the host answers. Targets of one component share one.
  std::vector<runtime::InstancePool*> pools_;
  std::map<std::pair<size_t, uint32_t>, LocalHandler> local_handlers_;
  http::LocalExchanges exchanges_;
};

}  // namespace spindle::trigger
