#pragma once

// Transcripts: the tests of an application as its author writes them, a TOML file each (what may be
// written: docs/testing.md). Reading one checks all of it: every key is known, every URL, time and
// status is one. Nothing runs here.
//
//   auto transcript = TRY(read_transcript("tests/cart.toml", files));
//   for (const auto& trial : transcript.trials) ...
//
// What a file says outside of its tests holds for each of them. A name that both give is the
// test's.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/source_text.h"
#include "app/system.h"
#include "app/value.h"
#include "app/variables.h"
#include "base/result.h"
#include "http/client/outcome.h"
#include "wasi/core/clocks.h"

namespace spindle::trial {

inline constexpr size_t kTranscriptBytesMax = size_t{1} << 20;
inline constexpr size_t kScriptBytesMax = size_t{64} << 20;

using Pairs = std::vector<std::pair<std::string, std::string>>;
using StringMap = std::map<std::string, std::string, std::less<>>;

// A text, a list (for Redis: a set) or names with values (a hash).
using RedisValue = std::variant<std::string, std::vector<std::string>, StringMap>;

// What a message must have. Headers that are not named may be there, too.
struct MessageShape {
  Pairs headers;
  std::optional<std::string> body;
  std::optional<app::Value> json;
  std::vector<std::string> body_contains;
};

struct Answer {
  uint16_t status = 200;
  Pairs headers;
  std::string body;
  // Instead: no connection, or none that lasts.
  std::optional<http::FailureCode> failure;
};

// A request of a component to elsewhere, and what it gets.
struct OutboundCall {
  std::string method;
  // As HttpUrl has it.
  std::string authority;
  std::string scheme;
  std::string target;
  // Any target that begins so.
  bool is_prefix = false;
  MessageShape shape;
  Answer answer;
  // Absent: any number of times, none as well.
  std::optional<uint64_t> times;
  app::Position at;

  std::string to_string() const;
};

// What a test finds when it begins.
struct Setup {
  std::optional<wasi::WallTime> clock;
  std::optional<uint64_t> seed;
  StringMap variables;
  StringMap environment;
  std::map<std::string, StringMap, std::less<>> key_value;  // by store
  Pairs sqlite;                                             // database, script
  std::map<std::string, RedisValue, std::less<>> redis;
  std::vector<OutboundCall> outbound;
};

struct SqlExpectation {
  std::string database;
  std::string query;
  app::Array rows;
};

struct RedisMessage {
  std::string channel;
  std::string text;
  bool operator==(const RedisMessage&) const = default;
};

// Absent values: there is no such key.
using Stored = std::map<std::string, std::optional<std::string>, std::less<>>;

struct Expectation {
  // Of a request.
  uint16_t status = 200;
  MessageShape shape;
  // The body is broken off.
  bool is_cut = false;
  // A component refuses a message, or traps.
  bool fails = false;
  // What the components print meanwhile.
  std::vector<std::string> output_contains;
  std::map<std::string, Stored, std::less<>> key_value;
  std::vector<SqlExpectation> sqlite;
  std::map<std::string, std::optional<RedisValue>, std::less<>> redis;
  std::optional<std::vector<RedisMessage>> published;
};

struct Step {
  enum class Action : uint8_t { Nothing, Request, Publish, Advance };
  Action action = Action::Nothing;
  app::Position at;
  // `GET /cart`: for reports.
  std::string title;
  // --- Request ---
  std::string method;
  std::string target;
  Pairs headers;
  // --- Request, Publish ---
  std::string body;
  std::string channel;
  // --- Advance ---
  std::chrono::nanoseconds time{0};
  // Requests that this step, and no other, makes the components send: all of them must come.
  std::vector<OutboundCall> outbound;
  Expectation expect;
};

struct Trial {
  std::string name;
  app::Position at;
  Setup setup;
  std::vector<Step> steps;
};

struct Transcript {
  app::SourceTextPointer source;
  std::vector<Trial> trials;
};

// `path` as messages are to name it; files that it names are beside it.
Result<Transcript> read_transcript(const std::string& path, const app::FileReader& files);

// `2026-11-22T10:00:00Z`.
std::optional<wasi::WallTime> parse_instant(std::string_view text);

}  // namespace spindle::trial
