#include "trial/stage.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <fstream>
#include <iterator>
#include <set>

#include "host/sqlite/session.h"
#include "io/turns.h"
#include "trigger/redis/message_run.h"

namespace spindle::trial {
namespace {

namespace fs = std::filesystem;

// 2026-01-01T00:00:00Z: where a test says nothing, it still sees the same time always.
constexpr wasi::WallTime kStart{.seconds = 1'767'225'600};
// A loop that has had nothing to do for so long waits for time.
constexpr std::chrono::milliseconds kQuiet{30};
constexpr size_t kInstances = 64;
constexpr size_t kBodyBytesMax = size_t{64} << 20;
constexpr size_t kOutputBytesMax = 64 * 1024;
constexpr size_t kReportsMax = 50;
constexpr std::string_view kHost = "localhost";
constexpr uint16_t kPort = 3000;
constexpr std::string_view kAuthority = "localhost:3000";

http::Origin self_origin() {
  return {.scheme = http::Scheme::Http, .host = std::string(kHost), .port = kPort};
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// A store in memory for each label that a component lists, a database file likewise.
app::RuntimeConfig make_config(const app::LockedApp& locked, const fs::path& directory) {
  std::set<std::string> stores;
  std::set<std::string> databases;
  for (const auto& component : locked.components) {
    stores.insert(component.key_value_stores.begin(), component.key_value_stores.end());
    databases.insert(component.sqlite_databases.begin(), component.sqlite_databases.end());
  }
  app::RuntimeConfig config;
  for (const auto& label : stores) config.key_value_stores.push_back({.label = label, .path = ""});
  for (const auto& label : databases) {
    config.sqlite_databases.push_back(
        {.label = label, .path = (directory / (label + ".db")).string()});
  }
  return config;
}

app::LockedApp with_environment(app::LockedApp locked, const StringMap& environment) {
  for (auto& component : locked.components) {
    for (const auto& [name, value] : environment) component.environment[name] = value;
  }
  return locked;
}

app::Value to_value(const host::SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return app::Value(*number);
  if (const auto* real = std::get_if<double>(&value)) return app::Value(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return app::Value(*text);
  if (const auto* blob = std::get_if<host::SqlBlob>(&value)) {
    return app::Value(std::string(blob->begin(), blob->end()));
  }
  return app::Value();
}

bool hears(const trigger::RedisChannel& channel, const std::string& name) {
  if (channel.kind == trigger::RedisChannel::Kind::Channel) return channel.name == name;
  return fnmatch(channel.name.c_str(), name.c_str(), 0) == 0;
}

// Each component that hears a message, once for each channel or pattern that fits.
std::vector<const trigger::RedisService::Target*> listeners(const trigger::RedisService* service,
                                                            const std::string& channel) {
  std::vector<const trigger::RedisService::Target*> found;
  if (service == nullptr) return found;
  for (const auto& server : service->servers()) {
    for (size_t index = 0; index < server.channels.size(); ++index) {
      if (!hears(server.config->channels[index], channel)) continue;
      const auto& targets = server.channels[index].targets;
      found.insert(found.end(), targets.begin(), targets.end());
    }
  }
  return found;
}

// What came before a failure stays.
io::Task<Result<void>> read_body(http::IncomingResponse& response, std::string& text) {
  while (true) {
    auto next = response.read();
    auto waiting = io::Eventual<http::Bytes>::wait(std::move(next));
    const auto piece = CO_TRY(co_await std::move(waiting));
    if (piece.empty()) co_return Result<void>();
    if (text.size() + piece.size() > kBodyBytesMax) {
      co_return Error::limit_exceeded(
          fmt::format("the response has more than {} bytes", kBodyBytesMax));
    }
    text.append(piece.begin(), piece.end());
  }
}

}  // namespace

Stage::Stage(const Setup& setup, fs::path directory)
    : directory_(std::move(directory)),
      clocks_(setup.clock.value_or(kStart)),
      random_(setup.seed.value_or(0)),
      upstreams_(loop_),
      redis_(loop_),
      redis_connections_(loop_, [this](const redis::Address&) { return redis_.connect(); }),
      tasks_(loop_),
      outbound_{.client = upstreams_.client(), .tasks = tasks_, .self = self_origin()},
      exchanges_(loop_) {
  upstreams_.set_lasting(setup.outbound);
  for (const auto& [key, value] : setup.redis) redis_.data().set(key, value);
  redis_.data().listeners = [this](const std::string& channel) {
    return static_cast<int64_t>(listeners(redis_service_.get(), channel).size());
  };
}

Stage::~Stage() {
  // What waits for time now never comes to its end by itself.
  (void)run(close());
}

template <typename T>
T Stage::run(io::Task<T> task) {
  return io::block_on_turns(loop_, std::move(task), kQuiet, [this] { clocks_.jump(); });
}

Result<std::unique_ptr<Stage>> Stage::create(Play& play, const Setup& setup,
                                             const fs::path& directory) {
  std::unique_ptr<Stage> stage(new Stage(setup, directory));
  TRY(stage->make_application(play, setup));
  TRY(stage->fill_stores(setup));
  TRY(stage->make_triggers());
  return stage;
}

Result<void> Stage::make_application(Play& play, const Setup& setup) {
  runtime::ApplicationOptions options;
  options.limits = play.limits;
  options.engine = play.engine;
  options.shared_engine = play.shared_engine;
  options.caching = play.caching;
  options.fusing = play.fusing;
  options.output.log_directory = directory_ / "output";
  options.config = make_config(play.locked, directory_);
  options.providers.push_back(std::make_unique<app::StaticProvider>(setup.variables));
  options.report_denial = [this](const std::string& text, const std::string& help) {
    if (reports_.size() < kReportsMax) reports_.push_back(text + "\n" + help);
  };
  application_ = TRY(runtime::Application::create(with_environment(play.locked, setup.environment),
                                                  std::move(options), play.progress));
  play.shared_engine = application_->share_engine();
  // No dialer: nothing else than HTTP and Redis leaves.
  services_ = std::make_unique<host::Services>(host::Services{{loop_, clocks_, random_, &outbound_},
                                                              nullptr,
                                                              &application_->blocking_pool(),
                                                              &redis_connections_});
  return {};
}

Result<void> Stage::make_triggers() {
  auto report = [this](const std::string& text) {
    if (reports_.size() < kReportsMax) reports_.push_back(text);
  };
  auto has = [this](std::string_view type) {
    return std::ranges::any_of(application_->locked().triggers,
                               [type](const auto& trigger) { return trigger.type == type; });
  };
  if (has("http")) {
    trigger::HttpServiceOptions options;
    options.report = report;
    options.instances.instances_max = kInstances;
    options.instances.instances_reserved = kInstances / 2;
    http_service_ = TRY(trigger::HttpService::create(*application_, std::move(options)));
    http_ = std::make_unique<trigger::HttpTrigger>(*http_service_, *services_);
    outbound_.components = http_.get();
    upstreams_.set_self(self_origin(), *http_);
  }
  if (!has("redis")) return {};
  trigger::RedisServiceOptions options;
  options.report = report;
  redis_service_ = TRY(trigger::RedisService::create(*application_, std::move(options)));
  instances_ = std::make_unique<runtime::InstancePools>(
      loop_, random_, runtime::InstancePools::Options{.instances_max = kInstances});
  for (const auto& target : redis_service_->targets()) {
    pools_[target.get()] = &instances_->add(target->reuse);
  }
  return {};
}

Result<void> Stage::fill_stores(const Setup& setup) {
  for (const auto& [store, content] : setup.key_value) {
    for (const auto& [key, value] : content) {
      TRY(application_->key_value_stores()
              .set_now(store, key, host::KeyValueBytes(value.begin(), value.end()))
              .context(fmt::format("the test's key-value store `{}`", store)));
    }
  }
  for (const auto& [database, script] : setup.sqlite) {
    TRY(application_->sqlite_databases()
            .execute_now(database, script)
            .context(fmt::format("the test's SQLite database `{}`", database)));
  }
  return {};
}

void Stage::begin_step(const std::vector<OutboundCall>& outbound) {
  upstreams_.begin_step(outbound);
}

std::vector<std::string> Stage::end_step() {
  return upstreams_.end_step();
}

Result<Response> Stage::request(const Step& step) {
  if (http_ == nullptr) return Error::invalid_input("the application has no HTTP trigger");
  return run(perform(step));
}

io::Task<Result<Response>> Stage::perform(const Step& step) {
  std::vector<http::Header> headers;
  std::string_view authority = kAuthority;
  for (const auto& [name, value] : step.headers) {
    if (http::equals_ignoring_case(name, "host")) authority = value;
    headers.push_back({name, value});
  }
  http::ClientRequest request{.origin = self_origin(),
                              .method = step.method,
                              .target = step.target,
                              .authority = authority,
                              .headers = http::HeaderView(headers)};
  if (!step.body.empty()) request.length = http::BodyLength::known(step.body.size());
  Response response;
  auto opened = exchanges_.open(*http_, request);
  if (!opened) co_return Error::invalid_input(opened.error().message);
  auto exchange = opened.take_value();
  if (exchange->has_body()) {
    // A component may answer without reading it.
    auto writing = exchange->request().write(bytes_of(step.body));
    if (co_await std::move(writing)) {
      auto finishing = exchange->request().finish();
      (void)co_await std::move(finishing);
    }
  }
  auto receiving = exchange->receive_head();
  auto received = co_await std::move(receiving);
  if (!received) {
    response.failure = received.error().message;
    co_return response;
  }
  response.status = exchange->response().status();
  response.headers = http::Headers(exchange->response().headers());
  auto reading = read_body(exchange->response(), response.body);
  const auto read = co_await std::move(reading);
  if (!read) response.failure = read.error().message();
  co_return response;
}

Result<Stage::Heard> Stage::publish(const RedisMessage& message) {
  if (redis_service_ == nullptr)
    return Error::invalid_input("the application has no Redis trigger");
  return run(deliver(message));
}

io::Task<Result<Stage::Heard>> Stage::deliver(const RedisMessage& message) {
  Heard heard;
  for (const auto* target : listeners(redis_service_.get(), message.channel)) {
    heard.components += 1;
    auto acquiring = instances_->acquire(*pools_.at(target));
    auto lease = CO_TRY(co_await std::move(acquiring));
    const size_t reports = reports_.size();
    trigger::MessageRun message_run(*redis_service_, *services_, *target, message.channel,
                                    std::move(lease));
    auto running = message_run.run(bytes_of(message.text));
    co_await std::move(running);
    if (reports_.size() > reports) heard.failures += 1;
  }
  co_return heard;
}

void Stage::advance(std::chrono::nanoseconds time) {
  clocks_.advance(static_cast<wasi::MonotonicNs>(time.count()));
}

Result<std::optional<std::string>> Stage::stored(const std::string& store, const std::string& key) {
  const auto found = application_->key_value_stores().find(store);
  if (found == nullptr) {
    return Error::not_found(fmt::format("no component has the key-value store `{}`", store));
  }
  auto getting = io::Eventual<std::optional<host::KeyValueBytes>>::wait(found->get(loop_, key));
  const auto value = TRY(run(std::move(getting)));
  if (!value) return std::optional<std::string>();
  return std::optional(std::string(value->begin(), value->end()));
}

Result<app::Array> Stage::rows(const std::string& database, const std::string& query) {
  app::LockedComponent reader;
  reader.id = "the test";
  reader.sqlite_databases = {database};
  const auto access = TRY(application_->sqlite_databases().access_of(reader));
  const host::SessionHandle session(access.open(database));
  using Rows = std::vector<host::SqlRow>;
  host::SqlCall<Rows> call(loop_, *session.get(),
                           [&query](host::GuestConnection& connection) -> Result<Rows> {
                             auto prepared = TRY(connection.prepare(query, {}));
                             Rows rows;
                             while (!prepared->is_ended()) TRY(prepared->next(rows, {}));
                             return rows;
                           });
  loop_.block_on(call.wait());
  app::Array made;
  for (const auto& row : TRY(call.take())) {
    app::Array columns;
    for (const auto& value : row) columns.push_back(to_value(value));
    made.emplace_back(std::move(columns));
  }
  return made;
}

Pairs Stage::output() const {
  Pairs output;
  for (const auto& component : application_->locked().components) {
    std::string text;
    for (const std::string_view stream : {"stdout", "stderr"}) {
      std::ifstream file(
          wasi::guest_log_path((directory_ / "output").string(), component.id, stream),
          std::ios::binary);
      text.append(std::istreambuf_iterator<char>(file), {});
    }
    if (text.size() > kOutputBytesMax) text.erase(0, text.size() - kOutputBytesMax);
    if (!text.empty()) output.emplace_back(component.id, std::move(text));
  }
  return output;
}

io::Task<Result<void>> Stage::close() {
  auto leaving = exchanges_.close();
  co_await std::move(leaving);
  if (http_ != nullptr) {
    auto closing = http_->close();
    co_await std::move(closing);
  }
  if (instances_ != nullptr) {
    auto closing = instances_->close();
    co_await std::move(closing);
  }
  co_await tasks_.drained();
  auto ending = upstreams_.close();
  co_await std::move(ending);
  redis_connections_.close();
  co_return Result<void>();
}

}  // namespace spindle::trial
