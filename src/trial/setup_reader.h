#pragma once

// Reading: what the parts of a transcript have in common: bodies, headers, requests of components,
// the state that a test begins with. Borrows everything; lives as long as one read_transcript().

#include "app/table_reader.h"
#include "trial/transcript.h"

namespace spindle::trial {

class Reading {
 public:
  Reading(const app::SourceText& source, const app::FileReader& files)
      : source_(source), files_(files) {}

  const app::SourceText& source() const { return source_; }
  Error error(app::Position at, std::string_view message, std::string_view help = {}) const {
    return source_.error(at, message, help);
  }
  Result<app::TableReader> table_reader(const app::Value& value, std::string what) const;

  // `name` as one text or several.
  Result<std::vector<std::string>> texts(app::TableReader& reader, std::string_view name) const;
  Result<Pairs> headers(app::TableReader& reader) const;
  // A text is read as JSON, so that there is `null`.
  Result<std::optional<app::Value>> json(app::TableReader& reader) const;
  // `body` or `json`, which adds a content-type where there is none.
  Result<std::optional<std::string>> body(app::TableReader& reader, Pairs& headers) const;
  Result<MessageShape> shape(app::TableReader& reader) const;
  Result<uint16_t> status(int64_t number, app::Position at) const;
  // What a store holds: a text, or a number as `increment` keeps it.
  Result<std::string> stored_value(const app::Value& value) const;
  Result<RedisValue> redis_value(const app::Value& value) const;
  // `[[outbound]]`; `times` where a call does not say.
  Result<std::vector<OutboundCall>> outbound(app::TableReader& reader,
                                             std::optional<uint64_t> times) const;
  Result<Setup> setup(app::TableReader& reader, const Setup& common) const;

 private:
  Result<OutboundCall> outbound_call(const app::Value& value, std::optional<uint64_t> times) const;
  Result<void> outbound_target(const app::TableReader& reader, const app::TableEntry& entry,
                               OutboundCall& call) const;
  Result<Answer> answer(const app::TableEntry& entry) const;
  Result<http::FailureCode> failure(const app::TableEntry& entry) const;
  Result<void> stores(app::TableReader& reader, Setup& setup) const;
  Result<std::string> script(const app::Value& value) const;

  const app::SourceText& source_;
  const app::FileReader& files_;
};

}  // namespace spindle::trial
