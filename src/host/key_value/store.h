#pragma once

// KeyValueStore: one labelled store, whatever keeps it.
//
// A store is shared by all event loops of the process; each call names the loop that waits for it
// and owns its arguments. Failures of the backend are Errors whose message a guest may see
// (`error.other`); a missing key is a value. Sizes beyond the limits below are refused before the
// backend is asked.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/eventual.h"

namespace spindle::io {
class EventLoop;
}
namespace spindle::redis {
class Connections;
}

namespace spindle::host {

inline constexpr size_t kKeyBytesMax = size_t{1} << 20;
inline constexpr size_t kValueBytesMax = size_t{128} << 20;
// All that one call may return.
inline constexpr size_t kKeyValueResultBytesMax = size_t{128} << 20;

using KeyValueBytes = std::vector<uint8_t>;
using KeyValuePair = std::pair<std::string, KeyValueBytes>;

enum class SwapOutcome : uint8_t { Swapped, Changed };

class KeyValueStore {
 public:
  virtual ~KeyValueStore() = default;

  // A loop whose guests will use it, and one whose guests are gone; for stores on a server.
  virtual void enter(io::EventLoop&, redis::Connections&) {}
  virtual void leave(io::EventLoop&) {}

  virtual io::Eventual<std::optional<KeyValueBytes>> get(io::EventLoop& loop, std::string key) = 0;
  virtual io::Eventual<void> set(io::EventLoop& loop, std::string key, KeyValueBytes value) = 0;
  virtual io::Eventual<void> remove(io::EventLoop& loop, std::string key) = 0;
  virtual io::Eventual<bool> exists(io::EventLoop& loop, std::string key) = 0;
  virtual io::Eventual<std::vector<std::string>> keys(io::EventLoop& loop) = 0;

  // Keys that are missing are left out.
  virtual io::Eventual<std::vector<KeyValuePair>> get_many(io::EventLoop& loop,
                                                           std::vector<std::string> keys) = 0;
  // All or nothing.
  virtual io::Eventual<void> set_many(io::EventLoop& loop, std::vector<KeyValuePair> pairs) = 0;
  virtual io::Eventual<void> remove_many(io::EventLoop& loop, std::vector<std::string> keys) = 0;

  // Adds to an 8-byte little-endian integer (absent counts as 0) and returns the sum.
  virtual io::Eventual<int64_t> increment(io::EventLoop& loop, std::string key, int64_t delta) = 0;
  // Stores `value` if the key still has `expected`; without an expectation, always.
  virtual io::Eventual<SwapOutcome> swap(io::EventLoop& loop, std::string key,
                                         std::optional<KeyValueBytes> expected,
                                         KeyValueBytes value) = 0;
};

}  // namespace spindle::host
