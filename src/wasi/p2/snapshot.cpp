#include "wasi/p2/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bindings/wasi/http_0_2/outgoing_handler.h"
#include "bindings/wasi/http_0_2/types.h"
#include "component/host/renamed_interfaces.h"
#include "component/plan/host_registry.h"
#include "wasi/p2/registry.h"

namespace spindle::wasi::p2 {
namespace {

namespace http = bindings::wasi::http_0_2;

constexpr std::string_view kSnapshot = "0.2.0-rc-2023-11-10";

std::span<const component::HostInterface* const> originals() {
  static const std::vector<const component::HostInterface*> kOriginals = [] {
    std::vector<const component::HostInterface*> all(interfaces().begin(), interfaces().end());
    all.push_back(&http::types::interface());
    all.push_back(&http::outgoing_handler::interface());
    return all;
  }();
  return kOriginals;
}

}  // namespace

std::span<const component::HostInterface* const> snapshot_interfaces() {
  static const component::RenamedInterfaces kRenamed(originals(), [](std::string_view name) {
    return fmt::format("{}@{}", component::split_interface_name(name).base, kSnapshot);
  });
  return kRenamed.interfaces();
}

const component::HostInterface& release_of(const component::HostInterface& interface) {
  const auto snapshot = snapshot_interfaces();
  const auto found = std::ranges::find(snapshot, &interface);
  if (found == snapshot.end()) return interface;
  return *originals()[static_cast<size_t>(found - snapshot.begin())];
}

}  // namespace spindle::wasi::p2
