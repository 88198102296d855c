#include "http/handler.h"

#include <cstring>

namespace spindle::http {

Result<io::ReadStep> BodyReader::try_read(std::span<uint8_t> out) {
  auto next = read(out.size());
  if (!next.is_ready()) return io::ReadStep{};
  auto piece = TRY(next.take_ready());
  if (piece.empty()) return io::ReadStep{.is_ended = true};
  std::memcpy(out.data(), piece.data(), piece.size());
  return io::ReadStep{.count = piece.size()};
}

}  // namespace spindle::http
