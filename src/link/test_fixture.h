#pragma once

// What tests of late imports need: an engine, components as text, and an importer with its session.
//
//   Importer importer(world, front_wat, {{"a", a_wat}, {"b", b_wat}});
//   importer.choose("a");
//   auto result = importer.call("run", {DynamicValue::scalar(1)});

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "component/host/host_function.h"
#include "io/deadlines.h"
#include "io/event_loop.h"
#include "io/eventual.h"
#include "link/late_interface.h"
#include "link/plain.h"
#include "wasm/engine.h"

namespace spindle::link {

inline constexpr std::string_view kPlugin = "test:late/plugin@1.0.0";

// `later(x)` is x + 1, after a turn of the loop.
struct WaitingHost {
  io::EventLoop& loop;

  io::Eventual<uint32_t> later(uint32_t value) { return wait(loop, value); }
  static io::Task<Result<uint32_t>> wait(io::EventLoop& event_loop, uint32_t value) {
    co_await io::yield(event_loop);
    co_return value + 1;
  }
};
inline constexpr std::array kWaitingFunctions{
    component::host_function<&WaitingHost::later>("later", "func(value:u32)->u32")};
inline constexpr component::HostInterface kWaitingInterface{"test:host/api", kWaitingFunctions, {}};

// An engine and a loop.
struct World {
  io::EventLoop loop;
  std::shared_ptr<const wasm::Engine> engine =
      wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  WaitingHost host{loop};
  LateInterface late{std::string(kPlugin)};
  component::HostRegistry plain_registry;
  component::HostRegistry late_registry;

  World() {
    plain_registry.add(kWaitingInterface);
    late_registry = plain_registry;
    late_registry.add(late.interface());
  }

  std::shared_ptr<const component::PreparedComponent> prepare(
      std::string_view wat, const component::HostRegistry& registry) const {
    auto bytes = wasm::wat2wasm(wat);
    if (!bytes) {
      ADD_FAILURE() << bytes.error().message() << "\n" << wat;
      std::abort();
    }
    auto made = component::PreparedComponent::create(engine, *bytes, registry);
    if (!made) ADD_FAILURE() << made.error().to_string() << "\n" << wat;
    return made.take_value();
  }
  std::shared_ptr<const component::PreparedComponent> plugin(std::string_view wat) const {
    return prepare(wat, plain_registry);
  }
  std::shared_ptr<const component::PreparedComponent> front(std::string_view wat) const {
    return prepare(wat, late_registry);
  }

  Candidates candidates(const std::map<std::string, std::string>& texts) const {
    Candidates made;
    for (const auto& [name, wat] : texts) made.emplace(name, Candidate{plugin(wat), nullptr});
    return made;
  }
  Result<std::shared_ptr<const LinkTable>> table(
      std::shared_ptr<const component::PreparedComponent> importer, Candidates candidates) const {
    LateBinding binding{{std::string(kPlugin)}, std::move(candidates)};
    return LinkTable::create(std::move(importer), std::span(&binding, 1));
  }
};

// A callee whose own late imports are bound by the same table as its importer's: it may call itself
// for ever.
class RecursiveCallees final : public CalleeMaker {
 public:
  RecursiveCallees(World& world, Chooser& chooser) : world_(world), chooser_(chooser) {}
  void set_table(std::shared_ptr<const LinkTable> table) { table_ = std::move(table); }

  io::Task<Result<std::unique_ptr<Callee>>> make(Order order) override {
    auto made = std::make_unique<Made>();
    made->session = std::make_unique<LinkSession>(LinkSession::Options{.table = table_,
                                                                       .maker = this,
                                                                       .chooser = &chooser_,
                                                                       .request = &order.request,
                                                                       .depth = order.depth});
    const auto& prepared = order.candidate.prepared;
    std::vector<void*> implementations(prepared->interfaces().size());
    bind_late(prepared->interfaces(), *made->session, implementations);
    component::InstanceOptions options;
    options.store.loop = &world_.loop;
    options.implementations = implementations;
    auto creation = component::ComponentInstance::create(prepared, options);
    made->live = CO_TRY(co_await std::move(creation));
    co_return made;
  }

 private:
  struct Made final : Callee {
    component::ComponentInstance& instance() override { return *live; }
    std::unique_ptr<LinkSession> session;
    std::unique_ptr<component::ComponentInstance> live;
  };

  World& world_;
  Chooser& chooser_;
  std::shared_ptr<const LinkTable> table_;
};

struct Choice final : Chooser {
  Result<std::string> choose(const LateImport&) override {
    ++asked;
    return name;
  }
  std::string name = "a";
  int asked = 0;
};

// One live importer.
class Importer {
 public:
  using Outcome = Result<std::optional<component::DynamicValue>>;

  Importer(World& world, std::shared_ptr<const LinkTable> table,
           uint64_t cpu_ticks = wasm::kUnlimitedTicks)
      : world_(world),
        callees_(options(),
                 [this](const component::PreparedComponent& callee) {
                   return std::vector<void*>(callee.interfaces().size(), &world_.host);
                 }),
        request_(cpu_ticks) {
    start(std::move(table), callees_);
  }
  Importer(World& world, std::shared_ptr<const LinkTable> table, RecursiveCallees& callees)
      : world_(world), callees_(options()), request_(wasm::kUnlimitedTicks) {
    start(std::move(table), callees);
  }

  Outcome call(std::string_view name, std::vector<component::DynamicValue> args = {}) {
    return world_.loop.block_on(calling(name, std::move(args)));
  }
  io::Task<Outcome> calling(std::string_view name, std::vector<component::DynamicValue> args) {
    const auto function = instance_->prepared().find_function("", name).value();
    Outcome outcome = std::optional<component::DynamicValue>();
    auto running = instance_->run([&]() -> Result<void> {
      outcome = instance_->call(function, args);
      return outcome ? Result<void>() : Result<void>(outcome.error());
    });
    auto ran = co_await std::move(running);
    if (!ran) co_return ran.take_error();
    co_return outcome;
  }
  uint64_t number(std::string_view name, std::vector<component::DynamicValue> args = {}) {
    auto outcome = call(name, std::move(args));
    if (!outcome) ADD_FAILURE() << outcome.error().to_string();
    return outcome.value()->bits;
  }
  // All that is said about a failure.
  std::string failure(std::string_view name, std::vector<component::DynamicValue> args = {}) {
    auto outcome = call(name, std::move(args));
    return outcome ? "no failure" : outcome.error().to_string();
  }

  // Runs what is left to run.
  Result<void> finish() { return world_.loop.block_on(request_.destroy_dropped()); }
  LinkSession& session() { return *session_; }
  Choice& choice() { return choice_; }
  const PlainCallees& callees() const { return callees_; }

 private:
  component::InstanceOptions options() const {
    component::InstanceOptions made;
    made.store.loop = &world_.loop;
    return made;
  }
  void start(std::shared_ptr<const LinkTable> table, CalleeMaker& maker) {
    session_ = std::make_unique<LinkSession>(LinkSession::Options{
        .table = table, .maker = &maker, .chooser = &choice_, .request = &request_});
    const auto& prepared = table->importer();
    std::vector<void*> implementations(prepared->interfaces().size(), &world_.host);
    bind_late(prepared->interfaces(), *session_, implementations);
    component::InstanceOptions made = options();
    made.implementations = implementations;
    made.store.cpu_budget = request_.budget().remaining();
    instance_ = component::ComponentInstance::create_blocking(prepared, made).value();
    session_->attach(*instance_);
  }

  World& world_;
  Choice choice_;
  PlainCallees callees_;
  LinkRequest request_;
  std::unique_ptr<LinkSession> session_;
  std::unique_ptr<component::ComponentInstance> instance_;
};

}  // namespace spindle::link
