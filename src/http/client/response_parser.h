#pragma once

// ResponseParser: bytes of a server become a status, header fields and a framed body, or a reason
// to refuse.
//
// It is as strict as the parser of requests, since a response whose end client and server see at
// different places lets one response pass for another: content-length beside transfer-encoding,
// repeated lengths, unknown codings and codings in HTTP/1.0 are refused. A body without any framing
// lasts until the server closes.

#include "http/client/limits.h"
#include "http/message_parser.h"

namespace spindle::http {

class ResponseParser final : public MessageParser {
 public:
  explicit ResponseParser(const ClientLimits& limits);

  // Before each response, interim ones too. The method of the request decides whether a body
  // follows.
  void reset(Method method);
  // As RequestParser::parse_head().
  std::expected<Progress, Rejection> parse_head(std::span<uint8_t> message);

  // After Complete; views into `message`.
  uint16_t status() const { return parser_.status_code; }
  HeaderView headers() const { return headers_; }
  // The server keeps the connection after this response.
  bool keeps_alive() const { return keeps_alive_; }
  // What content-length says, also where there is no body.
  std::optional<uint64_t> announced_length() const;

 private:
  std::expected<void, Rejection> check_framing();

  llhttp_t fresh_;
  Method method_ = Method::Get;
  bool keeps_alive_ = false;
};

}  // namespace spindle::http
