#pragma once

// HeadReader: the fields of one HTTP/2 request become a RequestHead, or a reason to refuse.
//
// What handlers see is what HTTP/1.1 would have shown them: a `host` field made of `:authority`,
// one `cookie` field, no pseudo-fields. The rules are those of RequestParser, too: limits on
// everything, a valid authority that agrees with `host`, a path or `*`. What makes a head malformed
// in HTTP/2 itself (missing or repeated pseudo-fields, `connection`, upper case) has been reset by
// the codec before finish().

#include <expected>
#include <string>

#include "http/limits.h"
#include "http/message_parser.h"

namespace spindle::http::h2 {

class HeadReader {
 public:
  explicit HeadReader(const Limits& limits) : limits_(limits) {}

  // Copies; fields beyond a limit are dropped and remembered.
  void field(std::string_view name, std::string_view value);
  std::expected<void, Rejection> finish();

  // After finish(); valid as long as this.
  const RequestHead& head() const { return head_; }
  std::optional<uint64_t> content_length() const { return content_length_; }
  bool expects_continue() const { return expects_continue_; }

 private:
  void pseudo_field(std::string_view name, std::string_view value);
  void host_field(std::string_view value);
  void refuse(uint16_t status, std::string_view reason);
  std::expected<void, Rejection> check_target();
  void join_cookies();

  const Limits& limits_;
  RequestHead head_;
  Headers fields_;
  std::string method_;
  std::string target_;
  std::string scheme_;
  std::optional<std::string_view> authority_;
  bool has_host_ = false;
  unsigned cookies_ = 0;
  size_t bytes_ = 0;
  std::optional<uint64_t> content_length_;
  bool expects_continue_ = false;
  std::optional<Rejection> rejection_;
};

}  // namespace spindle::http::h2
