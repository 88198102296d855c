#pragma once

// serve(): the triggers of an application on one event loop a thread, until SIGINT or SIGTERM; then
// they drain.
// SIGHUP reloads where there is something to reload; one that comes of a terminal that is closed
// stops.

#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"
#include "http/limits.h"
#include "http/tls_slot.h"
#include "trigger/http/http_trigger.h"
#include "trigger/redis/redis_service.h"

namespace spindle::cli {

inline constexpr auto kPollInterval = std::chrono::seconds(2);

struct ServeOptions {
  std::string listen;
  // How many ports to try, upwards, when one is in use.
  unsigned ports = 1;
  unsigned threads = 1;
  http::Limits limits;
  // Null: connections are not encrypted.
  std::shared_ptr<const http::TlsSlot> tls;
  std::chrono::milliseconds drain_time{5'000};
  std::function<void(const std::string& text)> report;
  // Called on SIGHUP, on the thread that called serve(). Empty: SIGHUP is left alone.
  std::function<void()> reload;
  // Called on that thread every kPollInterval. Empty: never.
  std::function<void()> poll;
};

// Null for kinds of triggers that the application does not have.
struct Served {
  const runtime::Application& application;
  const trigger::HttpService* http = nullptr;
  const trigger::RedisService* redis = nullptr;
};

// Calls `ready` with the bound address (`127.0.0.1:3000`) once connections are accepted; with an
// empty one where nothing is accepted.
Result<void> serve(const Served& served, const ServeOptions& options,
                   const std::function<void(const std::string& address)>& ready);

}  // namespace spindle::cli
