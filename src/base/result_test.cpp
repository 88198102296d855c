#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace spindle {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error::invalid_input("odd number");
  return number / 2;
}

Result<int> quarter(int number) {
  auto once = TRY(half(number));
  return TRY(half(once));
}

Result<void> require_even(int number) {
  TRY(half(number));
  return {};
}

TEST(Result, TryPassesValuesAndReturnsErrors) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().message(), "odd number");
  EXPECT_TRUE(require_even(2).has_value());
  EXPECT_FALSE(require_even(3).has_value());
}

TEST(Result, ContextIsAddedToErrorsOnly) {
  auto failed = half(1).context("halving").context("counting");
  EXPECT_EQ(failed.error().to_string(), "counting: halving: odd number");
  EXPECT_EQ(half(4).context("halving").value(), 2);
}

TEST(Result, CarriesMoveOnlyValues) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  auto owned = std::move(result).value();
  EXPECT_EQ(*owned, 5);
}

TEST(Error, KeepsTheInnermostOffset) {
  auto error = Error::invalid_input("bad byte").with_offset(0x10).with_offset(0x20);
  EXPECT_EQ(error.located_message(), "bad byte (at offset 0x10)");
}

TEST(ResultDeathTest, MisuseStopsTheProcess) {
  Result<int> failed = Error::internal("boom");
  EXPECT_DEATH((void)failed.value(), "Result has a value.*boom");
}

}  // namespace
}  // namespace spindle
