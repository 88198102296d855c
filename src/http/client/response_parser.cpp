#include "http/client/response_parser.h"

namespace spindle::http {

namespace {

MessageLimits message_limits(const ClientLimits& limits) {
  return {.head_bytes = limits.head_bytes,
          .header_count = limits.header_count,
          .chunk_extension_bytes = limits.chunk_extension_bytes,
          .trailer_bytes = limits.trailer_bytes};
}

}  // namespace

ResponseParser::ResponseParser(const ClientLimits& limits) : MessageParser(message_limits(limits)) {
  static const llhttp_settings_t kSettings = common_settings();
  llhttp_init(&fresh_, HTTP_RESPONSE, &kSettings);
  fresh_.data = static_cast<MessageParser*>(this);
  begin(fresh_);
}

void ResponseParser::reset(Method method) {
  begin(fresh_);
  method_ = method;
  keeps_alive_ = false;
}

std::expected<ResponseParser::Progress, Rejection> ResponseParser::parse_head(
    std::span<uint8_t> message) {
  auto progress = advance_head(message);
  if (!progress || *progress == Progress::NeedMore) return progress;
  if (status() < 100) return reject(400, "a status below 100");
  auto taken =
      take_headers(message, [this](const Header& header) -> std::expected<void, Rejection> {
        if (header.name == "transfer-encoding") return check_transfer_encoding(header.value);
        return {};
      });
  if (!taken) return std::unexpected(taken.error());
  auto framed = check_framing();
  if (!framed) return std::unexpected(framed.error());
  return Progress::Complete;
}

std::expected<void, Rejection> ResponseParser::check_framing() {
  auto framed = check_body_framing();
  if (!framed) return framed;
  bool has_length = (parser_.flags & F_CONTENT_LENGTH) != 0;
  if (framing_ == Framing::None && !has_length) framing_ = Framing::UntilClose;
  if (method_ == Method::Head || status() < 200 || status() == 204 || status() == 304) {
    framing_ = Framing::None;
  }
  bool may = parser_.http_minor == 1 ? (parser_.flags & F_CONNECTION_CLOSE) == 0
                                     : (parser_.flags & F_CONNECTION_KEEP_ALIVE) != 0;
  keeps_alive_ = may && framing_ != Framing::UntilClose;
  return {};
}

std::optional<uint64_t> ResponseParser::announced_length() const {
  if ((parser_.flags & F_CONTENT_LENGTH) == 0) return std::nullopt;
  return content_length_;
}

}  // namespace spindle::http
