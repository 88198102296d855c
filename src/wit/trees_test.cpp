// Every WIT tree that the unpacked crates carry: it resolves, prints, and what is printed resolves
// to the same.

#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "wit/load.h"
#include "wit/print.h"
#include "wit/type_text.h"

namespace spindle::wit {
namespace {

namespace fs = std::filesystem;

// Folders with .wit files that are not below a `deps` of their crate.
std::vector<std::string> trees() {
  std::set<std::string> within;
  for (const auto& entry : fs::recursive_directory_iterator(SPINDLE_CRATES)) {
    if (entry.path().extension() != ".wit") continue;
    fs::path folder = entry.path().parent_path();
    std::string relative = fs::relative(folder, SPINDLE_CRATES).string();
    if (relative.find("/deps") == std::string::npos) within.insert(folder.string());
  }
  return {within.begin(), within.end()};
}

// What the model says, without ids.
std::string signatures(const Resolve& resolve) {
  std::string text;
  for (size_t i = 0; i < resolve.interfaces().size(); ++i) {
    InterfaceId id(i);
    text += resolve.interface_id(id) + "\n";
    // A resource brings its functions along when it is printed, so their order may change.
    std::set<std::string> lines;
    for (const Function& function : resolve.interface(id).functions) {
      auto type = function_text(resolve, function);
      EXPECT_TRUE(type.has_value());
      if (type) lines.insert("  " + resolve.extern_name(function) + " " + *type + "\n");
    }
    for (const std::string& line : lines) text += line;
  }
  for (const World& world : resolve.worlds()) {
    text += world.name + "\n";
    // An implied import may stand elsewhere among those that its dependents need.
    std::set<std::string> imports;
    for (const WorldItem& item : world.imports) imports.insert("  import " + item.name + "\n");
    for (const std::string& line : imports) text += line;
    for (const WorldItem& item : world.exports) text += "  export " + item.name + "\n";
  }
  return text;
}

void check_round_trip(const std::string& tree, const LoadOptions& options) {
  auto resolve = load_directory(tree, options);
  ASSERT_TRUE(resolve.has_value()) << tree << "\n" << resolve.error().to_string();
  std::string printed = print_all(*resolve);
  LoadOptions all;
  all.unstable = UnstableItems::KeepAll;
  auto again = load_texts({{"printed.wit", printed}}, all);
  ASSERT_TRUE(again.has_value()) << again.error().to_string();
  EXPECT_EQ(print_all(*again), printed) << tree;
  EXPECT_EQ(signatures(*again), signatures(*resolve)) << tree;
}

TEST(Trees, OfEveryCrateRoundTrip) {
  auto found = trees();
  EXPECT_GE(found.size(), 8U);
  for (const std::string& tree : found) {
    SCOPED_TRACE(tree);
    check_round_trip(tree, {});
    LoadOptions all;
    all.unstable = UnstableItems::KeepAll;
    check_round_trip(tree, all);
  }
}

TEST(Trees, OfAllCratesMergeIntoOneResolve) {
  LoadOptions all;
  all.unstable = UnstableItems::KeepAll;
  auto resolve = load_paths(trees(), all);
  ASSERT_TRUE(resolve.has_value()) << resolve.error().to_string();
  EXPECT_TRUE(resolve->find_interface("wasi:io/streams@0.2.0").has_value());
  EXPECT_TRUE(resolve->find_interface("fermyon:spin/redis@2.0.0").has_value());
}

}  // namespace
}  // namespace spindle::wit
