#include "http/framing.h"

#include <fmt/format.h>

#include <charconv>

namespace spindle::http {

namespace {

// Fields that would end the message elsewhere than its framing says, or say how it is sent.
bool is_forbidden_trailer(std::string_view name) {
  for (std::string_view forbidden :
       {"content-length", "transfer-encoding", "trailer", "host", "connection", "keep-alive",
        "content-encoding", "content-type", "content-range", "set-cookie", "authorization"}) {
    if (equals_ignoring_case(name, forbidden)) return true;
  }
  return false;
}

}  // namespace

Result<void> check_header(const Header& header) {
  if (!is_valid_header_name(header.name)) {
    return Error::invalid_input(fmt::format("invalid header name {:?}", header.name));
  }
  if (!is_valid_header_value(header.value)) {
    return Error::invalid_input(fmt::format("invalid value of header `{}`", header.name));
  }
  return {};
}

void append_number(std::string& out, uint64_t number, int base) {
  char digits[20];
  auto [end, code] = std::to_chars(digits, digits + sizeof(digits), number, base);
  out.append(digits, end);
}

void append_field(std::string& out, const Header& header) {
  out.append(header.name);
  out.append(": ");
  out.append(header.value);
  out.append("\r\n");
}

bool is_sendable_trailer(const Header& trailer) {
  return check_header(trailer) && !is_forbidden_trailer(trailer.name);
}

void append_trailers(std::string& out, HeaderView trailers) {
  for (const auto& trailer : trailers) {
    if (is_sendable_trailer(trailer)) append_field(out, trailer);
  }
}

}  // namespace spindle::http
