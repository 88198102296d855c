#include "trial/redis_data.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <expected>

#include "base/overloaded.h"

namespace spindle::trial {
namespace {

using redis::Reply;
using Words = std::vector<std::string>;

Reply integer(int64_t number) {
  return {.kind = Reply::Kind::Integer, .integer = number};
}
Reply bulk(std::string text) {
  return {.kind = Reply::Kind::Bulk, .text = std::move(text)};
}
Reply ok() {
  return {.kind = Reply::Kind::Status, .text = "OK"};
}
Reply failure(std::string text) {
  return {.kind = Reply::Kind::Error, .text = std::move(text)};
}
Reply array() {
  return {.kind = Reply::Kind::Array};
}

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Reply not_an_integer() {
  return failure("ERR value is not an integer or out of range");
}

// Null where there is no such key; an error where it holds something else.
template <typename T>
std::expected<T*, Reply> find(RedisData& data, const std::string& key) {
  const auto found = data.values.find(key);
  if (found == data.values.end()) return nullptr;
  auto* value = std::get_if<T>(&found->second);
  if (value != nullptr) return value;
  return std::unexpected(
      failure("WRONGTYPE Operation against a key holding the wrong kind of value"));
}

template <typename T>
std::expected<T*, Reply> find_or_make(RedisData& data, const std::string& key) {
  auto found = find<T>(data, key);
  if (found && *found == nullptr) return &std::get<T>(data.values[key] = T());
  return found;
}

size_t size_of(const RedisData::Value& value) {
  return std::visit([](const auto& held) { return held.size(); }, value);
}

// As a server does: an empty set, hash or list is none.
void drop_if_empty(RedisData& data, const std::string& key) {
  const auto found = data.values.find(key);
  if (found == data.values.end() || std::holds_alternative<std::string>(found->second)) return;
  if (size_of(found->second) == 0) data.values.erase(found);
}

Reply get_text(RedisData& data, const Words& words) {
  const auto text = find<std::string>(data, words[1]);
  if (!text) return text.error();
  return *text == nullptr ? Reply() : bulk(**text);
}

Reply set_text(RedisData& data, const Words& words) {
  if (words.size() > 3) return failure("ERR options of SET are not supported in tests");
  data.values[words[1]] = words[2];
  return ok();
}

Reply set_if_absent(RedisData& data, const Words& words) {
  return integer(data.values.try_emplace(words[1], words[2]).second ? 1 : 0);
}

Reply get_texts(RedisData& data, const Words& words) {
  Reply reply = array();
  for (size_t index = 1; index < words.size(); ++index) {
    const auto text = find<std::string>(data, words[index]);
    reply.elements.push_back(text && *text != nullptr ? bulk(**text) : Reply());
  }
  return reply;
}

Reply set_texts(RedisData& data, const Words& words) {
  if (words.size() % 2 == 0) return failure("ERR wrong number of arguments for 'mset' command");
  for (size_t index = 1; index < words.size(); index += 2) {
    data.values[words[index]] = words[index + 1];
  }
  return ok();
}

Reply append(RedisData& data, const Words& words) {
  const auto text = find_or_make<std::string>(data, words[1]);
  if (!text) return text.error();
  **text += words[2];
  return integer(static_cast<int64_t>((*text)->size()));
}

Reply length(RedisData& data, const Words& words) {
  const auto text = find<std::string>(data, words[1]);
  if (!text) return text.error();
  return integer(*text == nullptr ? 0 : static_cast<int64_t>((*text)->size()));
}

Reply add(RedisData& data, const std::string& key, std::optional<int64_t> delta) {
  const auto text = find<std::string>(data, key);
  if (!text) return text.error();
  const auto old = *text == nullptr ? std::optional<int64_t>(0) : parse_integer(**text);
  int64_t sum = 0;
  if (!old || !delta || __builtin_add_overflow(*old, *delta, &sum)) return not_an_integer();
  data.values[key] = std::to_string(sum);
  return integer(sum);
}

Reply remove(RedisData& data, const Words& words) {
  int64_t count = 0;
  for (size_t index = 1; index < words.size(); ++index) {
    count += static_cast<int64_t>(data.values.erase(words[index]));
  }
  return integer(count);
}

Reply exists(RedisData& data, const Words& words) {
  return integer(std::count_if(words.begin() + 1, words.end(),
                               [&](const std::string& key) { return data.values.contains(key); }));
}

Reply keys(RedisData& data, const Words& words) {
  Reply reply = array();
  for (const auto& [key, value] : data.values) {
    if (fnmatch(words[1].c_str(), key.c_str(), 0) == 0) reply.elements.push_back(bulk(key));
  }
  return reply;
}

// Of sets, hashes and lists.
Reply count(RedisData& data, const Words& words) {
  const auto found = data.values.find(words[1]);
  return integer(found == data.values.end() ? 0 : static_cast<int64_t>(size_of(found->second)));
}

Reply add_members(RedisData& data, const Words& words) {
  const auto set = find_or_make<RedisData::Set>(data, words[1]);
  if (!set) return set.error();
  int64_t added = 0;
  for (size_t index = 2; index < words.size(); ++index) {
    added += (*set)->insert(words[index]).second ? 1 : 0;
  }
  drop_if_empty(data, words[1]);
  return integer(added);
}

// Of a set, or fields of a hash.
template <typename T>
Reply remove_members(RedisData& data, const Words& words) {
  const auto held = find<T>(data, words[1]);
  if (!held) return held.error();
  if (*held == nullptr) return integer(0);
  int64_t removed = 0;
  for (size_t index = 2; index < words.size(); ++index) {
    removed += static_cast<int64_t>((*held)->erase(words[index]));
  }
  drop_if_empty(data, words[1]);
  return integer(removed);
}

Reply members(RedisData& data, const Words& words) {
  const auto set = find<RedisData::Set>(data, words[1]);
  if (!set) return set.error();
  Reply reply = array();
  if (*set == nullptr) return reply;
  for (const auto& member : **set) reply.elements.push_back(bulk(member));
  return reply;
}

template <typename T>
Reply has_member(RedisData& data, const Words& words) {
  const auto held = find<T>(data, words[1]);
  if (!held) return held.error();
  return integer(*held != nullptr && (*held)->contains(words[2]) ? 1 : 0);
}

Reply set_fields(RedisData& data, const Words& words) {
  if (words.size() % 2 != 0) return failure("ERR wrong number of arguments for 'hset' command");
  const auto hash = find_or_make<StringMap>(data, words[1]);
  if (!hash) return hash.error();
  int64_t added = 0;
  for (size_t index = 2; index < words.size(); index += 2) {
    added += (*hash)->insert_or_assign(words[index], words[index + 1]).second ? 1 : 0;
  }
  return integer(added);
}

Reply get_field(RedisData& data, const Words& words) {
  const auto hash = find<StringMap>(data, words[1]);
  if (!hash) return hash.error();
  if (*hash == nullptr || !(*hash)->contains(words[2])) return Reply();
  return bulk((*hash)->find(words[2])->second);
}

Reply fields(RedisData& data, const Words& words) {
  const auto hash = find<StringMap>(data, words[1]);
  if (!hash) return hash.error();
  Reply reply = array();
  if (*hash == nullptr) return reply;
  for (const auto& [name, value] : **hash) {
    reply.elements.push_back(bulk(name));
    reply.elements.push_back(bulk(value));
  }
  return reply;
}

Reply add_to_field(RedisData& data, const Words& words) {
  const auto hash = find_or_make<StringMap>(data, words[1]);
  if (!hash) return hash.error();
  auto& field = (**hash)[words[2]];
  const auto old = field.empty() ? std::optional<int64_t>(0) : parse_integer(field);
  const auto delta = parse_integer(words[3]);
  int64_t sum = 0;
  if (!old || !delta || __builtin_add_overflow(*old, *delta, &sum)) return not_an_integer();
  field = std::to_string(sum);
  return integer(sum);
}

enum class End : uint8_t { Left, Right };

template <End end>
Reply push(RedisData& data, const Words& words) {
  const auto list = find_or_make<RedisData::List>(data, words[1]);
  if (!list) return list.error();
  for (size_t index = 2; index < words.size(); ++index) {
    if (end == End::Left) (*list)->push_front(words[index]);
    if (end == End::Right) (*list)->push_back(words[index]);
  }
  return integer(static_cast<int64_t>((*list)->size()));
}

template <End end>
Reply pop(RedisData& data, const Words& words) {
  const auto list = find<RedisData::List>(data, words[1]);
  if (!list) return list.error();
  if (*list == nullptr) return Reply();
  auto& items = **list;
  auto reply = bulk(end == End::Left ? items.front() : items.back());
  if (end == End::Left) items.pop_front();
  if (end == End::Right) items.pop_back();
  drop_if_empty(data, words[1]);
  return reply;
}

Reply range(RedisData& data, const Words& words) {
  const auto list = find<RedisData::List>(data, words[1]);
  if (!list) return list.error();
  auto first = parse_integer(words[2]);
  auto last = parse_integer(words[3]);
  if (!first || !last) return not_an_integer();
  Reply reply = array();
  if (*list == nullptr) return reply;
  const auto size = static_cast<int64_t>((*list)->size());
  auto from_end = [size](int64_t index) {
    return index < 0 ? std::max(-size, index) + size : index;
  };
  const auto stop = *last < -size ? -1 : std::min(size - 1, from_end(*last));
  for (auto index = from_end(*first); index <= stop; ++index) {
    reply.elements.push_back(bulk((**list)[static_cast<size_t>(index)]));
  }
  return reply;
}

Reply publish(RedisData& data, const Words& words) {
  data.published.push_back({words[1], words[2]});
  return integer(data.listeners ? data.listeners(words[1]) : 0);
}

struct Command {
  std::string_view name;
  // Words with the command's own.
  size_t words_min;
  size_t words_max;
  Reply (*run)(RedisData& data, const Words& words);
};

constexpr size_t kAny = SIZE_MAX;

constexpr Command kCommands[] = {
    {"APPEND", 3, 3, append},
    {"AUTH", 2, 3, [](RedisData&, const Words&) { return ok(); }},
    {"DECR", 2, 2, [](RedisData& data, const Words& words) { return add(data, words[1], -1); }},
    {"DEL", 2, kAny, remove},
    {"EXISTS", 2, kAny, exists},
    {"GET", 2, 2, get_text},
    {"HDEL", 3, kAny, remove_members<StringMap>},
    {"HEXISTS", 3, 3, has_member<StringMap>},
    {"HGET", 3, 3, get_field},
    {"HGETALL", 2, 2, fields},
    {"HINCRBY", 4, 4, add_to_field},
    {"HLEN", 2, 2, count},
    {"HSET", 4, kAny, set_fields},
    {"INCR", 2, 2, [](RedisData& data, const Words& words) { return add(data, words[1], 1); }},
    {"INCRBY", 3, 3,
     [](RedisData& data, const Words& words) {
       return add(data, words[1], parse_integer(words[2]));
     }},
    {"KEYS", 2, 2, keys},
    {"LLEN", 2, 2, count},
    {"LPOP", 2, 2, pop<End::Left>},
    {"LPUSH", 3, kAny, push<End::Left>},
    {"LRANGE", 4, 4, range},
    {"MGET", 2, kAny, get_texts},
    {"MSET", 3, kAny, set_texts},
    {"PING", 1, 1,
     [](RedisData&, const Words&) { return Reply{.kind = Reply::Kind::Status, .text = "PONG"}; }},
    {"PUBLISH", 3, 3, publish},
    {"RPOP", 2, 2, pop<End::Right>},
    {"RPUSH", 3, kAny, push<End::Right>},
    {"SADD", 3, kAny, add_members},
    {"SCARD", 2, 2, count},
    {"SELECT", 2, 2, [](RedisData&, const Words&) { return ok(); }},
    {"SET", 3, kAny, set_text},
    {"SETNX", 3, 3, set_if_absent},
    {"SISMEMBER", 3, 3, has_member<RedisData::Set>},
    {"SMEMBERS", 2, 2, members},
    {"SREM", 3, kAny, remove_members<RedisData::Set>},
    {"STRLEN", 2, 2, length},
};

std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

void RedisData::set(const std::string& key, const RedisValue& value) {
  values[key] = std::visit(Overloaded{[](const std::vector<std::string>& members) -> Value {
                                        return Set(members.begin(), members.end());
                                      },
                                      [](const auto& other) -> Value { return other; }},
                           value);
}

std::optional<RedisValue> RedisData::get(const std::string& key) const {
  const auto found = values.find(key);
  if (found == values.end()) return std::nullopt;
  return std::visit(Overloaded{[](const Set& members) -> RedisValue {
                                 return std::vector<std::string>(members.begin(), members.end());
                               },
                               [](const List& items) -> RedisValue {
                                 return std::vector<std::string>(items.begin(), items.end());
                               },
                               [](const auto& other) -> RedisValue { return other; }},
                    found->second);
}

Reply RedisData::execute(const Words& words) {
  if (words.empty()) return failure("ERR empty command");
  const auto name = upper_case(words[0]);
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  if (found == std::end(kCommands)) {
    return failure(fmt::format("ERR unknown command '{}' (of those that tests know)", words[0]));
  }
  if (words.size() < found->words_min || words.size() > found->words_max) {
    return failure(fmt::format("ERR wrong number of arguments for '{}' command", words[0]));
  }
  return found->run(*this, words);
}

std::string encode_reply(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::Status: return fmt::format("+{}\r\n", reply.text);
    case Reply::Kind::Error: return fmt::format("-{}\r\n", reply.text);
    case Reply::Kind::Integer: return fmt::format(":{}\r\n", reply.integer);
    case Reply::Kind::Bulk: return fmt::format("${}\r\n{}\r\n", reply.text.size(), reply.text);
    case Reply::Kind::Array: {
      auto text = fmt::format("*{}\r\n", reply.elements.size());
      for (const auto& element : reply.elements) text += encode_reply(element);
      return text;
    }
    default: return "$-1\r\n";
  }
}

}  // namespace spindle::trial
