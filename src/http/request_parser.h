#pragma once

// RequestParser: bytes become a RequestHead and a framed body, or a reason to refuse.
//
// llhttp (strict) does the tokenizing, but for the method: any token is one (RFC 9110), llhttp
// knows only some. So the method is taken here, and llhttp starts behind it in the state that it
// has after `POST `, whose rules are those of any method with an optional body. The rules that
// llhttp leaves open are here, too: the version must be 1.0 or 1.1, one valid Host, `chunked` as
// the only transfer coding and never in HTTP/1.0, limits on everything. The parser stops at the end
// of the head; bodies of known length never pass through it, chunked ones do. What it returns
// points into the caller's buffer.

#include <llhttp.h>

#include <expected>
#include <span>

#include "http/limits.h"
#include "http/message.h"

namespace spindle::http {

// The request is answered with `status`, and the connection closed.
struct Rejection {
  uint16_t status = 400;
  std::string_view reason;
};

class RequestParser {
 public:
  enum class Progress : uint8_t { NeedMore, Complete };
  enum class Framing : uint8_t { None, Length, Chunked };

  explicit RequestParser(const Limits& limits);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Before each request.
  void reset();
  // `message` holds the bytes since the start of the request; those seen before are not looked at
  // again, though they may have moved. Names are made lower case in place.
  std::expected<Progress, Rejection> parse_head(std::span<uint8_t> message);

  // After Complete; views into `message`.
  const RequestHead& head() const { return head_; }
  size_t head_size() const { return parsed_; }
  Framing framing() const { return framing_; }
  uint64_t content_length() const { return content_length_; }
  bool expects_continue() const { return expects_continue_; }
  bool wants_keep_alive() const { return wants_keep_alive_; }
  bool is_at_start() const { return parsed_ == 0; }

  struct Chunked {
    std::span<uint8_t> body;  // the payload, moved together inside the input
    size_t consumed = 0;      // all of the input unless complete
    bool is_complete = false;
  };
  // The next bytes of a chunked body.
  std::expected<Chunked, Rejection> parse_chunked(std::span<uint8_t> input);
  // After the chunked body is complete.
  HeaderView trailers() const { return trailers_.view(); }

 private:
  struct Callbacks;
  struct Field {
    size_t name_at = 0;
    size_t name_size = 0;
    size_t value_at = 0;
    size_t value_size = 0;
  };

  // Sets method_complete_ when the space behind the method is there.
  std::expected<void, Rejection> take_method(std::span<const uint8_t> message);
  int refuse(uint16_t status, std::string_view reason);
  int on_header_name(const char* at, size_t size);
  int on_header_value(const char* at, size_t size);
  int on_trailer_part(std::string& part, const char* at, size_t size);
  Rejection rejection_for(llhttp_errno_t code) const;
  std::expected<void, Rejection> check_head(std::span<uint8_t> message);
  std::expected<void, Rejection> check_header(const Header& header);
  std::expected<void, Rejection> check_framing();
  std::expected<void, Rejection> check_target();

  const Limits& limits_;
  llhttp_t behind_method_;  // what parser_ starts from, for each request
  llhttp_t parser_;
  const char* base_ = nullptr;  // of the message, during parse_head
  size_t parsed_ = 0;
  size_t method_at_ = 0;
  size_t method_size_ = 0;
  size_t target_at_ = 0;
  size_t target_size_ = 0;
  std::vector<Field> fields_;
  std::vector<Header> headers_;
  RequestHead head_;
  Framing framing_ = Framing::None;
  uint64_t content_length_ = 0;
  bool method_complete_ = false;
  bool in_header_ = false;
  bool in_value_ = false;
  bool head_complete_ = false;
  bool expects_continue_ = false;
  bool wants_keep_alive_ = false;
  unsigned transfer_codings_ = 0;
  std::string_view host_;
  bool has_host_ = false;
  Rejection rejection_;

  uint8_t* payload_end_ = nullptr;
  size_t extension_bytes_ = 0;
  size_t trailer_bytes_ = 0;
  bool message_complete_ = false;
  std::string trailer_name_;
  std::string trailer_value_;
  Headers trailers_;
};

}  // namespace spindle::http
