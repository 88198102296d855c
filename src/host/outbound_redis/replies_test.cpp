#include "host/outbound_redis/replies.h"

#include <gtest/gtest.h>

namespace spindle::host {
namespace {

using redis::Reply;
using Kind = Reply::Kind;
using Failed = RedisFailure::Kind;

Reply text(Kind kind, std::string value) {
  return {.kind = kind, .text = std::move(value)};
}
Reply integer(int64_t value) {
  return {.kind = Kind::Integer, .integer = value};
}
Reply list(Kind kind, std::vector<Reply> elements) {
  return {.kind = kind, .elements = std::move(elements)};
}
RedisBinary binary(std::string_view value) {
  return {value.begin(), value.end()};
}

TEST(Replies, AServersErrorIsOtherEverywhere) {
  const Reply error = text(Kind::Error, "ERR no");
  const RedisFailure expected = redis_failure("ERR no");
  EXPECT_EQ(take_done(error).error(), expected);
  EXPECT_EQ(take_payload(error).error(), expected);
  EXPECT_EQ(take_integer(error).error(), expected);
  EXPECT_EQ(take_count(error).error(), expected);
  EXPECT_EQ(take_count_added(error).error(), expected);
  EXPECT_EQ(take_strings(error).error(), expected);
  EXPECT_EQ(take_values(error).error(), expected);
}

TEST(Replies, TextsThatAreNotUtf8AreMadeSo) {
  EXPECT_EQ(take_done(text(Kind::Error, "ERR \xff!")).error(), redis_failure("ERR ?!"));
  EXPECT_EQ(take_strings(list(Kind::Array, {text(Kind::Bulk, "\xff")})).error().kind,
            Failed::Other);
  EXPECT_EQ(*take_payload(text(Kind::Bulk, "\xff")), binary("\xff"));
}

TEST(Replies, AMissingValueIsNothing) {
  EXPECT_EQ(*take_payload({}), std::nullopt);
  EXPECT_EQ(*take_payload(text(Kind::Bulk, "")), binary(""));
}

TEST(Replies, CountsAreInRange) {
  EXPECT_EQ(*take_count(integer(UINT32_MAX)), UINT32_MAX);
  EXPECT_EQ(take_count(integer(-1)).error().kind, Failed::Other);
  EXPECT_EQ(take_count(integer(int64_t{1} << 32)).error().kind, Failed::Other);
  EXPECT_EQ(*take_integer(integer(INT64_MIN)), INT64_MIN);
}

TEST(Replies, OfAnotherTypeAreOtherButWhereSetsGrow) {
  const Reply wrong = text(Kind::Bulk, "x");
  EXPECT_EQ(take_integer(wrong).error().kind, Failed::Other);
  EXPECT_EQ(take_count(wrong).error().kind, Failed::Other);
  EXPECT_EQ(take_count_added(wrong).error().kind, Failed::TypeError);
  EXPECT_EQ(take_strings(wrong).error().kind, Failed::Other);
  EXPECT_EQ(take_payload(integer(1)).error().kind, Failed::Other);
}

TEST(Replies, ListsAreFlattened) {
  const Reply nested =
      list(Kind::Array, {integer(1),
                         list(Kind::Set, {text(Kind::Bulk, "a"), {}}),
                         list(Kind::Array, {list(Kind::Array, {text(Kind::Status, "QUEUED")})}),
                         {.kind = Kind::Boolean, .integer = 1},
                         text(Kind::Double, "1.5"),
                         text(Kind::BigNumber, "99")});
  const std::vector<RedisValue> expected = {
      int64_t{1}, binary("a"),   std::monostate(), RedisStatus{"QUEUED"},
      int64_t{1}, binary("1.5"), binary("99")};
  EXPECT_EQ(*take_values(nested), expected);
  EXPECT_EQ(*take_values(text(Kind::Status, "OK")), std::vector<RedisValue>{RedisStatus{"OK"}});
  EXPECT_EQ(*take_values(list(Kind::Array, {})), std::vector<RedisValue>());
}

TEST(Replies, TypesWithoutAResultAreOther) {
  for (auto kind : {Kind::Map, Kind::Attribute, Kind::Push, Kind::Verbatim}) {
    EXPECT_EQ(take_values(list(Kind::Array, {{.kind = kind}})).error().kind, Failed::Other);
  }
  const Reply failed = list(Kind::Array, {integer(1), text(Kind::Error, "ERR in a transaction")});
  EXPECT_EQ(take_values(failed).error(), redis_failure("ERR in a transaction"));
}

}  // namespace
}  // namespace spindle::host
