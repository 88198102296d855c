// The release candidate's interfaces are offered as the release's under another name. That is right
// only as long as their types are the same, which its own WIT says.

#include <gtest/gtest.h>

#include "wasi/p3/registry.h"
#include "wit/load.h"
#include "wit/type_text.h"

namespace spindle::wasi::p3 {
namespace {

TEST(Candidate, HasTheFunctionsAndTypesThatItsWitSays) {
  const auto wit = wit::load_paths({SPINDLE_WASI_CANDIDATE_WIT});
  ASSERT_TRUE(wit.has_value()) << wit.error().to_string();
  for (const auto* candidate : candidate_interfaces()) {
    const auto id = wit->find_interface(std::string(candidate->name));
    ASSERT_TRUE(id.has_value()) << candidate->name;
    const wit::Interface& interface = wit->interface(*id);
    ASSERT_EQ(candidate->functions.size(), interface.functions.size()) << candidate->name;
    for (size_t i = 0; i < interface.functions.size(); ++i) {
      const auto& function = interface.functions[i];
      EXPECT_EQ(candidate->functions[i].name, wit->extern_name(function));
      EXPECT_EQ(candidate->functions[i].type, wit::function_text(*wit, function).value());
    }
  }
}

}  // namespace
}  // namespace spindle::wasi::p3
