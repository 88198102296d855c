#pragma once

// Reply: what a Redis server answers, as a value. Servers speak RESP2 unless a client asks for more
// (HELLO 3), so that the kinds below the line come only to those who did.

#include <cstdint>
#include <string>
#include <vector>

namespace spindle::redis {

struct Reply {
  enum class Kind : uint8_t {
    Nil,
    Status,   // text: `OK`
    Error,    // text: `ERR unknown command`
    Integer,  // integer
    Bulk,     // text: any bytes
    Array,    // elements
    // --- RESP3 ---
    Double,     // text, as it was sent
    Boolean,    // integer: 0 or 1
    BigNumber,  // text
    Verbatim,   // text, after its format
    Map,        // elements: keys and values in turn
    Set,        // elements
    Attribute,  // elements: what a server says about the next reply
    Push,       // elements: what a server says by itself
  };
  Kind kind = Kind::Nil;
  int64_t integer = 0;
  std::string text;
  std::vector<Reply> elements;

  bool operator==(const Reply&) const = default;

  bool is_nil() const { return kind == Kind::Nil; }
  bool is_error() const { return kind == Kind::Error; }
  bool is_ok() const { return kind == Kind::Status && text == "OK"; }
  // Texts of both kinds.
  bool is_text() const { return kind == Kind::Bulk || kind == Kind::Status; }
};

}  // namespace spindle::redis
