#include "wasi/core/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace spindle::wasi {
namespace {

TEST(Random, FillsAnyLength) {
  SystemRandom random;
  for (uint64_t length : {0, 1, 7, 8, 255, 256, 257, 100'000}) {
    auto bytes = random_bytes(random, length).value();
    EXPECT_EQ(bytes.size(), length);
    if (length >= 255) {
      EXPECT_GT(std::ranges::count_if(bytes, [](uint8_t byte) { return byte != 0; }), 100);
    }
  }
}

TEST(Random, TrapsBeyondItsLimitWithoutAllocating) {
  SystemRandom random;
  for (uint64_t length : {kRandomBytesMax + 1, ~uint64_t{0}}) {
    EXPECT_EQ(random_bytes(random, length).error().kind(), ErrorKind::Trap);
  }
}

TEST(Random, GivesLessWhereItMay) {
  SeededRandom random(1);
  EXPECT_EQ(random_bytes_up_to(random, 0).value().size(), 0U);
  EXPECT_EQ(random_bytes_up_to(random, 3).value().size(), 3U);
  EXPECT_EQ(random_bytes_up_to(random, ~uint64_t{0}).value().size(), kRandomBytesMax);
}

TEST(Random, RepeatsItselfFromTheSameSeedOnly) {
  SeededRandom one(7);
  SeededRandom same(7);
  SeededRandom other(8);
  auto bytes = random_bytes(one, 20).value();
  EXPECT_EQ(bytes, random_bytes(same, 20).value());
  EXPECT_NE(bytes, random_bytes(other, 20).value());
  EXPECT_NE(random_u64(one).value(), random_u64(one).value());
}

}  // namespace
}  // namespace spindle::wasi
