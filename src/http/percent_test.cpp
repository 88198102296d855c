#include "http/percent.h"

#include <gtest/gtest.h>

namespace spindle::http {
namespace {

TEST(PercentDecode, KnowsBytesFromMalformedEscapes) {
  EXPECT_EQ(percent_decode("/a+b%20c%2F%2e%C3%a4"), "/a+b c/.\xc3\xa4");
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  EXPECT_EQ(percent_decode("%25%32%65"), "%2e") << "once only";
  for (std::string_view text : {"%", "%2", "a%", "%g0", "%0g", "%%20", "%-1"}) {
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace spindle::http
