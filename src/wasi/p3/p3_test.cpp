#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/testing.h"
#include "io/event_loop.h"
#include "wasi/p3/registry.h"

namespace spindle::wasi::p3 {
namespace {

using testing::HasSubstr;

class P3 : public testing::Test {
 protected:
  template <typename Host>
  Host& host(const State& state, const component::HostInterface& interface) {
    for (const auto& binding : state.bindings()) {
      if (binding.interface == &interface) return *static_cast<Host*>(binding.implementation);
    }
    ADD_FAILURE() << "no binding for " << interface.name;
    std::abort();
  }

  io::EventLoop loop_;
  ManualClocks clocks_{{.seconds = 5, .nanoseconds = 6}};
  SeededRandom random_{1};
  Services services_{loop_, clocks_, random_};
  Shared shared_;
  GuestEnvironment guest_;
};

TEST_F(P3, BindsEveryInterfaceInItsPlace) {
  State state(shared_, services_, guest_);
  std::set<std::string_view> names;
  for (size_t index = 0; index < kInterfaceCount; ++index) {
    const auto& interface = *interfaces()[index];
    EXPECT_TRUE(names.insert(interface.name).second) << interface.name;
    EXPECT_TRUE(interface.name.ends_with("@0.3.0")) << interface.name;
    EXPECT_EQ(state.bindings()[index].interface, &interface) << interface.name;
    EXPECT_EQ(state.bindings()[index].implementation == nullptr, interface.functions.empty())
        << interface.name;
  }
}

TEST_F(P3, SocketsAndNamesAreRefused) {
  State state(shared_, services_, guest_);
  auto& types = host<sockets::types::Host>(state, sockets::types::interface());
  const auto family = sockets::types::IpAddressFamily::Ipv4;
  EXPECT_EQ(types.tcp_socket_create(family).value().error().value.index(),
            sockets::types::ErrorCode{sockets::types::ErrorCode::AccessDenied{}}.value.index());
  EXPECT_FALSE(types.udp_socket_create(family).value().has_value());
  auto& names = host<sockets::ip_name_lookup::Host>(state, sockets::ip_name_lookup::interface());
  auto looked_up = loop_.block_on(
      io::Eventual<std::expected<std::vector<sockets::types::IpAddress>,
                                 sockets::ip_name_lookup::ErrorCode>>::wait(names
                                                                                .resolve_addresses(
                                                                                    "localhost")));
  EXPECT_EQ(looked_up.value().error(),
            sockets::ip_name_lookup::ErrorCode{
                sockets::ip_name_lookup::ErrorCode::PermanentResolverFailure{}});
}

}  // namespace
}  // namespace spindle::wasi::p3
