// The candidates of late imports: prepared with the components that import them, and again when
// their files change.

#include <fmt/format.h>

#include "app/url.h"
#include "link/limits.h"
#include "runtime/application.h"

namespace spindle::runtime {
namespace {

std::string key_of(const app::LateCandidate& candidate) {
  return candidate.component.empty() ? candidate.path : candidate.component;
}

std::string join(const std::vector<std::string>& chain) {
  std::string text;
  for (const std::string& id : chain) text += fmt::format("{}`{}`", text.empty() ? "" : " -> ", id);
  return text;
}

}  // namespace

Result<Application::FileState> Application::file_state(const app::LockedComponent& component) {
  FileState state;
  const auto path = component.source.path();
  if (!path) return state;
  std::error_code code;
  state.time = std::filesystem::last_write_time(*path, code);
  if (!code) state.size = std::filesystem::file_size(*path, code);
  if (code) return Error::unavailable(fmt::format("`{}`: {}", *path, code.message()));
  return state;
}

Result<app::LockedComponent> Application::locked_candidate(
    const GuestComponent& importer, const app::LateCandidate& candidate) const {
  if (candidate.component.empty()) {
    // It may reach nothing: no stores, hosts, variables, files.
    app::LockedComponent made;
    made.id = fmt::format("{}.{}", importer.id, candidate.name);
    made.source.source = app::file_url(candidate.path);
    return made;
  }
  const auto* found = locked_.find_component(candidate.component);
  if (found != nullptr) return *found;
  return Error::not_found(
      fmt::format("candidate `{}` is the component `{}`, which the manifest does not define",
                  candidate.name, candidate.component));
}

Result<Application::SharedComponent> Application::prepare_candidate(
    const GuestComponent& importer, const app::LateCandidate& candidate, Chain& chain) {
  const std::string key = key_of(candidate);
  if (auto known = candidates_.find(key); known != candidates_.end()) return known->second.current;
  chain.push_back(key);
  if (std::ranges::count(chain, key) > 1) {
    return Error::invalid_input(fmt::format("late imports go in a circle: {}", join(chain)));
  }
  if (chain.size() > link::kDepthMax + 1) {
    return Error::limit_exceeded(
        fmt::format("late imports lead deeper than {}: {}", link::kDepthMax, join(chain)));
  }
  LateComponent late;
  late.locked = TRY(locked_candidate(importer, candidate));
  late.file = TRY(file_state(late.locked));
  std::unique_ptr<GuestComponent> made = TRY(prepare_component(late.locked));
  TRY(link(*made, chain));
  late.current = std::move(made);
  chain.pop_back();
  SharedComponent current = late.current;
  candidates_.emplace(key, std::move(late));
  return current;
}

Result<void> Application::link(GuestComponent& component, Chain& chain) {
  if (component.late_imports.empty()) return {};
  std::vector<link::LateBinding> bindings;
  for (const app::LateImport& import : component.late_imports) {
    link::LateBinding binding;
    binding.interfaces = import.interfaces;
    for (const app::LateCandidate& candidate : import.candidates) {
      auto preparing = prepare_candidate(component, candidate, chain);
      SharedComponent ready = TRY(std::move(preparing).context(fmt::format(
          "candidate `{}` of late import `{}`", candidate.name, import.interfaces.front())));
      binding.candidates.emplace(candidate.name,
                                 link::Candidate{.prepared = ready->prepared, .host = ready});
    }
    bindings.push_back(std::move(binding));
  }
  auto table = TRY(link::LinkTable::create(component.prepared, bindings));
  component.links = std::make_unique<link::LinkSlot>(std::move(table));
  return {};
}

// All tables that name the component are made before the first is put in its place.
Result<void> Application::replace(const SharedComponent& old, const SharedComponent& next) {
  struct Change {
    link::LinkSlot* slot;
    std::shared_ptr<const link::LinkTable> table;
  };
  std::vector<Change> changes;
  auto change = [&](const GuestComponent& importer) -> Result<void> {
    if (!importer.links) return {};
    const auto before = importer.links->get();
    auto table = before;
    for (const link::LateImport& import : before->imports()) {
      for (const auto& [name, linked] : import.candidates) {
        if (linked->candidate.host != old) continue;
        const link::Candidate candidate{.prepared = next->prepared, .host = next};
        table = TRY(table->replaced(import.name(), name, candidate));
      }
    }
    if (table != before) changes.push_back({importer.links.get(), std::move(table)});
    return {};
  };
  for (const auto& [id, component] : components_) TRY(change(*component));
  for (const auto& [key, late] : candidates_) TRY(change(*late.current));
  for (Change& each : changes) each.slot->set(std::move(each.table));
  return {};
}

Result<void> Application::reload(LateComponent& changed) {
  std::unique_ptr<GuestComponent> made = TRY(prepare_component(changed.locked));
  Chain chain{changed.locked.id};
  TRY(link(*made, chain));
  const SharedComponent next = std::move(made);
  TRY(replace(changed.current, next));
  changed.current = next;
  return {};
}

void Application::reload_candidates(CandidateNews& news) {
  for (auto& [key, late] : candidates_) {
    auto state = file_state(late.locked);
    if (state && *state == late.file) continue;
    if (state) late.file = *state;
    const Result<void> reloaded = state ? reload(late) : Result<void>(state.take_error());
    if (reloaded) {
      news.replaced(late.locked.id);
    } else {
      news.kept(late.locked.id, reloaded.error());
    }
  }
}

}  // namespace spindle::runtime
