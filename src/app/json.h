#pragma once

// Value <-> JSON text (RFC 8259). Of equal keys the last one wins, as with other readers of
// spin.lock; size and nesting are limited. Writing is pretty, two spaces a level, or compact.

#include <string>
#include <string_view>

#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

constexpr size_t kMaxJsonBytes = size_t{64} << 20;
constexpr size_t kMaxJsonDepth = 64;

enum class JsonStyle : uint8_t { Compact, Pretty };

Result<Value> parse_json(std::string_view text);
std::string to_json(const Value& value, JsonStyle style = JsonStyle::Compact);

}  // namespace spindle::app
