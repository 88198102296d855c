#include "component/host/renamed_interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/plan/host_registry.h"

namespace spindle::component {
namespace {

constexpr HostFunction kTypesFunctions[] = {
    {.name = "[method]thing.other",
     .type = "func(self:borrow<a:b/types@0.3.thing>)->own<a:b/types@0.3.other>"},
};
constexpr HostResourceExport kTypesResources[] = {{"thing", nullptr}};
constexpr HostInterface kTypes{"a:b/types@0.3.0", kTypesFunctions, kTypesResources};
constexpr HostFunction kUsersFunctions[] = {
    {.name = "use",
     .type = "async func(a:stream<own<a:b/types@0.3.thing>>,b:own<a:b/types-more@0.3.thing>,"
             "c:own<c:d/types@0.2.thing>)"},
    {.name = "plain", .type = "func()"},
};
constexpr HostInterface kUsers{"a:b/users@0.3.0", kUsersFunctions, {}};
constexpr const HostInterface* kOriginals[] = {&kTypes, &kUsers};

std::string to_candidate(std::string_view name) {
  return std::string(split_interface_name(name).base) + "@0.3.0-rc-1";
}

TEST(RenamedInterfaces, AreTheSameTablesUnderOtherNames) {
  const RenamedInterfaces renamed(kOriginals, to_candidate);
  ASSERT_EQ(renamed.interfaces().size(), 2U);
  const HostInterface& types = *renamed.interfaces()[0];
  EXPECT_EQ(types.name, "a:b/types@0.3.0-rc-1");
  EXPECT_EQ(types.functions[0].name, "[method]thing.other");
  EXPECT_EQ(types.functions[0].type,
            "func(self:borrow<a:b/types@0.3.0-rc-1.thing>)->own<a:b/types@0.3.0-rc-1.other>");
  EXPECT_EQ(types.resources.data(), kTypes.resources.data());
  EXPECT_EQ(kTypes.functions[0].type,
            "func(self:borrow<a:b/types@0.3.thing>)->own<a:b/types@0.3.other>");
}

TEST(RenamedInterfaces, LeaveTheNamesOfOthers) {
  const RenamedInterfaces renamed(kOriginals, to_candidate);
  const HostInterface& users = *renamed.interfaces()[1];
  EXPECT_EQ(users.functions[0].type,
            "async func(a:stream<own<a:b/types@0.3.0-rc-1.thing>>,b:own<a:b/types-more@0.3.thing>,"
            "c:own<c:d/types@0.2.thing>)");
  EXPECT_EQ(users.functions[1].type, "func()");
}

TEST(RenamedInterfaces, StandBesideTheirOriginals) {
  const RenamedInterfaces renamed(kOriginals, to_candidate);
  HostRegistry registry;
  for (const HostInterface* interface : kOriginals) registry.add(*interface);
  for (const HostInterface* interface : renamed.interfaces()) registry.add(*interface);
  EXPECT_EQ(registry.find_interface("a:b/types@0.3.0"), 0U);
  EXPECT_EQ(registry.find_interface("a:b/types@0.3.7"), 0U);
  EXPECT_EQ(registry.find_interface("a:b/types@0.3.0-rc-1"), 2U);
  EXPECT_FALSE(registry.find_interface("a:b/types@0.3.0-rc-2").has_value());
}

}  // namespace
}  // namespace spindle::component
