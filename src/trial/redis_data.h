#pragma once

// RedisData: what the one Redis server of a trial holds, and the commands on it.
//
// It knows the commands that applications use most, for texts, sets, hashes and lists; keys do not
// expire. Another command is answered as one that a server does not know. What is published is
// kept, in order, for the trial to deliver and to compare.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "redis/reply.h"
#include "trial/transcript.h"

namespace spindle::trial {

struct RedisData {
  using Set = std::set<std::string, std::less<>>;
  using List = std::deque<std::string>;
  using Value = std::variant<std::string, Set, StringMap, List>;

  std::map<std::string, Value, std::less<>> values;
  std::vector<RedisMessage> published;
  // How many components hear a channel.
  std::function<int64_t(const std::string& channel)> listeners;

  void set(const std::string& key, const RedisValue& value);
  // Lists keep their order, sets are sorted.
  std::optional<RedisValue> get(const std::string& key) const;
  redis::Reply execute(const std::vector<std::string>& words);
};

// As a server writes it.
std::string encode_reply(const redis::Reply& reply);

}  // namespace spindle::trial
