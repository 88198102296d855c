#include "trigger/http/wagi_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace spindle::trigger {
namespace {

constexpr std::array<std::string_view, 5> kOfConnection = {
    "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection"};
constexpr std::string_view kInsufficient =
    "the command printed none of the headers content-type, location and status";

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// `404 Not Found`: the first word as a status that may end a request.
std::optional<uint16_t> read_status(std::string_view value) {
  const auto code = http::parse_decimal(value.substr(0, value.find_first_of(" \t")));
  if (!code || *code < 200 || *code > 999) return std::nullopt;
  return static_cast<uint16_t>(*code);
}

class HeadReader {
 public:
  Result<WagiResponse> read(std::span<const uint8_t> output) {
    std::string_view rest(reinterpret_cast<const char*>(output.data()),
                          std::min(output.size(), kWagiHeadBytesMax + 1));
    const size_t size = rest.size();
    while (true) {
      const size_t end = rest.find('\n');
      if (end == std::string_view::npos && size > kWagiHeadBytesMax) {
        return Error::limit_exceeded(
            fmt::format("the command printed more than {} bytes of headers", kWagiHeadBytesMax));
      }
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (line.find_first_not_of('\r') == std::string_view::npos) break;
      if (++lines_ > kWagiHeadersMax) {
        return Error::limit_exceeded(
            fmt::format("the command printed more than {} headers", kWagiHeadersMax));
      }
      header(line);
      if (end == std::string_view::npos) break;
    }
    response_.body = output.subspan(size - rest.size());
    return conclude();
  }

 private:
  void header(std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view name = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (!http::is_valid_header_name(name) || !http::is_valid_header_value(value)) return;
    auto is = [name](std::string_view other) { return http::equals_ignoring_case(name, other); };
    if (is("status")) {
      status_ = value;
      return;
    }
    if (std::ranges::any_of(kOfConnection, is)) return;
    has_type_ = has_type_ || is("content-type");
    has_location_ = has_location_ || is("location");
    response_.headers.set(name, value);
  }

  WagiResponse conclude() {
    if (status_) {
      const auto code = read_status(*status_);
      if (!code) {
        return {.status = 502,
                .headers = {},
                .body = {},
                .complaint = "the status is no number from 200 to 999"};
      }
      response_.status = *code;
    } else if (has_location_) {
      response_.status = 302;
    } else if (!has_type_) {
      WagiResponse insufficient{.status = 500,
                                .headers = {},
                                .body = bytes_of(kInsufficient),
                                .complaint = kInsufficient};
      insufficient.headers.add("content-type", "text/plain");
      return insufficient;
    }
    return std::move(response_);
  }

  WagiResponse response_;
  std::optional<std::string_view> status_;
  bool has_type_ = false;
  bool has_location_ = false;
  size_t lines_ = 0;
};

}  // namespace

void WagiOutput::write(std::span<const uint8_t> bytes) {
  if (is_full_) return;
  if (bytes.size() <= kWagiOutputBytesMax - bytes_.size()) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return;
  }
  is_full_ = true;
  // The guest is at it: it is ended when it gives way.
  loop_.post([self = shared_from_this()] {
    if (self->on_overflow_) self->on_overflow_();
  });
}

Result<WagiResponse> read_wagi_output(std::span<const uint8_t> output) {
  if (output.empty()) return Error::trap("the command printed nothing, expected a response");
  return HeadReader().read(output);
}

}  // namespace spindle::trigger
