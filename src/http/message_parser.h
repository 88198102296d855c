#pragma once

// MessageParser: what the parsers of requests and of responses have in common, around llhttp.
//
// The head's fields are noted as offsets and become views of the caller's buffer when the head is
// complete, since that buffer may move until then. The parser stops at the end of the head. Bodies
// of known length never pass through it; chunked ones do and are moved together in place, and their
// trailers are kept. Limits hold for everything that is kept or skipped.

#include <llhttp.h>

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "http/message.h"

namespace spindle::http {

// Why a message is refused. A server answers with `status`; of a response, 431 says that something
// is too large, 501 that its transfer coding is unknown, anything else that it is malformed.
struct Rejection {
  uint16_t status = 400;
  std::string_view reason;
};

struct MessageLimits {
  size_t head_bytes = 0;
  size_t header_count = 0;
  // Of one chunk.
  size_t chunk_extension_bytes = 0;
  size_t trailer_bytes = 0;
};

class MessageParser {
 public:
  enum class Progress : uint8_t { NeedMore, Complete };
  // UntilClose is of responses only.
  enum class Framing : uint8_t { None, Length, Chunked, UntilClose };

  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  // After Complete.
  size_t head_size() const { return parsed_; }
  Framing framing() const { return framing_; }
  uint64_t content_length() const { return content_length_; }
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

 protected:
  explicit MessageParser(const MessageLimits& limits);
  ~MessageParser() = default;

  // Callbacks of llhttp, whose `data` is the MessageParser.
  struct Callbacks;
  static llhttp_settings_t common_settings();
  static std::unexpected<Rejection> reject(uint16_t status, std::string_view reason) {
    return std::unexpected(Rejection{status, reason});
  }

  // Before each message; `from` is what llhttp starts from.
  void begin(const llhttp_t& from);
  // Goes on with `message` from parsed_ on.
  std::expected<Progress, Rejection> advance_head(std::span<const uint8_t> message);
  // Fills headers_; names become lower case in place. `check` sees each.
  template <typename Check>
  std::expected<void, Rejection> take_headers(std::span<uint8_t> message, Check check);
  // The rules for `transfer-encoding` that requests and responses share.
  std::expected<void, Rejection> check_transfer_encoding(std::string_view value);
  // Chunked or Length, or None where no field says.
  std::expected<void, Rejection> check_body_framing();
  int refuse(uint16_t status, std::string_view reason);

  const MessageLimits limits_;
  llhttp_t parser_;
  const char* base_ = nullptr;  // of the message, while its head is parsed
  size_t parsed_ = 0;
  std::vector<Header> headers_;
  Framing framing_ = Framing::None;
  uint64_t content_length_ = 0;

 private:
  struct Field {
    size_t name_at = 0;
    size_t name_size = 0;
    size_t value_at = 0;
    size_t value_size = 0;
  };

  static Header view_field(std::span<uint8_t> message, const Field& field);
  int on_header_name(const char* at, size_t size);
  int on_header_value(const char* at, size_t size);
  int on_trailer_part(std::string& part, const char* at, size_t size);
  int on_trailer_complete();
  Rejection rejection_for(llhttp_errno_t code) const;

  std::vector<Field> fields_;
  bool in_header_ = false;
  bool in_value_ = false;
  bool head_complete_ = false;
  unsigned transfer_codings_ = 0;
  Rejection rejection_;

  uint8_t* payload_end_ = nullptr;
  size_t extension_bytes_ = 0;
  size_t trailer_bytes_ = 0;
  bool message_complete_ = false;
  std::string trailer_name_;
  std::string trailer_value_;
  Headers trailers_;
};

template <typename Check>
std::expected<void, Rejection> MessageParser::take_headers(std::span<uint8_t> message,
                                                           Check check) {
  headers_.clear();
  for (const auto& field : fields_) {
    headers_.push_back(view_field(message, field));
    auto checked = check(headers_.back());
    if (!checked) return checked;
  }
  return {};
}

}  // namespace spindle::http
