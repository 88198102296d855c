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

constexpr std::array<Candidate, 2> kServed = {{
    {"wasi:http/incoming-handler@0.2.0", "handle", GuestEntry::Kind::WasiHttp},
    {"fermyon:spin/inbound-http", "handle-request", GuestEntry::Kind::InboundHttp},
}};

constexpr std::array<std::string_view, 5> kNotYet = {
    "wasi:http/handler@0.3.0",
    "wasi:http/handler@0.3.0-rc-2026-03-15",
    "wasi:http/incoming-handler@0.2.0-rc-2023-10-18",
    "wasi:http/incoming-handler@0.2.0-rc-2023-11-10",
    "wasi:cli/run@0.2.0",
};

app::InstanceMode default_mode(GuestEntry::Kind) {
  return app::InstanceMode::Fresh;
}

bool takes_several_at_once(GuestEntry::Kind) {
  return false;
}

}  // namespace

Result<GuestEntry> find_http_entry(const component::PreparedComponent& prepared) {
  std::vector<GuestEntry> found;
  for (const auto& candidate : kServed) {
    auto function = prepared.find_function(candidate.interface, candidate.function);
    if (function) found.push_back({candidate.kind, *function});
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return Error::invalid_input(
        "the component exports both wasi:http/incoming-handler and fermyon:spin/inbound-http, "
        "expected one of them");
  }
  auto exports = prepared.export_names();
  for (auto name : kNotYet) {
    if (std::ranges::find(exports, name) == exports.end()) continue;
    return Error::not_supported(
        fmt::format("the component answers HTTP through {}, which is not supported yet", name));
  }
  return Error::invalid_input(
      fmt::format("the component does not answer HTTP: it exports {}, expected "
                  "wasi:http/incoming-handler@0.2.x or fermyon:spin/inbound-http",
                  exports.empty() ? "nothing" : fmt::format("{}", fmt::join(exports, ", "))));
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
  if (chosen.mode != app::InstanceMode::Concurrent || takes_several_at_once(entry.kind)) {
    return chosen;
  }
  return Error::invalid_input(
      "instances in mode \"concurrent\" need a component that exports wasi:http/handler@0.3, "
      "expected \"fresh\" or \"serial\"");
}

}  // namespace spindle::trigger
