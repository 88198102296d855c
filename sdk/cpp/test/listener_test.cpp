// A program of a Redis trigger, natively.

#include <gtest/gtest.h>
#include <spindle/test.h>

namespace spindle {
namespace {

TEST(Listener, HearsWhatIsPublished) {
  test::App app;
  ASSERT_TRUE(app.publish("a cat").has_value());
  EXPECT_EQ(app.stores["default"]["heard"], "a cat");
  EXPECT_FALSE(app.publish("bad").has_value());
  EXPECT_EQ(app.stores["default"]["heard"], "a cat");
}

}  // namespace
}  // namespace spindle
