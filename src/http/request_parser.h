#pragma once

// RequestParser: bytes become a RequestHead and a framed body, or a reason to refuse.
//
// llhttp (strict) does the tokenizing, but for the method: any token is one (RFC 9110), llhttp
// knows only some. So the method is taken here, and llhttp starts behind it in the state that it
// has after `POST `, whose rules are those of any method with an optional body. The rules that
// llhttp leaves open are here, too: the version must be 1.0 or 1.1, one valid Host, `chunked` as
// the only transfer coding and never in HTTP/1.0, limits on everything. What it returns points into
// the caller's buffer.

#include "http/limits.h"
#include "http/message_parser.h"

namespace spindle::http {

class RequestParser final : public MessageParser {
 public:
  explicit RequestParser(const Limits& limits);

  // Before each request.
  void reset();
  // `message` holds the bytes since the start of the request; those seen before are not looked at
  // again, though they may have moved. Names are made lower case in place.
  std::expected<Progress, Rejection> parse_head(std::span<uint8_t> message);

  // After Complete; views into `message`.
  const RequestHead& head() const { return head_; }
  bool expects_continue() const { return expects_continue_; }
  bool wants_keep_alive() const { return wants_keep_alive_; }

 private:
  struct RequestCallbacks;

  // Sets method_complete_ when the space behind the method is there.
  std::expected<void, Rejection> take_method(std::span<const uint8_t> message);
  std::expected<void, Rejection> check_head(std::span<uint8_t> message);
  std::expected<void, Rejection> check_header(const Header& header);
  std::expected<void, Rejection> check_framing();
  std::expected<void, Rejection> check_target();

  const Limits& request_limits_;
  llhttp_t behind_method_;  // what llhttp starts from, for each request
  size_t method_at_ = 0;
  size_t method_size_ = 0;
  size_t target_at_ = 0;
  size_t target_size_ = 0;
  RequestHead head_;
  bool method_complete_ = false;
  bool expects_continue_ = false;
  bool wants_keep_alive_ = false;
  std::string_view host_;
  bool has_host_ = false;
};

}  // namespace spindle::http
