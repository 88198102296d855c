#include <gtest/gtest.h>

#include <array>
#include <cerrno>

#include "wasi/core/sockets/socket_address.h"
#include "wasi/core/sockets/socket_options.h"
#include "wasi/core/sockets/test_peer.h"

namespace spindle::wasi {
namespace {

using Family = io::Endpoint::Family;

io::Endpoint at(std::string_view address, uint16_t port = 80) {
  auto endpoint = io::parse_ip_literal(address).value();
  endpoint.port = port;
  return endpoint;
}

TEST(SocketAddresses, BelongToOneFamily) {
  const struct {
    std::string_view address;
    bool is_v4;
    bool is_v6;
  } cases[] = {
      {"127.0.0.1", true, false},    {"0.0.0.0", true, false},
      {"::1", false, true},          {"::", false, true},
      {"fe80::1", false, true},      {"::ffff:127.0.0.1", false, false},
      {"::127.0.0.1", false, false}, {"::2", false, false},
      {"::1:0:0", false, true},      {"64:ff9b::1.2.3.4", false, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(is_of_family(at(c.address), Family::V4), c.is_v4) << c.address;
    EXPECT_EQ(is_of_family(at(c.address), Family::V6), c.is_v6) << c.address;
  }
}

TEST(SocketAddresses, AreUnicastOrNot) {
  const std::pair<std::string_view, bool> cases[] = {
      {"127.0.0.1", true},
      {"223.255.255.255", true},
      {"224.0.0.1", false},
      {"239.255.255.255", false},
      {"240.0.0.1", true},
      {"255.255.255.255", false},
      {"::1", true},
      {"ff02::1", false},
      {"::ffff:224.0.0.1", false},
  };
  for (const auto& [address, is] : cases) EXPECT_EQ(is_unicast(at(address)), is) << address;
}

TEST(SocketAddresses, AreWorthConnectingToOrNot) {
  EXPECT_TRUE(is_valid_remote(at("127.0.0.1")));
  EXPECT_TRUE(is_valid_remote(at("::1")));
  EXPECT_FALSE(is_valid_remote(at("127.0.0.1", 0)));
  EXPECT_FALSE(is_valid_remote(at("0.0.0.0")));
  EXPECT_FALSE(is_valid_remote(at("::")));
  EXPECT_FALSE(is_valid_remote(at("::ffff:0.0.0.0")));
}

TEST(NameLookup, KnowsLiteralsOnly) {
  ScriptedGate gate;
  const std::pair<std::string_view, std::string_view> literals[] = {
      {"127.0.0.1", "127.0.0.1"},
      {"::1", "::1"},
      {"[::1]", "::1"},
      {"::ffff:1.2.3.4", "1.2.3.4"},
  };
  for (const auto& [name, address] : literals) {
    ASSERT_TRUE(look_up(gate, name).has_value()) << name;
    EXPECT_EQ(look_up(gate, name)->address_string(), address);
  }
  const std::string hostile = std::string("127.0.0.1") + '\0' + ".example.com";
  for (const std::string_view name :
       {std::string_view("localhost"), std::string_view(""), std::string_view("[127.0.0.1]"),
        std::string_view("127.1"), std::string_view("[]"), std::string_view("["),
        std::string_view(hostile), std::string_view("::1%lo")}) {
    EXPECT_EQ(look_up(gate, name).error(), SocketError::PermanentResolverFailure) << name;
  }
  EXPECT_EQ(look_up(gate, std::string(100000, 'a')).error(), SocketError::PermanentResolverFailure);
  gate.opens = false;
  EXPECT_EQ(look_up(gate, "127.0.0.1").error(), SocketError::AccessDenied);
}

TEST(SocketErrors, ComeFromTheSystems) {
  const std::pair<int, std::string_view> cases[] = {
      {EACCES, "access-denied"},
      {EPERM, "access-denied"},
      {EOPNOTSUPP, "not-supported"},
      {EINVAL, "invalid-argument"},
      {ENOBUFS, "out-of-memory"},
      {ETIMEDOUT, "timeout"},
      {EALREADY, "concurrency-conflict"},
      {EAGAIN, "would-block"},
      {ENOTCONN, "invalid-state"},
      {EMFILE, "new-socket-limit"},
      {EADDRNOTAVAIL, "address-not-bindable"},
      {EADDRINUSE, "address-in-use"},
      {ENETUNREACH, "remote-unreachable"},
      {ECONNREFUSED, "connection-refused"},
      {ECONNRESET, "connection-reset"},
      {ECONNABORTED, "connection-aborted"},
      {EMSGSIZE, "datagram-too-large"},
      {EPIPE, "connection-broken"},
      {EIO, "unknown"},
      {0, "unknown"},
  };
  for (const auto& [number, name] : cases) {
    EXPECT_EQ(name_of(socket_error_from_errno(number)), name) << number;
  }
}

TEST(SocketOptions, AreClampedAndKept) {
  io::EventLoop loop;
  for (const auto family : {Family::V4, Family::V6}) {
    auto socket = *io::IpSocket::create(loop, family, io::Transport::Tcp);
    EXPECT_EQ(set_hop_limit(*socket, family, 0).error(), SocketError::InvalidArgument);
    for (const uint8_t limit : std::array<uint8_t, 3>{1, 42, 255}) {
      EXPECT_TRUE(set_hop_limit(*socket, family, limit).has_value());
      EXPECT_EQ(hop_limit(*socket, family), limit);
    }
  }
  auto socket = *io::IpSocket::create(loop, Family::V4, io::Transport::Tcp);
  for (const auto buffer : {SocketBuffer::Receive, SocketBuffer::Send}) {
    EXPECT_EQ(set_buffer_size(*socket, buffer, 0).error(), SocketError::InvalidArgument);
    EXPECT_TRUE(set_buffer_size(*socket, buffer, 20000).has_value());
    EXPECT_EQ(buffer_size(*socket, buffer), 20000U);
    EXPECT_TRUE(set_buffer_size(*socket, buffer, ~uint64_t{0}).has_value());
    EXPECT_GE(buffer_size(*socket, buffer).value(), 20000U);
  }
  EXPECT_EQ(keep_alive_enabled(*socket), false);
  EXPECT_TRUE(set_keep_alive_enabled(*socket, true).has_value());
  EXPECT_EQ(keep_alive_enabled(*socket), true);
  constexpr uint64_t kSecond = 1'000'000'000;
  for (const auto which : {KeepAliveTime::Idle, KeepAliveTime::Interval}) {
    const std::pair<uint64_t, uint64_t> times[] = {{1, kSecond},
                                                   {kSecond, kSecond},
                                                   {kSecond + 1, 2 * kSecond},
                                                   {~uint64_t{0}, 32767 * kSecond}};
    EXPECT_EQ(set_keep_alive_time(*socket, which, 0).error(), SocketError::InvalidArgument);
    for (const auto& [set, got] : times) {
      EXPECT_TRUE(set_keep_alive_time(*socket, which, set).has_value()) << set;
      EXPECT_EQ(keep_alive_time(*socket, which), got);
    }
  }
  EXPECT_EQ(set_keep_alive_count(*socket, 0).error(), SocketError::InvalidArgument);
  EXPECT_TRUE(set_keep_alive_count(*socket, 4'000'000'000).has_value());
  EXPECT_EQ(keep_alive_count(*socket), 127U);
}

}  // namespace
}  // namespace spindle::wasi
