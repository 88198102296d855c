#include "host/outbound/address_policy.h"

#include <gtest/gtest.h>

#include "io/tcp.h"

namespace spindle::host {
namespace {

TEST(AddressPolicy, BlocksWhatTheOperatorSays) {
  struct Case {
    std::string address;
    bool is_private;
  };
  app::OutboundConfig config;
  const AddressPolicy open(config);
  config.blocks_private = true;
  const AddressPolicy closed(config);
  for (const auto& item : std::vector<Case>{
           {"127.0.0.1:1", true},
           {"10.1.2.3:1", true},
           {"172.31.0.1:1", true},
           {"172.32.0.1:1", false},
           {"192.168.0.1:1", true},
           {"169.254.169.254:1", true},
           {"100.64.0.1:1", true},
           {"0.0.0.0:1", true},
           {"255.255.255.255:1", true},
           {"8.8.8.8:1", false},
           {"192.0.0.9:1", false},
           {"[::1]:1", true},
           {"[::]:1", true},
           {"[fd00::1]:1", true},
           {"[fe80::1]:1", true},
           {"[::ffff:10.0.0.1]:1", true},
           {"[::10.0.0.1]:1", true},
           {"[::ffff:8.8.8.8]:1", false},
           {"[64:ff9b::a00:1]:1", true},
           {"[2001:db8::1]:1", true},
           {"[ff02::1]:1", true},
           {"[2606:4700::1111]:1", false},
       }) {
    const auto endpoint = io::resolve_endpoint(item.address).value();
    EXPECT_TRUE(open.permits(endpoint)) << item.address;
    EXPECT_EQ(closed.permits(endpoint), !item.is_private) << item.address;
  }
}

TEST(AddressPolicy, BlocksNetworksInBothForms) {
  app::OutboundConfig config;
  config.blocked_networks = {*app::Network::parse("8.8.0.0/16"),
                             *app::Network::parse("2001:db8::/32")};
  const AddressPolicy policy(config);
  EXPECT_FALSE(policy.permits(io::resolve_endpoint("8.8.4.4:53").value()));
  EXPECT_FALSE(policy.permits(io::resolve_endpoint("[::ffff:8.8.4.4]:53").value()));
  EXPECT_FALSE(policy.permits(io::resolve_endpoint("[2001:db8::1]:53").value()));
  EXPECT_TRUE(policy.permits(io::resolve_endpoint("8.9.4.4:53").value()));
  EXPECT_TRUE(policy.permits(io::resolve_endpoint("127.0.0.1:53").value()));
}

}  // namespace
}  // namespace spindle::host
