#pragma once

// TOML 1.0 text -> Value, with the position of every key and value, tables in the order in which
// their keys appear in the file. Dates and times become their text.
//
// The text comes from anywhere: it is limited in size and in nesting, whichever way the nesting is
// written (brackets, inline tables, dotted keys), before and while it is parsed.

#include "app/source_text.h"
#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

constexpr size_t kMaxTomlBytes = size_t{1} << 20;
constexpr size_t kMaxTomlKeyDepth = 32;

Result<Table> parse_toml(const SourceText& source);

}  // namespace spindle::app
