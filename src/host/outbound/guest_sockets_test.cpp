#include "host/outbound/guest_sockets.h"

#include <gtest/gtest.h>

#include "host/outbound/address_policy.h"

namespace spindle::host {
namespace {

io::Endpoint at(std::string_view address, uint16_t port) {
  auto endpoint = io::parse_ip_literal(address).value();
  endpoint.port = port;
  return endpoint;
}

class GuestSocketsTest : public testing::Test {
 protected:
  bool permits(std::vector<std::string> allowed, io::Transport transport,
               const io::Endpoint& address, const app::OutboundConfig& config = {}) {
    app::LockedComponent component;
    component.id = "guest";
    component.allowed_outbound_hosts = std::move(allowed);
    app::LockedApp locked;
    locked.variables = {{.name = "port", .default_value = "80..90"}};
    auto variables = app::Resolver::create(locked, {}).take_value();
    OutboundTerms terms{.report_denial = [this](const std::string& text, const std::string&) {
      denied.push_back(text);
    }};
    auto access = OutboundAccess::create(component, variables, std::move(terms)).take_value();
    OutboundPermission permission(access);
    const AddressPolicy policy(config);
    const io::Dialer dialer(loop, resolver, policy);
    return GuestSockets(permission, &dialer).permits(transport, address);
  }

  io::EventLoop loop;
  io::BlockingPool pool{1};
  io::Resolver resolver{loop, pool};
  std::vector<std::string> denied;
};

TEST_F(GuestSocketsTest, PermitWhatTheComponentLists) {
  using enum io::Transport;
  const struct {
    std::string entry;
    io::Transport transport;
    std::string_view address;
    uint16_t port;
    bool is_permitted;
  } cases[] = {
      {"tcp://127.0.0.1:80", Tcp, "127.0.0.1", 80, true},
      {"tcp://127.0.0.1:80", Udp, "127.0.0.1", 80, false},
      {"tcp://127.0.0.1:80", Tcp, "127.0.0.1", 81, false},
      {"tcp://127.0.0.1:80", Tcp, "127.0.0.2", 80, false},
      {"udp://127.0.0.1:80", Udp, "127.0.0.1", 80, true},
      {"*://127.0.0.1:80", Tcp, "127.0.0.1", 80, true},
      {"*://127.0.0.1:80", Udp, "127.0.0.1", 80, true},
      {"http://127.0.0.1:80", Tcp, "127.0.0.1", 80, false},
      {"*://*:*", Tcp, "10.1.2.3", 1, true},
      {"tcp://127.0.0.0/24:5000", Tcp, "127.0.0.9", 5000, true},
      {"tcp://127.0.0.0/24:5000", Tcp, "127.0.1.9", 5000, false},
      {"tcp://127.0.0.1:80..90", Tcp, "127.0.0.1", 89, true},
      {"tcp://127.0.0.1:80..90", Tcp, "127.0.0.1", 90, false},
      {"tcp://127.0.0.1:{{ port }}", Tcp, "127.0.0.1", 85, true},
      {"tcp://127.0.0.1:{{ port }}", Tcp, "127.0.0.1", 90, false},
      {"tcp://localhost:80", Tcp, "127.0.0.1", 80, false},
      {"tcp://[::1]:80", Tcp, "::1", 80, true},
      {"tcp://[::1]:80", Tcp, "::2", 80, false},
      {"tcp://fe80::/10:*", Tcp, "fe80::1", 7, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(permits({c.entry}, c.transport, at(c.address, c.port)), c.is_permitted)
        << c.entry << " " << c.address << " " << c.port;
  }
  EXPECT_FALSE(permits({}, Tcp, at("127.0.0.1", 80)));
  EXPECT_EQ(denied.back(),
            "A component tried to make an outbound network connection to disallowed destination "
            "'tcp://127.0.0.1:80'.");
}

TEST_F(GuestSocketsTest, DoNotReachNetworksThatTheOperatorBlocks) {
  app::OutboundConfig config{.blocks_private = true};
  EXPECT_FALSE(permits({"*://*:*"}, io::Transport::Tcp, at("127.0.0.1", 80), config));
  EXPECT_FALSE(permits({"*://*:*"}, io::Transport::Udp, at("::1", 80), config));
  EXPECT_TRUE(permits({"*://*:*"}, io::Transport::Tcp, at("8.8.8.8", 53), config));
}

TEST_F(GuestSocketsTest, CountConnectionsWhereThereIsALimit) {
  const OutboundAccess any;
  OutboundPermission unlimited(any);
  EXPECT_FALSE(GuestSockets(unlimited, nullptr).is_open()) << "without a dialer nothing leaves";
  EXPECT_TRUE(GuestSockets(unlimited, nullptr).take_permit().has_value());
  const auto limits = std::make_shared<ConnectionLimits>(
      app::OutboundConfig{.socket_connections_max = 2, .total_connections = 3});
  const auto variables = app::Resolver::create({}, {}).take_value();
  const auto access = OutboundAccess::create({}, variables, {.limits = limits}).take_value();
  OutboundPermission permission(access);
  GuestSockets limited(permission, nullptr);
  auto one = limited.take_permit();
  auto two = GuestSockets(permission, nullptr).take_permit();
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(limited.take_permit().has_value());
  const auto kept = *two;
  two.reset();
  EXPECT_FALSE(limited.take_permit().has_value()) << "somebody holds it";
  one.reset();
  const auto others =
      std::array{limits->try_take(ConnectionKind::Redis), limits->try_take(ConnectionKind::Mqtt)};
  EXPECT_FALSE(limited.take_permit().has_value()) << "other connections are counted too";
}

}  // namespace
}  // namespace spindle::host
