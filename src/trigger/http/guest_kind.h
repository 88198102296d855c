#pragma once

// By which interface a component answers HTTP. Its exports decide, once, at start; exactly one must
// match.

#include "base/result.h"
#include "component/plan/plan.h"
#include "component/runtime/prepared.h"
#include "runtime/guest_component.h"

namespace spindle::trigger {

struct GuestEntry {
  enum class Kind : uint8_t {
    WasiHttp,     // wasi:http/incoming-handler@0.2.x
    InboundHttp,  // fermyon:spin/inbound-http
    Handler,      // wasi:http/handler@0.3.0
    HandlerRc,    // the same of 0.3.0-rc-2026-03-15
    Command,      // wasi:cli/run@0.2.x, by the executor "wagi"
  };
  Kind kind = Kind::WasiHttp;
  bool is_handler() const { return kind == Kind::Handler || kind == Kind::HandlerRc; }
  component::LiftIndex function;
};

// An error names the interfaces that would do; NotSupported where the component exports one that is
// not built yet.
Result<GuestEntry> find_http_entry(const component::PreparedComponent& prepared);
// Of a component that the executor "wagi" runs.
Result<GuestEntry> find_command_entry(const component::PreparedComponent& prepared);

// How instances of `component` are used: what its manifest says, then what `flags` say, then what
// suits the kind of its entry. An error where that cannot be.
Result<runtime::ReuseSettings> choose_reuse(const runtime::GuestComponent& component,
                                            const GuestEntry& entry,
                                            const app::InstanceReuse& flags);

}  // namespace spindle::trigger
