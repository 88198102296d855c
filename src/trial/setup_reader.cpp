#include "trial/setup_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/http_url.h"
#include "app/json.h"
#include "http/message.h"

namespace spindle::trial {
namespace {

using app::TableEntry;
using app::TableReader;

bool has_header(const Pairs& headers, std::string_view name) {
  return std::ranges::any_of(headers, [name](const auto& header) {
    return http::equals_ignoring_case(header.first, name);
  });
}

}  // namespace

Result<TableReader> Reading::table_reader(const app::Value& value, std::string what) const {
  const auto* table = value.as_table();
  if (table == nullptr) return error(value.at, fmt::format("{} is a table", what));
  return TableReader(source_, *table, value.at, std::move(what));
}

Result<std::vector<std::string>> Reading::texts(TableReader& reader, std::string_view name) const {
  const auto* entry = reader.take(name);
  if (entry == nullptr) return std::vector<std::string>();
  if (const auto* text = entry->value.as_string()) return std::vector{*text};
  return reader.strings(name);
}

Result<Pairs> Reading::headers(TableReader& reader) const {
  auto pairs = TRY(reader.string_table("headers"));
  for (const auto& [name, value] : pairs) {
    if (http::is_valid_header_name(name) && http::is_valid_header_value(value)) continue;
    return error(reader.take("headers")->at, fmt::format("`{}` is no header with a value", name));
  }
  return pairs;
}

Result<std::optional<app::Value>> Reading::json(TableReader& reader) const {
  const auto* entry = reader.take("json");
  if (entry == nullptr) return std::optional<app::Value>();
  const auto* text = entry->value.as_string();
  if (text == nullptr) return std::optional(entry->value);
  auto parsed = app::parse_json(*text);
  if (!parsed) return error(entry->value.at, parsed.error().message());
  return std::optional(parsed.take_value());
}

Result<std::optional<std::string>> Reading::body(TableReader& reader, Pairs& headers) const {
  auto text = TRY(reader.optional_string("body"));
  const auto value = TRY(json(reader));
  if (!value) return text;
  if (text) return reader.error({}, "give `body` or `json`, not both");
  if (!has_header(headers, "content-type")) {
    headers.emplace_back("content-type", "application/json");
  }
  return std::optional(app::to_json(*value));
}

Result<MessageShape> Reading::shape(TableReader& reader) const {
  MessageShape shape;
  shape.headers = TRY(headers(reader));
  shape.body = TRY(reader.optional_string("body"));
  shape.json = TRY(json(reader));
  shape.body_contains = TRY(texts(reader, "body-contains"));
  return shape;
}

Result<uint16_t> Reading::status(int64_t number, app::Position at) const {
  if (number < 200 || number > 999) return error(at, "a status is a number from 200 to 999");
  return static_cast<uint16_t>(number);
}

Result<std::string> Reading::stored_value(const app::Value& value) const {
  if (const auto* text = value.as_string()) return *text;
  const auto* number = value.as_integer();
  if (number == nullptr) return error(value.at, "values of a store are texts, or counters");
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>(static_cast<uint64_t>(*number) >> shift);
  }
  return bytes;
}

Result<RedisValue> Reading::redis_value(const app::Value& value) const {
  if (const auto* text = value.as_string()) return RedisValue(*text);
  if (const auto* list = value.as_array()) {
    std::vector<std::string> members;
    for (const auto& item : *list) {
      if (item.as_string() == nullptr) return error(item.at, "members of a set are texts");
      members.push_back(*item.as_string());
    }
    std::ranges::sort(members);
    return RedisValue(std::move(members));
  }
  const auto* table = value.as_table();
  if (table == nullptr)
    return error(value.at, "expected a text, an array (a set) or a table (a hash)");
  StringMap fields;
  for (const auto& entry : *table) {
    if (entry.value.as_string() == nullptr)
      return error(entry.value.at, "fields of a hash are texts");
    fields.emplace(entry.key, *entry.value.as_string());
  }
  return RedisValue(std::move(fields));
}

Result<http::FailureCode> Reading::failure(const TableEntry& entry) const {
  std::vector<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(http::FailureCode::InternalError); ++code) {
    names.push_back(http::to_string(static_cast<http::FailureCode>(code)));
  }
  const auto* name = entry.value.as_string();
  const auto found = name == nullptr ? names.end() : std::ranges::find(names, *name);
  if (found != names.end()) return static_cast<http::FailureCode>(found - names.begin());
  return error(entry.value.at, "this is no failure of a request",
               app::suggestion(name == nullptr ? "" : *name, names));
}

Result<Answer> Reading::answer(const TableEntry& entry) const {
  auto reader = TRY(table_reader(entry.value, "`answer`"));
  Answer made;
  if (auto number = TRY(reader.optional_integer("status"))) {
    made.status = TRY(status(*number, reader.take("status")->value.at));
  }
  made.headers = TRY(headers(reader));
  made.body = TRY(body(reader, made.headers)).value_or("");
  TRY(reader.finish());
  return made;
}

Result<void> Reading::outbound_target(const TableReader& reader, const TableEntry& entry,
                                      OutboundCall& call) const {
  const auto* text = entry.value.as_string();
  const auto blank = text == nullptr ? std::string::npos : text->find(' ');
  std::string address = blank == std::string::npos ? "" : text->substr(blank + 1);
  call.is_prefix = address.ends_with('*');
  if (call.is_prefix) address.pop_back();
  const auto url = app::HttpUrl::parse(address);
  if (!url || address.find(' ') != std::string::npos) {
    return reader.error(
        entry.value.at, "`request` is a method and a URL",
        "such as \"GET https://api.example.com/prices?fruit=pear\", or with a `*` at "
        "the end");
  }
  call.method = text->substr(0, blank);
  call.scheme = url->scheme;
  call.authority = url->authority;
  call.target = url->target;
  return {};
}

Result<OutboundCall> Reading::outbound_call(const app::Value& value,
                                            std::optional<uint64_t> times) const {
  auto reader = TRY(table_reader(value, "an outbound request"));
  OutboundCall call;
  call.at = value.at;
  TRY(outbound_target(reader, *TRY(reader.required("request")), call));
  call.shape = TRY(shape(reader));
  call.times = times;
  if (const auto given = TRY(reader.optional_integer("times"))) {
    if (*given < 0) return error(reader.take("times")->value.at, "`times` is not negative");
    call.times = static_cast<uint64_t>(*given);
  }
  const auto* answered = reader.take("answer");
  const auto* failed = reader.take("fails");
  if ((answered != nullptr) == (failed != nullptr)) {
    return error(value.at, "an outbound request has an `answer`, or `fails`",
                 "such as answer = { status = 200, json = { price = 3 } }");
  }
  if (answered != nullptr) call.answer = TRY(answer(*answered));
  if (failed != nullptr) call.answer.failure = TRY(failure(*failed));
  TRY(reader.finish());
  return call;
}

Result<std::vector<OutboundCall>> Reading::outbound(TableReader& reader,
                                                    std::optional<uint64_t> times) const {
  std::vector<OutboundCall> calls;
  const auto* list = TRY(reader.optional_array("outbound"));
  if (list == nullptr) return calls;
  for (const auto& item : *list) calls.push_back(TRY(outbound_call(item, times)));
  return calls;
}

// A text of SQL, or `@file`.
Result<std::string> Reading::script(const app::Value& value) const {
  const auto* text = value.as_string();
  if (text == nullptr) return error(value.at, "expected SQL, or \"@FILE\"");
  if (!text->starts_with('@')) return *text;
  const auto path = std::filesystem::path(source_.name()).parent_path() / text->substr(1);
  auto content = files_.read(path.string(), kScriptBytesMax);
  if (!content) return error(value.at, content.error().message());
  return content.take_value() + "\n";
}

Result<void> Reading::stores(TableReader& reader, Setup& setup) const {
  if (const auto* named = TRY(reader.optional_table("key-value"))) {
    for (const auto& store : *named) {
      const auto* keys = store.value.as_table();
      if (keys == nullptr) return error(store.value.at, "expected a table of keys");
      auto& content = setup.key_value[store.key];
      for (const auto& entry : *keys) content[entry.key] = TRY(stored_value(entry.value));
    }
  }
  if (const auto* databases = TRY(reader.optional_table("sqlite"))) {
    for (const auto& entry : *databases) {
      setup.sqlite.emplace_back(entry.key, TRY(script(entry.value)));
    }
  }
  if (const auto* keys = TRY(reader.optional_table("redis"))) {
    for (const auto& entry : *keys) setup.redis[entry.key] = TRY(redis_value(entry.value));
  }
  return {};
}

Result<Setup> Reading::setup(TableReader& reader, const Setup& common) const {
  Setup made = common;
  if (const auto* clock = reader.take("clock")) {
    const auto* text = clock->value.as_string();
    made.clock = text == nullptr ? std::nullopt : parse_instant(*text);
    if (!made.clock) {
      return error(clock->value.at, "`clock` is an instant", "such as 2026-11-22T10:00:00Z");
    }
  }
  if (auto seed = TRY(reader.optional_integer("seed"))) made.seed = static_cast<uint64_t>(*seed);
  for (auto& [name, value] : TRY(reader.string_table("variables"))) made.variables[name] = value;
  for (auto& [name, value] : TRY(reader.string_table("environment"))) {
    made.environment[name] = value;
  }
  TRY(stores(reader, made));
  // The test's own come first: the first that fits answers.
  auto calls = TRY(outbound(reader, std::nullopt));
  made.outbound.insert(made.outbound.begin(), std::make_move_iterator(calls.begin()),
                       std::make_move_iterator(calls.end()));
  return made;
}

}  // namespace spindle::trial
