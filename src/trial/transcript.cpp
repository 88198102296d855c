#include "trial/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/duration.h"
#include "app/http_url.h"
#include "app/json.h"
#include "app/table_reader.h"
#include "app/toml.h"
#include "http/message.h"
#include "trial/setup_reader.h"

namespace spindle::trial {
namespace {

using app::TableEntry;
using app::TableReader;

constexpr size_t kNameBytesMax = 200;
constexpr uint64_t kAdvanceDaysMax = 36'525;

// `METHOD target`.
Result<std::pair<std::string, std::string>> read_request_line(TableReader& reader,
                                                              const TableEntry& entry) {
  const auto* text = entry.value.as_string();
  const auto blank = text == nullptr ? std::string::npos : text->find(' ');
  if (blank == std::string::npos || blank == 0 || text->find(' ', blank + 1) != std::string::npos) {
    return reader.error(entry.value.at, "`request` is a method and a path",
                        "such as \"GET /cart?id=1\"");
  }
  return std::pair(text->substr(0, blank), text->substr(blank + 1));
}

Result<void> read_request(Reading& reading, TableReader& reader, const TableEntry& entry,
                          Step& step) {
  auto line = TRY(read_request_line(reader, entry));
  step.action = Step::Action::Request;
  step.method = std::move(line.first);
  step.target = std::move(line.second);
  if (!step.target.starts_with('/')) {
    return reader.error(entry.value.at, "the path of a request begins with `/`");
  }
  step.title = fmt::format("{} {}", step.method, step.target);
  step.headers = TRY(reading.headers(reader));
  step.body = TRY(reading.body(reader, step.headers)).value_or("");
  return {};
}

// As flags have it, and minutes, hours and days: `90s`, `2h`.
std::optional<std::chrono::nanoseconds> parse_time(std::string_view text) {
  constexpr std::pair<char, int64_t> kUnits[] = {{'m', 60}, {'h', 3600}, {'d', 86'400}};
  for (const auto& [unit, seconds] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto count = http::parse_decimal(text.substr(0, text.size() - 1));
    if (count && *count <= kAdvanceDaysMax * 86'400 / static_cast<uint64_t>(seconds)) {
      return std::chrono::seconds(static_cast<int64_t>(*count) * seconds);
    }
  }
  auto parsed = app::parse_duration(text);
  if (!parsed || parsed.value() > std::chrono::days(kAdvanceDaysMax)) return std::nullopt;
  return parsed.value();
}

Result<void> read_advance(TableReader& reader, const TableEntry& entry, Step& step) {
  const auto* text = entry.value.as_string();
  const auto time = text == nullptr ? std::nullopt : parse_time(*text);
  if (!time) {
    return reader.error(entry.value.at, "`advance` is a duration",
                        "such as \"500ms\", \"90s\", \"2h\" or \"7d\"");
  }
  step.action = Step::Action::Advance;
  step.time = *time;
  step.title = fmt::format("advance {}", *text);
  return {};
}

Result<void> read_action(Reading& reading, TableReader& reader, Step& step) {
  const auto* request = reader.take("request");
  const auto* publish = reader.take("publish");
  const auto* advance = reader.take("advance");
  if ((request != nullptr) + (publish != nullptr) + (advance != nullptr) > 1) {
    return reader.error(step.at, "a step does one thing: `request`, `publish` or `advance`");
  }
  if (request != nullptr) return read_request(reading, reader, *request, step);
  if (advance != nullptr) return read_advance(reader, *advance, step);
  if (publish == nullptr) {
    step.title = "state";
    return {};
  }
  step.action = Step::Action::Publish;
  step.channel = TRY(reader.required_string("publish"));
  step.title = fmt::format("publish to {}", step.channel);
  Pairs none;
  step.body = TRY(reading.body(reader, none)).value_or("");
  return {};
}

Result<std::vector<RedisMessage>> read_published(Reading& reading, const app::Array& list) {
  std::vector<RedisMessage> messages;
  for (const auto& item : list) {
    auto reader = TRY(reading.table_reader(item, "a published message"));
    RedisMessage message;
    message.channel = TRY(reader.required_string("channel"));
    Pairs none;
    message.text = TRY(reading.body(reader, none)).value_or("");
    TRY(reader.finish());
    messages.push_back(std::move(message));
  }
  return messages;
}

// `false` says that there is nothing.
Result<Stored> read_stored(Reading& reading, const app::Value& value) {
  const auto* table = value.as_table();
  if (table == nullptr) return reading.error(value.at, "expected a table of keys");
  Stored stored;
  for (const auto& entry : *table) {
    const auto* is_there = entry.value.as_bool();
    if (is_there != nullptr && !*is_there) {
      stored.emplace(entry.key, std::nullopt);
    } else {
      stored.emplace(entry.key, TRY(reading.stored_value(entry.value)));
    }
  }
  return stored;
}

Result<SqlExpectation> read_rows(Reading& reading, const std::string& database,
                                 const app::Value& value) {
  auto reader = TRY(reading.table_reader(value, "what a database holds"));
  SqlExpectation made{.database = database};
  made.query = TRY(reader.required_string("query"));
  const auto* rows = TRY(reader.required("rows"))->value.as_array();
  const bool are_rows = rows != nullptr && std::ranges::all_of(*rows, [](const app::Value& row) {
                          return row.as_array() != nullptr;
                        });
  if (!are_rows) {
    return reading.error(value.at, "`rows` is an array of rows",
                         "such as [[1, \"apple\"], [2, \"pear\"]]");
  }
  made.rows = *rows;
  TRY(reader.finish());
  return made;
}

Result<void> read_stores(Reading& reading, TableReader& reader, Expectation& expect) {
  if (const auto* stores = TRY(reader.optional_table("key-value"))) {
    for (const auto& store : *stores) {
      expect.key_value[store.key] = TRY(read_stored(reading, store.value));
    }
  }
  if (const auto* databases = TRY(reader.optional_table("sqlite"))) {
    for (const auto& entry : *databases) {
      const auto* several = entry.value.as_array();
      if (several == nullptr) {
        expect.sqlite.push_back(TRY(read_rows(reading, entry.key, entry.value)));
        continue;
      }
      for (const auto& one : *several) {
        expect.sqlite.push_back(TRY(read_rows(reading, entry.key, one)));
      }
    }
  }
  if (const auto* keys = TRY(reader.optional_table("redis"))) {
    for (const auto& entry : *keys) {
      const auto* is_there = entry.value.as_bool();
      auto& wanted = expect.redis[entry.key];
      if (is_there != nullptr && !*is_there) continue;
      wanted = TRY(reading.redis_value(entry.value));
    }
  }
  return {};
}

Result<Expectation> read_expectation(Reading& reading, const app::Table& table, app::Position at,
                                     Step::Action action) {
  TableReader reader(reading.source(), table, at, "`expect`");
  Expectation expect;
  if (action == Step::Action::Request) {
    if (auto status = TRY(reader.optional_integer("status"))) {
      expect.status = TRY(reading.status(*status, reader.take("status")->value.at));
    }
    expect.shape = TRY(reading.shape(reader));
    expect.is_cut = TRY(reader.optional_bool("cut")).value_or(false);
  }
  if (action == Step::Action::Publish) {
    expect.fails = TRY(reader.optional_bool("fails")).value_or(false);
  }
  expect.output_contains = TRY(reading.texts(reader, "output-contains"));
  TRY(read_stores(reading, reader, expect));
  if (const auto* published = TRY(reader.optional_array("published"))) {
    expect.published = TRY(read_published(reading, *published));
  }
  TRY(reader.finish());
  return expect;
}

Result<Step> read_step(Reading& reading, const app::Value& value) {
  auto reader = TRY(reading.table_reader(value, "a step"));
  Step step;
  step.at = value.at;
  TRY(read_action(reading, reader, step));
  step.outbound = TRY(reading.outbound(reader, 1));
  if (const auto* expected = reader.take("expect")) {
    const auto* table = expected->value.as_table();
    if (table == nullptr) return reader.error(expected->value.at, "`expect` is a table");
    step.expect = TRY(read_expectation(reading, *table, expected->at, step.action));
  }
  TRY(reader.finish());
  return step;
}

Result<Trial> read_trial(Reading& reading, const app::Value& value, const Setup& common) {
  auto reader = TRY(reading.table_reader(value, "a test"));
  Trial trial;
  trial.at = value.at;
  trial.name = TRY(reader.required_string("name"));
  if (trial.name.empty() || trial.name.size() > kNameBytesMax) {
    return reader.error(value.at,
                        fmt::format("the name of a test has 1 to {} bytes", kNameBytesMax));
  }
  trial.setup = TRY(reading.setup(reader, common));
  const auto* steps = TRY(reader.optional_array("step"));
  TRY(reader.finish());
  if (steps == nullptr || steps->empty()) {
    return reader.error(value.at, fmt::format("the test `{}` has no steps", trial.name),
                        "add [[test.step]] with a `request`");
  }
  for (const auto& step : *steps) trial.steps.push_back(TRY(read_step(reading, step)));
  return trial;
}

}  // namespace

std::string OutboundCall::to_string() const {
  return fmt::format("{} {}://{}{}{}", method, scheme, authority, target, is_prefix ? "*" : "");
}

std::optional<wasi::WallTime> parse_instant(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != kShape.size()) return std::nullopt;
  for (size_t index = 0; index < text.size(); ++index) {
    const bool is_digit = text[index] >= '0' && text[index] <= '9';
    if (kShape[index] == 'd' ? !is_digit : text[index] != kShape[index]) return std::nullopt;
  }
  auto number = [&](size_t at, size_t length) {
    return static_cast<unsigned>(*http::parse_decimal(text.substr(at, length)));
  };
  using namespace std::chrono;
  const year_month_day date(year(static_cast<int>(number(0, 4))), month(number(5, 2)),
                            day(number(8, 2)));
  if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) {
    return std::nullopt;
  }
  const auto instant =
      sys_days(date) + hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
  return wasi::WallTime{.seconds = instant.time_since_epoch().count()};
}

Result<Transcript> read_transcript(const std::string& path, const app::FileReader& files) {
  auto text = TRY(files.read(path, kTranscriptBytesMax));
  Transcript made;
  made.source = std::make_shared<const app::SourceText>(path, std::move(text));
  const auto table = TRY(app::parse_toml(*made.source));
  Reading reading(*made.source, files);
  TableReader reader(*made.source, table, {1, 1}, "the file");
  const auto common = TRY(reading.setup(reader, {}));
  const auto* trials = TRY(reader.optional_array("test"));
  TRY(reader.finish());
  if (trials == nullptr) {
    return made.source->error({}, "no tests in this file", "a test is a [[test]] with a `name`");
  }
  for (const auto& trial : *trials) {
    made.trials.push_back(TRY(read_trial(reading, trial, common)));
  }
  return made;
}

}  // namespace spindle::trial
