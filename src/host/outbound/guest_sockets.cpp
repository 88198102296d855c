#include "host/outbound/guest_sockets.h"

#include <fmt/format.h>

namespace spindle::host {

bool GuestSockets::permits(io::Transport transport, const io::Endpoint& address) {
  const std::string_view scheme = transport == io::Transport::Tcp ? "tcp" : "udp";
  const auto url = fmt::format("{}://{}", scheme, address.to_string());
  return permission_.permits(url, scheme) && dialer_ != nullptr && dialer_->gate().permits(address);
}

std::optional<wasi::ConnectionPermit> GuestSockets::take_permit() {
  auto& limits = permission_.limits();
  if (!limits.counts(ConnectionKind::Socket)) return wasi::ConnectionPermit();
  auto permit = limits.try_take(ConnectionKind::Socket);
  if (!permit) return std::nullopt;
  return std::make_shared<const ConnectionLimits::Permit>(std::move(*permit));
}

}  // namespace spindle::host
