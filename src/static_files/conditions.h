#pragma once

// What of a file a request is to get, by its conditions and ranges (RFC 9110, 13 and 14): they are
// looked at in the order that the RFC says. HEAD is answered like GET, but without ranges.

#include <vector>

#include "http/message.h"
#include "static_files/byte_ranges.h"
#include "static_files/folder.h"

namespace spindle::static_files {

struct Decision {
  enum class Kind : uint8_t {
    Whole,               // 200
    Parts,               // 206
    NotModified,         // 304
    PreconditionFailed,  // 412
    OutOfRange,          // 416
  };
  Kind kind = Kind::Whole;
  std::vector<ByteRange> parts;
};

Decision decide(const http::RequestHead& head, const FoundFile& file);

}  // namespace spindle::static_files
