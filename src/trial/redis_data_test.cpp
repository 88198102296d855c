#include "trial/redis_data.h"

#include <gmock/gmock.h>

namespace spindle::trial {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

TEST(RedisData, AnswersCommandsAsAServerDoes) {
  RedisData data;
  const struct {
    const char* command;
    const char* reply;
  } kCases[] = {
      {"PING", "+PONG\r\n"},
      {"GET a", "$-1\r\n"},
      {"set a 41", "+OK\r\n"},
      {"INCR a", ":42\r\n"},
      {"INCRBY a -2", ":40\r\n"},
      {"DECR none", ":-1\r\n"},
      {"APPEND a x", ":3\r\n"},
      {"INCR a", "-ERR value is not an integer or out of range\r\n"},
      {"STRLEN a", ":3\r\n"},
      {"GET a", "$3\r\n40x\r\n"},
      {"SETNX a 1", ":0\r\n"},
      {"MSET b 1 c 2", "+OK\r\n"},
      {"MGET b missing c", "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n"},
      {"KEYS ?", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"},
      {"EXISTS a b missing", ":2\r\n"},
      {"DEL b c missing", ":2\r\n"},
      {"SADD s x y x", ":2\r\n"},
      {"SADD a x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
      {"SMEMBERS s", "*2\r\n$1\r\nx\r\n$1\r\ny\r\n"},
      {"SISMEMBER s x", ":1\r\n"},
      {"SCARD s", ":2\r\n"},
      {"SREM s x y z", ":2\r\n"},
      {"EXISTS s", ":0\r\n"},
      {"SMEMBERS s", "*0\r\n"},
      {"HSET h f 1 g 2", ":2\r\n"},
      {"HGET h f", "$1\r\n1\r\n"},
      {"HGET h none", "$-1\r\n"},
      {"HINCRBY h f 4", ":5\r\n"},
      {"HGETALL h", "*4\r\n$1\r\nf\r\n$1\r\n5\r\n$1\r\ng\r\n$1\r\n2\r\n"},
      {"HDEL h f g", ":2\r\n"},
      {"RPUSH l b c", ":2\r\n"},
      {"LPUSH l a", ":3\r\n"},
      {"LRANGE l 0 -1", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"},
      {"LRANGE l -100 0", "*1\r\n$1\r\na\r\n"},
      {"LRANGE l 1 -100", "*0\r\n"},
      {"LPOP l", "$1\r\na\r\n"},
      {"RPOP l", "$1\r\nc\r\n"},
      {"LLEN l", ":1\r\n"},
      {"GET", "-ERR wrong number of arguments for 'GET' command\r\n"},
      {"SET a 1 EX 5", "-ERR options of SET are not supported in tests\r\n"},
      {"FLUSHALL", "-ERR unknown command 'FLUSHALL' (of those that tests know)\r\n"},
      {"", "-ERR empty command\r\n"},
  };
  for (const auto& [command, reply] : kCases) {
    EXPECT_EQ(encode_reply(data.execute(words_of(command))), reply) << command;
  }
}

TEST(RedisData, AddsWithinTheRangeOfNumbersOnly) {
  RedisData data;
  data.execute({"SET", "a", "9223372036854775807"});
  EXPECT_EQ(encode_reply(data.execute({"INCR", "a"})),
            "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(data.get("a"), RedisValue(std::string("9223372036854775807")));
}

TEST(RedisData, KeepsWhatIsPublishedAndSaysHowManyHearIt) {
  RedisData data;
  data.listeners = [](const std::string& channel) { return channel == "news" ? 2 : 0; };
  EXPECT_EQ(data.execute({"PUBLISH", "news", "a"}).integer, 2);
  EXPECT_EQ(data.execute({"PUBLISH", "other", "b"}).integer, 0);
  EXPECT_THAT(data.published, ElementsAre(RedisMessage{"news", "a"}, RedisMessage{"other", "b"}));
}

TEST(RedisData, HoldsWhatATestPutsIntoIt) {
  RedisData data;
  const std::vector<std::string> members = {"a", "b"};
  const StringMap fields = {{"f", "1"}};
  data.set("text", RedisValue(std::string("x")));
  data.set("set", RedisValue(members));
  data.set("hash", RedisValue(fields));
  data.execute({"RPUSH", "list", "b", "a"});
  EXPECT_EQ(data.get("text"), RedisValue(std::string("x")));
  EXPECT_EQ(data.get("set"), RedisValue(members));
  EXPECT_EQ(data.get("hash"), RedisValue(fields));
  EXPECT_EQ(data.get("list"), RedisValue(std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(data.get("none"), std::nullopt);
}

}  // namespace
}  // namespace spindle::trial
