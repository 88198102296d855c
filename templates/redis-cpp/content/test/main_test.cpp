#include <gtest/gtest.h>
#include <spindle/test.h>

TEST(Handler, RemembersTheMessage) {
  spindle::test::App app;
  ASSERT_TRUE(app.publish("a cat"));
  EXPECT_EQ(app.stores["default"]["last"], "a cat");
}
