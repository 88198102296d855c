#include "runtime/denied.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/plan/host_registry.h"
#include "io/event_loop.h"
#include "runtime/capabilities.h"
#include "runtime/guest_component.h"
#include "runtime/host_interfaces.h"
#include "runtime/host_objects.h"

namespace spindle::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

const component::HostInterface* find(std::span<const component::HostInterface* const> interfaces,
                                     std::string_view name) {
  auto found = std::ranges::find(interfaces, name, &component::HostInterface::name);
  return found == interfaces.end() ? nullptr : *found;
}

// An interface that is offered, needs a capability and has no denied form would be a hole.
TEST(Denied, HasEveryInterfaceThatNeedsACapability) {
  size_t needed = 0;
  for (const auto* interface : host_interfaces()) {
    if (interface->name.starts_with("denied-") || capability_of(interface->name).empty()) continue;
    ++needed;
    const auto* denied = find(denied_interfaces(), denied_name(interface->name));
    ASSERT_NE(denied, nullptr) << interface->name;
    EXPECT_EQ(denied->functions.size(), interface->functions.size());
  }
  EXPECT_EQ(needed, denied_interfaces().size());
  EXPECT_GT(needed, 20U);
}

TEST(Denied, NamesItsOwnResourcesInTypes) {
  const auto* stores = find(denied_interfaces(), "denied-fermyon:spin/key-value@2.0.0");
  ASSERT_NE(stores, nullptr);
  for (const auto& function : stores->functions) {
    EXPECT_THAT(std::string(function.type), HasSubstr("<denied-fermyon:spin/key-value@2.store>"));
    EXPECT_THAT(std::string(function.type), Not(HasSubstr("<fermyon:")));
  }
}

TEST(Denied, IsFoundByVersionsOfTheTrackInCompositionsOnly) {
  EXPECT_FALSE(host_registry().find_interface("denied-wasi:cli/environment@0.2.0"));
  const auto registry = composition_registry();
  const auto found = registry.find_interface("denied-wasi:cli/environment@0.2.0");
  ASSERT_TRUE(found);
  EXPECT_THAT(std::string(registry.interface(*found).name),
              HasSubstr("denied-wasi:cli/environment@0.2."));
}

TEST(Denied, HasBothVersionsOfWasi) {
  for (const auto* name :
       {"denied-wasi:cli/environment@0.3.0", "denied-wasi:filesystem/preopens@0.3.0",
        "denied-wasi:sockets/ip-name-lookup@0.3.0", "denied-wasi:cli/environment@0.2.12"}) {
    EXPECT_NE(find(denied_interfaces(), name), nullptr) << name;
  }
}

TEST(Denied, HasAnObjectForEachInterface) {
  io::EventLoop loop;
  wasi::ManualClocks clocks;
  wasi::SeededRandom random(1);
  const host::Services services{{loop, clocks, random}};
  const DeniedObjects objects(services);
  for (size_t i = 0; i < denied_interfaces().size(); ++i) {
    if (denied_interfaces()[i]->functions.empty()) continue;
    EXPECT_NE(objects.implementation(i), nullptr) << denied_interfaces()[i]->name;
  }
}

struct Denied03 {
  template <typename Host>
  Host& host(std::string_view name) {
    for (size_t i = 0; i < denied_interfaces().size(); ++i) {
      if (denied_interfaces()[i]->name != denied_name(name)) continue;
      return *static_cast<Host*>(objects.implementation(i));
    }
    verify_failed("the interface is denied", name, std::source_location::current());
  }

  io::EventLoop loop;
  wasi::ManualClocks clocks;
  wasi::SeededRandom random{1};
  const host::Services services{{loop, clocks, random}};
  const DeniedObjects objects{services};
};

TEST(Denied, RefusesInAsynchronousInterfacesToo) {
  Denied03 f;
  namespace variables = bindings::spin::variables_3::variables;
  EXPECT_EQ(f.host<variables::Host>("spin:variables/variables@3.0.0")
                .get("secret")
                .take_ready()
                .value()
                .error(),
            variables::Error{variables::Error::Undefined{"secret"}});
  namespace key_value = bindings::spin::key_value_3::key_value;
  EXPECT_EQ(f.host<key_value::Host>("spin:key-value/key-value@3.0.0")
                .store_open("default")
                .take_ready()
                .value()
                .error(),
            key_value::Error{key_value::Error::AccessDenied{}});
}

TEST(Denied, RefusesToSendUnderBothNamesOfWasi03) {
  Denied03 f;
  namespace client = bindings::wasi::http_0_3::client;
  using ErrorCode = bindings::wasi::http_0_3::types::ErrorCode;
  for (const char* name : {"wasi:http/client@0.3.0", "wasi:http/client@0.3.0-rc-2026-03-15"}) {
    EXPECT_EQ(f.host<client::Host>(name).send(nullptr).take_ready().value().error(),
              ErrorCode{ErrorCode::InternalError{"\"wasi:http/client\" is not permitted"}});
  }
}

}  // namespace
}  // namespace spindle::runtime
