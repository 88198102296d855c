#include "io/stream.h"

#include <fmt/format.h>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

namespace spindle::io {

std::string Endpoint::address_string() const {
  if (family == Family::None) return "none";
  if (family == Family::V4) {
    return fmt::format("{}.{}.{}.{}", address[0], address[1], address[2], address[3]);
  }
  return boost::asio::ip::address_v6(address).to_string();
}

// On the way of each request, which is why nothing is formatted here that need not be.
std::string Endpoint::to_string() const {
  std::string text;
  if (family == Family::V4) {
    for (int i = 0; i < 4; ++i) {
      if (i != 0) text += '.';
      text += std::to_string(address[i]);
    }
  } else {
    text = address_string();
    if (family == Family::V6) text = '[' + text + ']';
  }
  text += ':';
  text += std::to_string(port);
  return text;
}

Task<Result<void>> write_all(ByteStream& stream, Piece bytes) {
  while (!bytes.empty()) {
    auto written = stream.write_some(std::span(&bytes, 1));
    auto count = CO_TRY(co_await Eventual<size_t>::wait(std::move(written)));
    bytes = bytes.subspan(count);
  }
  co_return Result<void>();
}

}  // namespace spindle::io
