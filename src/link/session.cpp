#include "link/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "link/late_call.h"
#include "link/limits.h"

namespace spindle::link {
namespace {

Error no_candidate(const LateImport& import, std::string_view name) {
  constexpr size_t kListed = 20;
  std::string known;
  size_t count = 0;
  for (const auto& [candidate, linked] : import.candidates) {
    if (count++ == kListed) break;
    known += fmt::format("{}`{}`", known.empty() ? "" : ", ", candidate);
  }
  if (count > kListed) known += ", ...";
  return Error::not_found(fmt::format("late import `{}` has no candidate `{}`; there are {}",
                                      import.name(), name, known.empty() ? "none" : known));
}

}  // namespace

Callee::~Callee() = default;
CalleeMaker::~CalleeMaker() = default;
Chooser::~Chooser() = default;

LinkSession::LinkSession(Options options) : options_(std::move(options)) {
  for (const LateImport& import : options_.table->imports()) imports_.emplace_back(*this, import);
}

LinkSession::~LinkSession() = default;

void LinkSession::attach(component::ComponentInstance& importer) {
  importer_ = &importer;
}

void LinkSession::hand_over(component::ComponentInstance& callee) {
  LinkBudget& budget = options_.request->budget();
  if (importer_ != nullptr) budget.charge(importer_->store());
  budget.grant(callee.store());
}

void LinkSession::take_back(component::ComponentInstance& callee) {
  LinkBudget& budget = options_.request->budget();
  budget.charge(callee.store());
  if (importer_ != nullptr) budget.grant(importer_->store());
}

SessionImport* LinkSession::find(std::string_view interface) {
  const LateImport* import = table().find(interface);
  return import == nullptr ? nullptr
                           : &imports_[static_cast<size_t>(import - table().imports().data())];
}

const component::PreparedComponent& SessionImport::importer() const {
  return *session_.table().importer();
}

Result<void> SessionImport::select(std::string_view name) {
  if (!import_.candidates.contains(name)) return no_candidate(import_, name);
  chosen_ = name;
  return {};
}

io::Task<void> SessionImport::run(LateCall& call) {
  auto running = outcome_of(call);
  auto outcome = co_await std::move(running);
  if (!outcome) {
    const auto& function = importer().plan().host_imports[call.function];
    outcome = std::move(outcome).context(
        fmt::format("calling `{}` of late import `{}`{}", function.function_name, import_.name(),
                    chosen_.empty() ? "" : fmt::format(", candidate `{}`", chosen_)));
    if (call.callee != nullptr) {
      const auto trap = call.callee->callee->instance().store().trap();
      if (trap && !trap->frames.empty()) {
        outcome = std::move(outcome).context(
            fmt::format("backtrace of `{}`:\n{}", call.callee->name, trap->backtrace()));
      }
    }
  }
  call.outcome.emplace(std::move(outcome));
}

io::Task<SessionImport::Outcome> SessionImport::outcome_of(LateCall& call) {
  if (request().has_dropped()) {
    auto destroying = request().destroy_dropped();
    auto destroyed = co_await std::move(destroying);
    CO_TRY(std::move(destroyed));
  }
  LinkedInstance* callee = call.owner;
  if (callee == nullptr) {
    auto choosing = chosen_instance();
    callee = CO_TRY(co_await std::move(choosing));
  }
  call.callee = callee;
  component::ComponentInstance& instance = callee->callee->instance();
  const component::LiftIndex function = *callee->linked->match.functions[call.function];
  std::optional<component::DynamicValue> result;
  session_.hand_over(instance);
  auto running = instance.run([&]() -> Result<void> {
    result = TRY(instance.call(function, call.params.items));
    return {};
  });
  auto ran = co_await std::move(running);
  session_.take_back(instance);
  if (!ran) co_return ran.take_error();
  co_return std::move(result);
}

io::Task<Result<LinkedInstance*>> SessionImport::chosen_instance() {
  if (chosen_.empty()) {
    std::string name = CO_TRY(session_.options_.chooser->choose(import_));
    CO_TRY(select(name));
  }
  auto found = instances_.find(chosen_);
  if (found == instances_.end()) {
    auto making = instantiate();
    auto made = CO_TRY(co_await std::move(making));
    found = instances_.emplace(chosen_, std::move(made)).first;
  }
  co_return found->second.get();
}

io::Task<Result<std::unique_ptr<LinkedInstance>>> SessionImport::instantiate() {
  const LinkSession::Options& options = session_.options_;
  if (options.depth >= kDepthMax) {
    co_return Error::limit_exceeded(
        fmt::format("late imports call each other deeper than {}", kDepthMax));
  }
  CO_TRY(options.request->budget().take_instance());
  auto made = std::make_unique<LinkedInstance>();
  made->name = chosen_;
  made->import = this;
  made->linked = import_.candidates.find(chosen_)->second;
  auto making = options.maker->make({.candidate = made->linked->candidate,
                                     .request = *options.request,
                                     .depth = options.depth + 1});
  made->callee = CO_TRY(co_await std::move(making));
  co_return made;
}

LinkRequest& SessionImport::request() const {
  return *session_.options_.request;
}

io::Task<Result<void>> SessionImport::destroy(LinkRequest::Dropped dropped) {
  component::ComponentInstance& instance = dropped.owner->callee->instance();
  session_.hand_over(instance);
  auto running =
      instance.run([&] { return instance.drop_guest_resource(dropped.resource, dropped.rep); });
  auto done = co_await std::move(running);
  session_.take_back(instance);
  co_return std::move(done).context(
      fmt::format("dropping a resource of candidate `{}`", dropped.owner->name));
}

io::Task<Result<void>> LinkRequest::destroy_dropped() {
  while (!dropped_.empty()) {
    const Dropped next = dropped_.front();
    dropped_.pop_front();
    auto destroying = next.owner->import->destroy(next);
    auto destroyed = co_await std::move(destroying);
    CO_TRY(std::move(destroyed));
  }
  co_return Result<void>();
}

void bind_late(std::span<const component::HostInterface* const> interfaces, LinkSession& session,
               std::span<void*> implementations) {
  for (size_t i = 0; i < interfaces.size(); ++i) {
    if (interfaces[i]->any_function != &kLateFunction) continue;
    implementations[i] = session.find(interfaces[i]->name);
  }
}

}  // namespace spindle::link
