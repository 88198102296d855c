#include "trigger/http/guest_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace spindle::trigger {
namespace {

struct Candidate {
  std::string_view interface;
  std::string_view function;
  GuestEntry::Kind kind;
};

constexpr std::array<Candidate, 5> kServed = {{
    {"wasi:http/incoming-handler@0.2.0", "handle", GuestEntry::Kind::WasiHttp},
    {"wasi:http/incoming-handler@0.2.0-rc-2023-11-10", "handle", GuestEntry::Kind::WasiHttp},
    {"wasi:http/handler@0.3.0", "handle", GuestEntry::Kind::Handler},
    {"wasi:http/handler@0.3.0-rc-2026-03-15", "handle", GuestEntry::Kind::HandlerRc},
    {"fermyon:spin/inbound-http", "handle-request", GuestEntry::Kind::InboundHttp},
}};

constexpr std::array<std::string_view, 1> kNotYet = {
    "wasi:http/incoming-handler@0.2.0-rc-2023-10-18",
};

constexpr std::string_view kCommand = "wasi:cli/run@0.2.0";

std::string list(const std::vector<std::string>& exports) {
  return exports.empty() ? "nothing" : fmt::format("{}", fmt::join(exports, ", "));
}

// Guests of the release candidate were written for one instance a request.
app::InstanceMode default_mode(GuestEntry::Kind kind) {
  return kind == GuestEntry::Kind::Handler ? app::InstanceMode::Concurrent
                                           : app::InstanceMode::Fresh;
}

}  // namespace

Result<GuestEntry> find_http_entry(const component::PreparedComponent& prepared) {
  std::vector<GuestEntry> found;
  std::vector<std::string_view> names;
  for (const auto& candidate : kServed) {
    auto function = prepared.find_function(candidate.interface, candidate.function);
    if (!function) continue;
    found.push_back({candidate.kind, *function});
    names.push_back(candidate.interface);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return Error::invalid_input(
        fmt::format("the component exports {}, expected one of them", fmt::join(names, " and ")));
  }
  auto exports = prepared.export_names();
  for (auto name : kNotYet) {
    if (std::ranges::find(exports, name) == exports.end()) continue;
    return Error::not_supported(
        fmt::format("the component answers HTTP through {}, which is not supported yet", name));
  }
  if (prepared.find_function(kCommand, "run")) {
    return Error::invalid_input(
        "the component is a command (wasi:cli/run), which answers HTTP only by "
        "executor = { type = \"wagi\" }");
  }
  for (const auto& candidate : kServed) {
    if (std::ranges::find(exports, candidate.interface) == exports.end()) continue;
    return Error::invalid_input(fmt::format("the component exports {} without its function `{}`",
                                            candidate.interface, candidate.function));
  }
  return Error::invalid_input(
      fmt::format("the component does not answer HTTP: it exports {}, expected "
                  "wasi:http/handler@0.3.0, wasi:http/incoming-handler@0.2.x or "
                  "fermyon:spin/inbound-http",
                  list(exports)));
}

Result<GuestEntry> find_command_entry(const component::PreparedComponent& prepared) {
  auto function = prepared.find_function(kCommand, "run");
  if (function) return GuestEntry{GuestEntry::Kind::Command, *function};
  return Error::invalid_input(
      fmt::format("the executor \"wagi\" runs commands: the component exports {}, expected "
                  "wasi:cli/run@0.2.x",
                  list(prepared.export_names())));
}

Result<runtime::ReuseSettings> choose_reuse(const runtime::GuestComponent& component,
                                            const GuestEntry& entry,
                                            const app::InstanceReuse& flags) {
  const app::InstanceReuse wanted = component.reuse.or_else(flags);
  runtime::ReuseSettings chosen;
  if (wanted.max_uses) chosen.max_uses = *wanted.max_uses;
  if (wanted.max_concurrent) chosen.max_concurrent = *wanted.max_concurrent;
  if (wanted.idle) chosen.idle = *wanted.idle;
  if (component.links != nullptr) {
    // Which candidate serves a late import belongs to one request.
    if (!component.reuse.mode || *component.reuse.mode == app::InstanceMode::Fresh) return chosen;
    return Error::invalid_input(
        fmt::format("instances in mode \"{}\" cannot have late imports, expected \"fresh\"",
                    app::to_string(*component.reuse.mode)));
  }
  chosen.mode = wanted.mode.value_or(default_mode(entry.kind));
  if (entry.kind == GuestEntry::Kind::Command && chosen.mode != app::InstanceMode::Fresh) {
    return Error::invalid_input(
        fmt::format("instances in mode \"{}\" cannot be commands, which run once; expected "
                    "\"fresh\"",
                    app::to_string(chosen.mode)));
  }
  if (chosen.mode != app::InstanceMode::Concurrent || entry.is_handler()) {
    return chosen;
  }
  return Error::invalid_input(
      "instances in mode \"concurrent\" need a component that exports wasi:http/handler@0.3, "
      "expected \"fresh\" or \"serial\"");
}

}  // namespace spindle::trigger
