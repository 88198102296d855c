// The release candidate's interfaces are offered as the release's under another name. That is right
// only as long as their types are the same, which its own WIT says.

#include <gtest/gtest.h>

#include <algorithm>

#include "wasi/p3/registry.h"
#include "wit/load.h"
#include "wit/type_text.h"

namespace spindle::wasi::p3 {
namespace {

TEST(Candidate, HasTheFunctionsAndTypesThatItsWitSays) {
  const auto wit = wit::load_paths({SPINDLE_WASI_CANDIDATE_WIT});
  ASSERT_TRUE(wit.has_value()) << wit.error().to_string();
  size_t compared = 0;
  for (const auto* candidate : candidate_interfaces()) {
    const auto id = wit->find_interface(std::string(candidate->name));
    ASSERT_TRUE(id.has_value()) << candidate->name;
    // Ours may have more: what was not yet stable then.
    for (const auto& function : wit->interface(*id).functions) {
      const std::string name = wit->extern_name(function);
      const auto found =
          std::ranges::find(candidate->functions, name, &component::HostFunction::name);
      ASSERT_NE(found, candidate->functions.end()) << candidate->name << " " << name;
      EXPECT_EQ(found->type, wit::function_text(*wit, function).value()) << name;
      ++compared;
    }
  }
  EXPECT_GT(compared, 100U);
}

}  // namespace
}  // namespace spindle::wasi::p3
