#include "redis/reply_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "redis/command.h"

namespace spindle::redis {
namespace {

using Kind = Reply::Kind;

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// All replies in `input`, which is fed in pieces of `size` bytes.
Result<std::vector<Reply>> read_all(std::string_view input, size_t size,
                                    size_t bytes_max = kReplyBytesMax) {
  ReplyReader reader(bytes_max);
  std::vector<Reply> replies;
  for (size_t at = 0; at < input.size(); at += size) {
    TRY(reader.feed(bytes_of(input.substr(at, size))));
    while (true) {
      auto reply = TRY(reader.next());
      if (!reply) break;
      replies.push_back(std::move(*reply));
    }
  }
  return replies;
}

Reply text(Kind kind, std::string value) {
  return {.kind = kind, .text = std::move(value)};
}
Reply integer(int64_t value) {
  return {.kind = Kind::Integer, .integer = value};
}
Reply list(Kind kind, std::vector<Reply> elements) {
  return {.kind = kind, .elements = std::move(elements)};
}

struct Case {
  std::string_view input;
  Reply expected;
};

std::vector<Case> cases() {
  return {
      {"+OK\r\n", text(Kind::Status, "OK")},
      {"-ERR no such\r\n", text(Kind::Error, "ERR no such")},
      {":-9223372036854775808\r\n", integer(INT64_MIN)},
      {"$5\r\na\r\nb\n\r\n", text(Kind::Bulk, "a\r\nb\n")},
      {"$0\r\n\r\n", text(Kind::Bulk, "")},
      {"$-1\r\n", {}},
      {"*-1\r\n", {}},
      {"*0\r\n", list(Kind::Array, {})},
      {"*3\r\n:1\r\n*2\r\n+a\r\n$-1\r\n$1\r\nb\r\n",
       list(Kind::Array,
            {integer(1), list(Kind::Array, {text(Kind::Status, "a"), {}}), text(Kind::Bulk, "b")})},
      {"_\r\n", {}},
      {"#t\r\n", {.kind = Kind::Boolean, .integer = 1}},
      {",1.5\r\n", text(Kind::Double, "1.5")},
      {"(12345678901234567890\r\n", text(Kind::BigNumber, "12345678901234567890")},
      {"=8\r\ntxt:abcd\r\n", text(Kind::Verbatim, "abcd")},
      {"%1\r\n+k\r\n:2\r\n", list(Kind::Map, {text(Kind::Status, "k"), integer(2)})},
      {"~2\r\n:1\r\n:2\r\n", list(Kind::Set, {integer(1), integer(2)})},
      {">1\r\n+x\r\n", list(Kind::Push, {text(Kind::Status, "x")})},
  };
}

TEST(ReplyReader, ReadsEveryKindInPiecesOfEverySize) {
  for (const auto& [input, expected] : cases()) {
    for (size_t size = 1; size <= input.size(); ++size) {
      auto replies = read_all(input, size);
      ASSERT_TRUE(replies) << input << ": " << replies.error().to_string();
      EXPECT_EQ(*replies, std::vector<Reply>{expected}) << input << " by " << size;
    }
  }
}

TEST(ReplyReader, AnIncompleteReplyIsNone) {
  for (const auto& [input, expected] : cases()) {
    for (size_t end = 0; end < input.size(); ++end) {
      auto replies = read_all(input.substr(0, end), 3);
      ASSERT_TRUE(replies) << input << " up to " << end;
      EXPECT_TRUE(replies->empty()) << input << " up to " << end;
    }
  }
}

TEST(ReplyReader, ReadsRepliesThatComeTogether) {
  std::string input;
  std::vector<Reply> expected;
  for (int round = 0; round < 50; ++round) {
    for (const auto& one : cases()) {
      input += one.input;
      expected.push_back(one.expected);
    }
  }
  for (size_t size : {size_t{7}, size_t{1000}, input.size()}) {
    auto replies = read_all(input, size);
    ASSERT_TRUE(replies);
    EXPECT_EQ(*replies, expected);
  }
}

TEST(ReplyReader, RefusesWhatIsNotTheProtocol) {
  for (std::string_view input :
       {"HTTP/1.1 200 OK\r\n", "$abc\r\n", "$-2\r\n", ":1x\r\n", ":99999999999999999999\r\n",
        "*-5\r\n", "#x\r\n", "=3\r\nabc\r\n", "\r\n", "*1\r\n?\r\n"}) {
    auto replies = read_all(input, input.size());
    ASSERT_FALSE(replies) << input;
    EXPECT_EQ(replies.error().kind(), ErrorKind::InvalidInput) << input;
    EXPECT_TRUE(replies.error().message().starts_with("the server does not speak Redis"));
  }
}

TEST(ReplyReader, StaysFailed) {
  ReplyReader reader;
  ASSERT_TRUE(reader.feed(bytes_of("?\r\n")));
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.feed(bytes_of("+OK\r\n")));
  EXPECT_FALSE(reader.next());
}

std::string nested(int depth) {
  std::string input;
  for (int i = 0; i < depth; ++i) input += "*1\r\n";
  return input + ":1\r\n";
}

TEST(ReplyReader, LimitsNesting) {
  EXPECT_TRUE(read_all(nested(kReplyDepthMax), 1000));
  EXPECT_FALSE(read_all(nested(kReplyDepthMax + 1), 1000));
  EXPECT_FALSE(read_all(nested(100'000), 1000));
}

TEST(ReplyReader, LimitsAReplyThatArrivesInPieces) {
  const std::string input = "$1000\r\n" + std::string(1000, 'x') + "\r\n";
  EXPECT_TRUE(read_all(input, 100, 4000));
  auto refused = read_all(input, 100, 900);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::LimitExceeded);
  EXPECT_EQ(refused.error().message(), "a Redis reply of more than 900 bytes");
}

TEST(ReplyReader, LimitsManySmallElements) {
  std::string input = "*100000\r\n";
  for (int i = 0; i < 100'000; ++i) input += ":1\r\n";
  EXPECT_TRUE(read_all(input, 4096));
  auto refused = read_all(input, 4096, 1'000'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::LimitExceeded);
}

TEST(ReplyReader, AnAnnouncedLengthCostsNothing) {
  auto replies = read_all("*4294967294\r\n", 4096);
  ASSERT_TRUE(replies);
  EXPECT_TRUE(replies->empty());
  EXPECT_TRUE(read_all("$4611686018427387904\r\nabc", 4096));
}

TEST(ReplyReader, TheLimitIsThatOfOneReply) {
  std::string input;
  for (int i = 0; i < 1000; ++i) input += "$10\r\n0123456789\r\n";
  EXPECT_TRUE(read_all(input, 64, 1000));
}

TEST(Command, EncodesWordsWithTheirLengths) {
  EXPECT_EQ(encode_command({"SET", "a b", std::string_view("\r\n\0", 3)}),
            std::string("*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$3\r\n\r\n\0\r\n", 31));
  EXPECT_EQ(encode_command({"GET", ""}), "*2\r\n$3\r\nGET\r\n$0\r\n\r\n");
}

TEST(Command, KnowsWhichHaveOneReply) {
  const auto has_one = [](std::initializer_list<std::string_view> words) {
    return has_one_reply(std::span(words.begin(), words.size()));
  };
  EXPECT_TRUE(has_one({"GET", "a"}));
  EXPECT_TRUE(has_one({"CLIENT", "ID"}));
  EXPECT_TRUE(has_one({"CLIENT"}));
  EXPECT_TRUE(has_one({"EXEC"}));
  EXPECT_FALSE(has_one({}));
  EXPECT_FALSE(has_one({"subscribe", "a"}));
  EXPECT_FALSE(has_one({"PSubscribe", "a"}));
  EXPECT_FALSE(has_one({"UNSUBSCRIBE"}));
  EXPECT_FALSE(has_one({"monitor"}));
  EXPECT_FALSE(has_one({"Client", "reply", "OFF"}));
}

}  // namespace
}  // namespace spindle::redis
