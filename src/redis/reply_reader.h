#pragma once

// ReplyReader: bytes of a server become replies. The protocol is read by hiredis; here are the
// limits that it lacks, and values instead of its allocations.
//
//   TRY(reader.feed(bytes));
//   while (auto reply = TRY(reader.next())) ...
//
// After an error the connection is of no more use: where the next reply begins is not known.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/result.h"
#include "redis/limits.h"
#include "redis/reply.h"

namespace spindle::redis {

class ReplyReader {
 public:
  explicit ReplyReader(size_t bytes_max = kReplyBytesMax);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  Result<void> feed(std::span<const uint8_t> bytes);
  // Nothing where the next reply is not complete.
  Result<std::optional<Reply>> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spindle::redis
