#pragma once

// serve(): the triggers of an application on one event loop a thread, until SIGINT or SIGTERM; then
// they drain.
// SIGHUP reloads where there is something to reload; one that comes of a terminal that is closed
// stops.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/limits.h"
#include "http/tls_slot.h"
#include "trigger/http/http_trigger.h"
#include "trigger/redis/redis_service.h"

namespace spindle::cli {

inline constexpr auto kPollInterval = std::chrono::seconds(2);

// Null for kinds of triggers that the application does not have.
struct Served {
  const runtime::Application& application;
  const trigger::HttpService* http = nullptr;
  const trigger::RedisService* redis = nullptr;
  // Held as long as something of it runs. May be null.
  std::shared_ptr<const void> owner;
};

// Puts another application in the place of the one that is served. Requests that have begun end
// where they began; later ones see the new application; nothing waits. Redis messages that are
// published between the end of the old subscriptions and the new ones are lost.
class Replacer {
 public:
  virtual ~Replacer() = default;
  // On the thread that called serve().
  virtual void replace(const Served& next) = 0;
};

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
  // Runs on that thread beside the serving, canceled at its end. Empty: nothing is ever replaced.
  std::function<io::Task<void>(io::EventLoop& loop, Replacer& replacer)> replacing;
  // Called when serving is to end, before that task is awaited.
  std::function<void()> stopping;
};

// Calls `ready` with the bound address (`127.0.0.1:3000`) once connections are accepted; with an
// empty one where nothing is accepted.
Result<void> serve(const Served& served, const ServeOptions& options,
                   const std::function<void(const std::string& address)>& ready);

}  // namespace spindle::cli
