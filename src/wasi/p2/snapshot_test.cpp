// The snapshot's interfaces are offered as the release's under other names. That is right only as
// long as their types are the same, which the snapshot's own WIT says.

#include "wasi/p2/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "wit/load.h"
#include "wit/type_text.h"

namespace spindle::wasi::p2 {
namespace {

// What changed: such imports are refused.
bool has_changed(std::string_view function) {
  static const std::set<std::string_view> kChanged = {
      "[method]request-options.connect-timeout-ms",
      "[method]request-options.set-connect-timeout-ms",
      "[method]request-options.first-byte-timeout-ms",
      "[method]request-options.set-first-byte-timeout-ms",
      "[method]request-options.between-bytes-timeout-ms",
      "[method]request-options.set-between-bytes-timeout-ms",
      "[method]future-trailers.get",
      "[method]tcp-socket.ipv6-only",
      "[method]tcp-socket.set-ipv6-only",
      "[method]udp-socket.ipv6-only",
      "[method]udp-socket.set-ipv6-only",
  };
  return kChanged.contains(function);
}

TEST(Snapshot, HasTheFunctionsAndTypesThatItsWitSays) {
  std::vector<std::string> paths;
  for (std::string_view package :
       {"io", "clocks", "random", "cli", "filesystem", "sockets", "http"}) {
    paths.push_back(std::string(SPINDLE_SNAPSHOT_WIT) + "/" + std::string(package) + "-2023-11-10");
  }
  const auto wit = wit::load_paths(paths);
  ASSERT_TRUE(wit.has_value()) << wit.error().to_string();
  size_t compared = 0;
  size_t changed = 0;
  for (const auto* offered : snapshot_interfaces()) {
    const auto id = wit->find_interface(std::string(offered->name));
    ASSERT_TRUE(id.has_value()) << offered->name;
    for (const auto& function : wit->interface(*id).functions) {
      const std::string name = wit->extern_name(function);
      const auto found =
          std::ranges::find(offered->functions, name, &component::HostFunction::name);
      const bool is_same = found != offered->functions.end() &&
                           found->type == wit::function_text(*wit, function).value();
      EXPECT_NE(is_same, has_changed(name)) << offered->name << " " << name;
      compared += is_same ? 1 : 0;
      changed += is_same ? 0 : 1;
    }
  }
  EXPECT_GT(compared, 150U);
  EXPECT_EQ(changed, 11U);
}

TEST(Snapshot, IsTheReleaseByAnotherName) {
  for (const auto* offered : snapshot_interfaces()) {
    const auto& release = release_of(*offered);
    EXPECT_NE(&release, offered);
    EXPECT_EQ(&release_of(release), &release);
  }
}

}  // namespace
}  // namespace spindle::wasi::p2
