#include "http/message_parser.h"

#include <algorithm>
#include <cstring>

namespace spindle::http {

struct MessageParser::Callbacks {
  static MessageParser& self(llhttp_t* parser) {
    return *static_cast<MessageParser*>(parser->data);
  }

  static int on_protocol(llhttp_t* parser, const char* at, size_t size) {
    // Fragments are compared as far as they go; llhttp knows only HTTP, RTSP and ICE.
    if (size > 0 && !std::string_view("HTTP").contains(std::string_view(at, size))) {
      return self(parser).refuse(505, "not the HTTP protocol");
    }
    return 0;
  }
  static int on_header_field(llhttp_t* parser, const char* at, size_t size) {
    auto& me = self(parser);
    if (me.head_complete_) return me.on_trailer_part(me.trailer_name_, at, size);
    return me.on_header_name(at, size);
  }
  static int on_header_value(llhttp_t* parser, const char* at, size_t size) {
    auto& me = self(parser);
    if (me.head_complete_) return me.on_trailer_part(me.trailer_value_, at, size);
    return me.on_header_value(at, size);
  }
  static int on_header_value_complete(llhttp_t* parser) {
    auto& me = self(parser);
    me.in_header_ = false;
    me.in_value_ = false;
    return me.head_complete_ ? me.on_trailer_complete() : 0;
  }
  static int on_headers_complete(llhttp_t* parser) {
    auto& me = self(parser);
    me.head_complete_ = true;
    parser->upgrade = 0;
    return HPE_PAUSED;
  }
  static int on_body(llhttp_t* parser, const char* at, size_t size) {
    auto& me = self(parser);
    if (me.payload_end_ != reinterpret_cast<const uint8_t*>(at)) {
      std::memmove(me.payload_end_, at, size);
    }
    me.payload_end_ += size;
    return 0;
  }
  static int on_extension(llhttp_t* parser, const char*, size_t size) {
    auto& me = self(parser);
    me.extension_bytes_ += size + 1;
    if (me.extension_bytes_ > me.limits_.chunk_extension_bytes) {
      return me.refuse(400, "chunk extensions too long");
    }
    return 0;
  }
  static int on_chunk_header(llhttp_t* parser) {
    self(parser).extension_bytes_ = 0;
    return 0;
  }
  static int on_message_complete(llhttp_t* parser) {
    self(parser).message_complete_ = true;
    return HPE_PAUSED;
  }
};

llhttp_settings_t MessageParser::common_settings() {
  llhttp_settings_t made;
  llhttp_settings_init(&made);
  made.on_protocol = Callbacks::on_protocol;
  made.on_header_field = Callbacks::on_header_field;
  made.on_header_value = Callbacks::on_header_value;
  made.on_header_value_complete = Callbacks::on_header_value_complete;
  made.on_headers_complete = Callbacks::on_headers_complete;
  made.on_body = Callbacks::on_body;
  made.on_chunk_extension_name = Callbacks::on_extension;
  made.on_chunk_extension_value = Callbacks::on_extension;
  made.on_chunk_header = Callbacks::on_chunk_header;
  made.on_message_complete = Callbacks::on_message_complete;
  return made;
}

MessageParser::MessageParser(const MessageLimits& limits) : limits_(limits) {
  fields_.reserve(16);
  headers_.reserve(16);
}

void MessageParser::begin(const llhttp_t& from) {
  parser_ = from;
  parsed_ = 0;
  fields_.clear();
  framing_ = Framing::None;
  content_length_ = 0;
  in_header_ = false;
  in_value_ = false;
  head_complete_ = false;
  transfer_codings_ = 0;
  rejection_ = {};
  extension_bytes_ = 0;
  trailer_bytes_ = 0;
  message_complete_ = false;
  if (trailers_.size() > 0) trailers_.clear();
  trailer_name_.clear();
  trailer_value_.clear();
}

int MessageParser::refuse(uint16_t status, std::string_view reason) {
  rejection_ = {status, reason};
  return HPE_USER;
}

int MessageParser::on_header_name(const char* at, size_t size) {
  if (!in_header_) {
    if (parser_.http_major != 1) return refuse(505, "not HTTP/1.x");
    if (fields_.size() >= limits_.header_count) return refuse(431, "too many header fields");
    in_header_ = true;
    fields_.push_back({static_cast<size_t>(at - base_), 0, 0, 0});
  }
  fields_.back().name_size += size;
  return 0;
}

int MessageParser::on_header_value(const char* at, size_t size) {
  auto& field = fields_.back();
  if (!in_value_) {
    in_value_ = true;
    field.value_at = static_cast<size_t>(at - base_);
  }
  field.value_size += size;
  return 0;
}

int MessageParser::on_trailer_part(std::string& part, const char* at, size_t size) {
  trailer_bytes_ += size;
  if (trailer_bytes_ > limits_.trailer_bytes) return refuse(431, "trailers too long");
  part.append(at, size);
  return 0;
}

int MessageParser::on_trailer_complete() {
  if (trailers_.size() >= limits_.header_count) return refuse(431, "too many trailer fields");
  std::string_view value = trailer_value_;
  value = value.substr(0, value.find_last_not_of(" \t") + 1);
  std::ranges::transform(trailer_name_, trailer_name_.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  trailers_.add(trailer_name_, value);
  trailer_name_.clear();
  trailer_value_.clear();
  return 0;
}

std::expected<MessageParser::Progress, Rejection> MessageParser::advance_head(
    std::span<const uint8_t> message) {
  base_ = reinterpret_cast<const char*>(message.data());
  auto fresh = message.subspan(parsed_);
  auto code = llhttp_execute(&parser_, reinterpret_cast<const char*>(fresh.data()), fresh.size());
  if (code == HPE_OK) {
    parsed_ = message.size();
    if (parsed_ >= limits_.head_bytes) return reject(431, "head too large");
    return Progress::NeedMore;
  }
  if (code != HPE_PAUSED) return std::unexpected(rejection_for(code));
  parsed_ = static_cast<size_t>(llhttp_get_error_pos(&parser_) - base_);
  if (parsed_ > limits_.head_bytes) return reject(431, "head too large");
  if (parser_.http_major != 1 || parser_.http_minor > 1) return reject(505, "not HTTP/1.x");
  return Progress::Complete;
}

Rejection MessageParser::rejection_for(llhttp_errno_t code) const {
  // llhttp passes on the code of a callback's refusal only for some callbacks.
  if (!rejection_.reason.empty()) return rejection_;
  switch (code) {
    case HPE_INVALID_VERSION:
      // Also what follows the version.
      if (parser_.http_major == 1 && parser_.http_minor <= 1) return {400, "malformed message"};
      return {505, "not HTTP/1.x"};
    case HPE_INVALID_TRANSFER_ENCODING: return {400, "invalid transfer-encoding"};
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH: return {400, "invalid content-length"};
    default: return {400, "malformed message"};
  }
}

Header MessageParser::view_field(std::span<uint8_t> message, const Field& field) {
  auto* bytes = reinterpret_cast<char*>(message.data());
  for (char& c : std::span(bytes + field.name_at, field.name_size)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  std::string_view value(bytes + field.value_at, field.value_size);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return {{bytes + field.name_at, field.name_size}, value};
}

std::expected<void, Rejection> MessageParser::check_transfer_encoding(std::string_view value) {
  transfer_codings_ += 1;
  if (parser_.http_minor == 0) return reject(400, "transfer-encoding in HTTP/1.0");
  if (transfer_codings_ > 1) return reject(400, "more than one transfer-encoding");
  if (!equals_ignoring_case(value, "chunked")) return reject(501, "unknown transfer-encoding");
  return {};
}

std::expected<void, Rejection> MessageParser::check_body_framing() {
  bool has_length = (parser_.flags & F_CONTENT_LENGTH) != 0;
  if (transfer_codings_ > 0) {
    if (has_length) return reject(400, "both content-length and transfer-encoding");
    if ((parser_.flags & F_CHUNKED) == 0) return reject(400, "invalid transfer-encoding");
    framing_ = Framing::Chunked;
  } else if (has_length) {
    content_length_ = parser_.content_length;
    if (content_length_ > 0) framing_ = Framing::Length;
  }
  return {};
}

std::expected<MessageParser::Chunked, Rejection> MessageParser::parse_chunked(
    std::span<uint8_t> input) {
  if (llhttp_get_errno(&parser_) == HPE_PAUSED) llhttp_resume(&parser_);
  payload_end_ = input.data();
  auto* start = reinterpret_cast<const char*>(input.data());
  auto code = llhttp_execute(&parser_, start, input.size());
  Chunked result;
  result.body = input.first(static_cast<size_t>(payload_end_ - input.data()));
  result.consumed = input.size();
  if (code == HPE_PAUSED && message_complete_) {
    result.is_complete = true;
    result.consumed = static_cast<size_t>(llhttp_get_error_pos(&parser_) - start);
    return result;
  }
  if (code != HPE_OK) return std::unexpected(rejection_for(code));
  return result;
}

}  // namespace spindle::http
