#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/testing.h"

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

TEST(Error, NamesTheFailureOfTheSystem) {
  struct Case {
    int number;
    ErrorKind kind;
  };
  for (const Case item : {Case{ENOENT, ErrorKind::NotFound}, Case{ENOTDIR, ErrorKind::NotFound},
                          Case{EACCES, ErrorKind::Denied}, Case{EPERM, ErrorKind::Denied},
                          Case{EROFS, ErrorKind::Denied}, Case{EIO, ErrorKind::Unavailable},
                          Case{123456, ErrorKind::Unavailable}}) {
    const Error error = Error::from_errno(item.number, "opening `x`");
    EXPECT_EQ(error.kind(), item.kind) << item.number;
    EXPECT_TRUE(error.message().starts_with("opening `x`: ")) << error.message();
  }
}

TEST(Error, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::Internal); ++kind) {
    names.insert(to_string(static_cast<ErrorKind>(kind)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(ErrorKind::Internal) + 1);
  EXPECT_FALSE(names.contains(to_string(static_cast<ErrorKind>(99))));
}

TEST(Error, TheChainGoesFromTheOutsideIn) {
  auto error =
      Error::trap("unreachable").with_context("calling `run`").with_context("component `cart`");
  EXPECT_EQ(error.chain(),
            (std::vector<std::string>{"component `cart`", "calling `run`", "unreachable"}));
  EXPECT_EQ(error.contexts(), (std::vector<std::string>{"calling `run`", "component `cart`"}));
}

TEST(Error, ACopyIsIndependent) {
  const Error original = Error::denied("no");
  Error copy = original;
  Error changed = std::move(copy).with_context("later");
  EXPECT_EQ(original.to_string(), "no");
  EXPECT_EQ(changed.to_string(), "later: no");
  changed = original;
  EXPECT_EQ(changed.to_string(), "no");
  const Error& self = changed;
  changed = self;
  EXPECT_EQ(changed.to_string(), "no");
}

TEST(Result, ContextTextIsMadeOnlyForErrors) {
  int made = 0;
  auto text = [&made] {
    ++made;
    return std::string("doing");
  };
  EXPECT_TRUE(half(2).context(text).has_value());
  EXPECT_TRUE(require_even(2).context(text).has_value());
  EXPECT_EQ(made, 0);
  EXPECT_EQ(require_even(1).context(text).error().to_string(), "doing: odd number");
  EXPECT_EQ(made, 1);
}

TEST(Result, FallsBackToAnotherValue) {
  EXPECT_EQ(half(1).value_or(9), 9);
  EXPECT_EQ(half(4).value_or(9), 2);
}

Result<std::string> shown(bool fail) {
  if (fail) return Error::invalid_input("no text");
  return "text";  // converts
}

TEST(Result, TakesWhatConvertsToItsValue) {
  EXPECT_EQ(shown(false).value(), "text");
  EXPECT_EQ(shown(true).error().message(), "no text");
}

TEST(ResultDeathTest, AskingForTheErrorOfAValueStopsTheProcess) {
  Result<int> good = 1;
  EXPECT_DEATH((void)good.error(), "Result has an error");
  Result<void> fine;
  EXPECT_DEATH((void)fine.error(), "Result has an error");
  EXPECT_DEATH(VERIFY(half(1).has_value()), "result_test.cpp");
}

TEST(TempDirectory, IsRemovedWithWhatIsInIt) {
  std::string path;
  {
    TempDirectory directory;
    path = directory.path();
    directory.make_directory("a/b");
    directory.write("a/b/c", "text");
    directory.link("/nowhere", "a/link");
    EXPECT_EQ(directory.read("a/b/c"), "text");
    EXPECT_TRUE(directory.has("a/link"));
    EXPECT_NE(path, TempDirectory().path());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace spindle
