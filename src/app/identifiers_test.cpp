#include "app/identifiers.h"

#include <gtest/gtest.h>

#include "app/base64.h"
#include "app/semver.h"

namespace spindle::app {
namespace {

TEST(Identifiers, FollowTheirGrammars) {
  struct {
    const char* name;
    bool kebab, snake, lower_snake, label, key;
  } cases[] = {
      {"a", true, true, true, true, true},
      {"hello-world", true, false, false, true, false},
      {"hello_world", false, true, true, true, true},
      {"mixed-CASE", true, false, false, true, false},
      {"mixed_CASE", false, true, false, true, false},
      {"a1-b2", true, false, false, true, false},
      {"a-b_c", false, false, false, false, false},
      {"camelCase", false, false, false, false, false},
      {"1a", false, false, false, false, false},
      {"a-1", false, false, false, false, false},
      {"a_1", false, false, false, false, true},
      {"", false, false, false, false, false},
      {"-", false, false, false, false, false},
      {"a-", false, false, false, false, false},
      {"a__b", false, false, false, false, false},
      {"a_", false, false, false, false, false},
      {"_a", false, false, false, false, false},
      {"\xc3\xa9", false, false, false, false, false},
      {"A", true, true, false, true, false},
      {"a b", false, false, false, false, false},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(!kebab_id_problem(one.name), one.kebab) << one.name;
    EXPECT_EQ(!snake_id_problem(one.name), one.snake) << one.name;
    EXPECT_EQ(!lower_snake_id_problem(one.name), one.lower_snake) << one.name;
    EXPECT_EQ(!label_problem(one.name), one.label) << one.name;
    EXPECT_EQ(!variable_key_problem(one.name), one.key) << one.name;
  }
}

TEST(Identifiers, NameTheWrongDelimiter) {
  EXPECT_EQ(kebab_id_problem("a_b"), "words must be separated with '-', not '_'");
  EXPECT_EQ(snake_id_problem("a-b"), "words must be separated with '_', not '-'");
}

TEST(Semver, ParsesAndCompares) {
  for (const char* good : {"0.0.0", "1.2.3", "1.2.3-rc.1", "1.2.3+build.01", "1.2.3-a+b"})
    EXPECT_TRUE(Semver::parse(good)) << good;
  for (const char* bad : {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.x",
                          "99999999999999999999.0.0", "1.2.-3"})
    EXPECT_FALSE(Semver::parse(bad)) << bad;
  auto compatible = [](const char* a, const char* b) {
    return semver_compatible(*Semver::parse(a), *Semver::parse(b));
  };
  EXPECT_TRUE(compatible("1.0.0", "1.9.0"));
  EXPECT_FALSE(compatible("1.0.0", "2.0.0"));
  EXPECT_TRUE(compatible("0.2.0", "0.2.9"));
  EXPECT_FALSE(compatible("0.2.0", "0.3.0"));
  EXPECT_FALSE(compatible("0.0.1", "0.0.2"));
  EXPECT_FALSE(compatible("1.0.0-rc.1", "1.0.0"));
}

TEST(Semver, KnowsRequirements) {
  for (const char* good : {"*", "1", "1.2", "^1.2.3", ">=1, <2", "=1.0.0-rc.1", "~ 1.2", "1.*"})
    EXPECT_TRUE(is_version_requirement(good)) << good;
  for (const char* bad : {"", " ", "x1", ">=", "1,", "1.2.3.4", "latest"})
    EXPECT_FALSE(is_version_requirement(bad)) << bad;
}

TEST(Base64, GoesThereAndBack) {
  EXPECT_EQ(encode_base64("Man"), "TWFu");
  EXPECT_EQ(encode_base64("Ma"), "TWE");
  EXPECT_EQ(encode_base64("M"), "TQ");
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(decode_base64("TQ=="), "M");
  EXPECT_FALSE(decode_base64("T"));
  EXPECT_FALSE(decode_base64("T_=="));
}

}  // namespace
}  // namespace spindle::app
