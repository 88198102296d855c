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

std::string Endpoint::to_string() const {
  auto text = address_string();
  return family == Family::V6 ? fmt::format("[{}]:{}", text, port)
                              : fmt::format("{}:{}", text, port);
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
