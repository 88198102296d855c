#pragma once

// Stage: an application made ready for one trial, alone in the world: its stores are new, every
// server that it can reach is of the transcript, time and randomness are given, and a request comes
// without a socket. A trial has a stage of its own, so that nothing of one is seen by another.
//
//   auto stage = TRY(Stage::create(play, trial.setup));
//   stage->begin_step(step.outbound);
//   auto response = stage->request(step);
//
// Of one thread; all calls block.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/services.h"
#include "io/event_loop.h"
#include "runtime/application.h"
#include "trial/clock.h"
#include "trial/redis_server.h"
#include "trial/transcript.h"
#include "trial/upstreams.h"
#include "trigger/http/http_trigger.h"
#include "trigger/redis/redis_service.h"

namespace spindle::trial {

// What all trials of an application share.
struct Play {
  app::LockedApp locked;
  runtime::InstanceLimits limits;
  wasm::EngineOptions engine;
  runtime::Caching caching = runtime::Caching::On;
  component::Fusing fusing = component::Fusing::On;
  // Of the first stage; later ones use it.
  std::shared_ptr<const wasm::Engine> shared_engine;
  runtime::Progress& progress;
};

struct Response {
  uint16_t status = 0;
  http::Headers headers;
  std::string body;
  // Why the body, or all of it, is missing.
  std::optional<std::string> failure;
};

class Stage {
 public:
  // `directory` is empty and of this stage alone. `play` outlives the stage.
  static Result<std::unique_ptr<Stage>> create(Play& play, const Setup& setup,
                                               const std::filesystem::path& directory);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void begin_step(const std::vector<OutboundCall>& outbound);
  // Requests to elsewhere that were wrong; what components published.
  std::vector<std::string> end_step();

  Result<Response> request(const Step& step);
  // How many components heard it, and failed or refused it.
  struct Heard {
    size_t components = 0;
    size_t failures = 0;
  };
  Result<Heard> publish(const RedisMessage& message);
  void advance(std::chrono::nanoseconds time);

  // Absent: no such store; then, no such key.
  Result<std::optional<std::string>> stored(const std::string& store, const std::string& key);
  Result<app::Array> rows(const std::string& database, const std::string& query);
  std::optional<RedisValue> redis(const std::string& key) { return redis_.data().get(key); }
  std::vector<RedisMessage> take_published() { return std::exchange(redis_.data().published, {}); }
  // What guests did wrong, and what they were denied, since the last call.
  std::vector<std::string> take_reports() { return std::exchange(reports_, {}); }
  // All that components have printed: by component, in the order of the manifest.
  Pairs output() const;

 private:
  class Pools;

  Stage(const Setup& setup, std::filesystem::path directory);
  Result<void> make_application(Play& play, const Setup& setup);
  Result<void> make_triggers();
  Result<void> fill_stores(const Setup& setup);
  template <typename T>
  T run(io::Task<T> task);
  io::Task<Result<Response>> perform(const Step& step);
  io::Task<Result<Heard>> deliver(const RedisMessage& message);
  io::Task<Result<void>> close();

  const std::filesystem::path directory_;
  io::EventLoop loop_;
  TrialClocks clocks_;
  wasi::SeededRandom random_;
  std::vector<std::string> reports_;
  Upstreams upstreams_;
  RedisServer redis_;
  redis::Connections redis_connections_;
  io::TaskGroup tasks_;
  wasi::OutboundServices outbound_;
  std::unique_ptr<runtime::Application> application_;
  std::unique_ptr<host::Services> services_;
  std::unique_ptr<trigger::HttpService> http_service_;
  std::unique_ptr<trigger::RedisService> redis_service_;
  std::unique_ptr<trigger::HttpTrigger> http_;
  std::unique_ptr<runtime::InstancePools> instances_;
  std::map<const trigger::RedisService::Target*, runtime::InstancePool*> pools_;
  http::LocalExchanges exchanges_;
};

}  // namespace spindle::trial
