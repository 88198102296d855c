#include <gtest/gtest.h>
#include <spindle/test.h>

TEST(Handler, SaysHello) {
  spindle::test::App app;
  const auto answer = app.get("/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "Hello from C++\n");
}
