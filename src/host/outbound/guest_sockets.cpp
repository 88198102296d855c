#include "host/outbound/guest_sockets.h"

#include <fmt/format.h>

namespace spindle::host {

struct ConnectionQuota::Permit {
  explicit Permit(std::shared_ptr<ConnectionQuota> quota) : quota(std::move(quota)) {}
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  ~Permit() { ++quota->left_; }

  std::shared_ptr<ConnectionQuota> quota;
};

std::optional<wasi::ConnectionPermit> ConnectionQuota::take() {
  uint32_t left = left_;
  do {
    if (left == 0) return std::nullopt;
  } while (!left_.compare_exchange_weak(left, left - 1));
  return std::make_shared<const Permit>(shared_from_this());
}

bool GuestSockets::permits(io::Transport transport, const io::Endpoint& address) {
  const std::string_view scheme = transport == io::Transport::Tcp ? "tcp" : "udp";
  const auto url = fmt::format("{}://{}", scheme, address.to_string());
  return permission_.permits(url, scheme) && dialer_ != nullptr && dialer_->gate().permits(address);
}

std::optional<wasi::ConnectionPermit> GuestSockets::take_permit() {
  if (quota_ == nullptr) return wasi::ConnectionPermit();
  return quota_->take();
}

}  // namespace spindle::host
