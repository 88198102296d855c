#include "http/request_parser.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/verify.h"

namespace spindle::http {

struct RequestParser::Callbacks {
  static RequestParser& self(llhttp_t* parser) {
    return *static_cast<RequestParser*>(parser->data);
  }

  static int on_protocol(llhttp_t* parser, const char* at, size_t size) {
    // Fragments are compared as far as they go; llhttp knows only HTTP, RTSP and ICE.
    if (size > 0 && !std::string_view("HTTP").contains(std::string_view(at, size))) {
      return self(parser).refuse(505, "not the HTTP protocol");
    }
    return 0;
  }
  static int on_url(llhttp_t* parser, const char* at, size_t size) {
    auto& me = self(parser);
    if (me.target_size_ == 0) me.target_at_ = static_cast<size_t>(at - me.base_);
    me.target_size_ += size;
    if (me.target_size_ > me.limits_.target_bytes) return me.refuse(414, "target too long");
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
    if (!me.head_complete_) return 0;
    if (me.trailers_.size() >= me.limits_.header_count) {
      return me.refuse(431, "too many trailer fields");
    }
    std::string_view value = me.trailer_value_;
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    std::ranges::transform(me.trailer_name_, me.trailer_name_.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    });
    me.trailers_.add(me.trailer_name_, value);
    me.trailer_name_.clear();
    me.trailer_value_.clear();
    return 0;
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

  static const llhttp_settings_t& settings() {
    static const llhttp_settings_t table = [] {
      llhttp_settings_t made;
      llhttp_settings_init(&made);
      made.on_protocol = on_protocol;
      made.on_url = on_url;
      made.on_header_field = on_header_field;
      made.on_header_value = on_header_value;
      made.on_header_value_complete = on_header_value_complete;
      made.on_headers_complete = on_headers_complete;
      made.on_body = on_body;
      made.on_chunk_extension_name = on_extension;
      made.on_chunk_extension_value = on_extension;
      made.on_chunk_header = on_chunk_header;
      made.on_message_complete = on_message_complete;
      return made;
    }();
    return table;
  }
};

namespace {

// One bit a byte value: allowed in a request target, in a host, in a token.
constexpr std::array<uint8_t, 256> make_byte_classes() {
  std::array<uint8_t, 256> table{};
  for (unsigned c = 0x21; c < 0x7f; ++c) table[c] = 1;
  for (char c : std::string_view("-._~!$&'()*+,;=%:[]0123456789"
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<uint8_t>(c)] |= 2;
  }
  for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<uint8_t>(c)] |= 4;
  }
  return table;
}
constexpr auto kByteClasses = make_byte_classes();
constexpr uint8_t kTargetByte = 1;
constexpr uint8_t kHostByte = 2;
constexpr uint8_t kTokenByte = 4;

bool all_in_class(std::string_view text, uint8_t byte_class) {
  return std::ranges::all_of(text, [byte_class](char c) {
    return (kByteClasses[static_cast<uint8_t>(c)] & byte_class) != 0;
  });
}

bool is_valid_authority(std::string_view text) {
  if (text.empty()) return false;
  size_t colon = std::string_view::npos;
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<uint8_t>(text[i]);
    if ((kByteClasses[byte] & kHostByte) == 0) return false;
    // Colons inside brackets belong to an IPv6 address.
    if (byte == ':') colon = i;
    if (byte == ']') colon = std::string_view::npos;
  }
  if (colon == std::string_view::npos) return true;
  uint32_t port = 0;
  for (char c : text.substr(colon + 1)) {
    if (c < '0' || c > '9') return false;
    port = port * 10 + static_cast<uint32_t>(c - '0');
    if (port > 65'535) return false;
  }
  return colon > 0;
}

// Methods are case-sensitive: `get` is another one than `GET`.
Method to_method(std::string_view name) {
  using enum Method;
  static constexpr std::pair<std::string_view, Method> kKnown[] = {
      {"GET", Get},         {"POST", Post},     {"HEAD", Head},
      {"PUT", Put},         {"DELETE", Delete}, {"OPTIONS", Options},
      {"CONNECT", Connect}, {"TRACE", Trace},   {"PATCH", Patch}};
  const auto* known = std::ranges::find(kKnown, name, &std::pair<std::string_view, Method>::first);
  return known == std::end(kKnown) ? Other : known->second;
}

std::unexpected<Rejection> reject(uint16_t status, std::string_view reason) {
  return std::unexpected(Rejection{status, reason});
}

}  // namespace

RequestParser::RequestParser(const Limits& limits) : limits_(limits) {
  constexpr std::string_view kMethod = "POST ";
  llhttp_init(&behind_method_, HTTP_REQUEST, &Callbacks::settings());
  behind_method_.data = this;
  VERIFY(llhttp_execute(&behind_method_, kMethod.data(), kMethod.size()) == HPE_OK);
  parser_ = behind_method_;
  fields_.reserve(16);
  headers_.reserve(16);
}

void RequestParser::reset() {
  parser_ = behind_method_;
  parsed_ = 0;
  method_size_ = 0;
  method_complete_ = false;
  target_size_ = 0;
  fields_.clear();
  framing_ = Framing::None;
  content_length_ = 0;
  in_header_ = false;
  in_value_ = false;
  head_complete_ = false;
  expects_continue_ = false;
  transfer_codings_ = 0;
  has_host_ = false;
  rejection_ = {};
  extension_bytes_ = 0;
  trailer_bytes_ = 0;
  message_complete_ = false;
  if (trailers_.size() > 0) trailers_.clear();
  trailer_name_.clear();
  trailer_value_.clear();
}

int RequestParser::refuse(uint16_t status, std::string_view reason) {
  rejection_ = {status, reason};
  return HPE_USER;
}

int RequestParser::on_header_name(const char* at, size_t size) {
  if (!in_header_) {
    if (parser_.http_major != 1) return refuse(505, "not HTTP/1.x");
    if (fields_.size() >= limits_.header_count) return refuse(431, "too many header fields");
    in_header_ = true;
    fields_.push_back({static_cast<size_t>(at - base_), 0, 0, 0});
  }
  fields_.back().name_size += size;
  return 0;
}

int RequestParser::on_header_value(const char* at, size_t size) {
  auto& field = fields_.back();
  if (!in_value_) {
    in_value_ = true;
    field.value_at = static_cast<size_t>(at - base_);
  }
  field.value_size += size;
  return 0;
}

int RequestParser::on_trailer_part(std::string& part, const char* at, size_t size) {
  trailer_bytes_ += size;
  if (trailer_bytes_ > limits_.trailer_bytes) return refuse(431, "trailers too long");
  part.append(at, size);
  return 0;
}

std::expected<void, Rejection> RequestParser::take_method(std::span<const uint8_t> message) {
  for (; parsed_ < message.size(); ++parsed_) {
    uint8_t byte = message[parsed_];
    if ((kByteClasses[byte] & kTokenByte) != 0) {
      if (method_size_ == limits_.method_bytes) return reject(501, "method too long");
      if (method_size_ == 0) method_at_ = parsed_;
      method_size_ += 1;
    } else if (method_size_ == 0) {
      // Empty lines are left over from clients that end a body with one.
      if (byte != '\r' && byte != '\n') return reject(400, "not an HTTP request");
    } else if (byte == ' ') {
      parsed_ += 1;
      method_complete_ = true;
      // Its target is of a form of its own, which nobody has to look at.
      auto* name = reinterpret_cast<const char*>(message.data() + method_at_);
      bool is_connect = to_method({name, method_size_}) == Method::Connect;
      if (is_connect) return reject(501, "CONNECT is not supported");
      return {};
    } else {
      return reject(400, "not an HTTP request");
    }
  }
  return {};
}

std::expected<RequestParser::Progress, Rejection> RequestParser::parse_head(
    std::span<uint8_t> message) {
  if (!method_complete_) {
    auto taken = take_method(message);
    if (!taken) return std::unexpected(taken.error());
    if (!method_complete_) {
      if (parsed_ >= limits_.head_bytes) return reject(431, "head too large");
      return Progress::NeedMore;
    }
  }
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
  auto checked = check_head(message);
  if (!checked) return std::unexpected(checked.error());
  return Progress::Complete;
}

Rejection RequestParser::rejection_for(llhttp_errno_t code) const {
  switch (code) {
    case HPE_USER: return rejection_;
    case HPE_INVALID_VERSION:
      // Also what follows the version.
      if (parser_.http_major == 1 && parser_.http_minor <= 1) return {400, "malformed request"};
      return {505, "not HTTP/1.x"};
    case HPE_INVALID_TRANSFER_ENCODING: return {400, "invalid transfer-encoding"};
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH: return {400, "invalid content-length"};
    default: return {400, "malformed request"};
  }
}

std::expected<void, Rejection> RequestParser::check_head(std::span<uint8_t> message) {
  auto* bytes = reinterpret_cast<char*>(message.data());
  if (parser_.http_major != 1 || parser_.http_minor > 1) return reject(505, "not HTTP/1.x");
  headers_.clear();
  for (const auto& field : fields_) {
    for (char& c : std::span(bytes + field.name_at, field.name_size)) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
    std::string_view value(bytes + field.value_at, field.value_size);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    headers_.push_back({{bytes + field.name_at, field.name_size}, value});
    auto checked = check_header(headers_.back());
    if (!checked) return checked;
  }
  head_.headers = headers_;
  head_.method_name = {bytes + method_at_, method_size_};
  head_.method = to_method(head_.method_name);
  head_.minor_version = parser_.http_minor;
  head_.target = {bytes + target_at_, target_size_};
  wants_keep_alive_ = llhttp_should_keep_alive(&parser_) != 0;
  auto framed = check_framing();
  if (!framed) return framed;
  return check_target();
}

std::expected<void, Rejection> RequestParser::check_header(const Header& header) {
  if (header.name == "host") {
    if (has_host_) return reject(400, "more than one host");
    if (!is_valid_authority(header.value)) return reject(400, "invalid host");
    has_host_ = true;
    host_ = header.value;
  } else if (header.name == "expect") {
    if (!equals_ignoring_case(header.value, "100-continue")) {
      return reject(417, "unknown expectation");
    }
    expects_continue_ = parser_.http_minor == 1;
  } else if (header.name == "transfer-encoding") {
    transfer_codings_ += 1;
    if (parser_.http_minor == 0) return reject(400, "transfer-encoding in HTTP/1.0");
    if (transfer_codings_ > 1) return reject(400, "more than one transfer-encoding");
    if (!equals_ignoring_case(header.value, "chunked")) {
      return reject(501, "unknown transfer-encoding");
    }
  }
  return {};
}

std::expected<void, Rejection> RequestParser::check_framing() {
  if (transfer_codings_ > 0) {
    if ((parser_.flags & F_CONTENT_LENGTH) != 0) {
      return reject(400, "both content-length and transfer-encoding");
    }
    if ((parser_.flags & F_CHUNKED) == 0) return reject(400, "invalid transfer-encoding");
    framing_ = Framing::Chunked;
  } else if ((parser_.flags & F_CONTENT_LENGTH) != 0) {
    content_length_ = parser_.content_length;
    if (content_length_ > 0) framing_ = Framing::Length;
    if (limits_.body_bytes && content_length_ > *limits_.body_bytes) {
      return reject(413, "body too large");
    }
  }
  if (framing_ == Framing::None) expects_continue_ = false;
  return {};
}

std::expected<void, Rejection> RequestParser::check_target() {
  auto target = head_.target;
  if (!all_in_class(target, kTargetByte)) return reject(400, "invalid target");
  if (!has_host_ && head_.minor_version == 1) return reject(400, "missing host");
  head_.authority = has_host_ ? host_ : std::string_view();
  head_.path_and_query = target;
  if (target.starts_with('/')) return {};
  if (target == "*") {
    if (head_.method == Method::Options) return {};
    return reject(400, "invalid target");
  }
  auto scheme_end = target.find("://");
  auto scheme = target.substr(0, std::min(scheme_end, target.size()));
  if (scheme_end == std::string_view::npos ||
      (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))) {
    return reject(400, "invalid target");
  }
  auto rest = target.substr(scheme_end + 3);
  auto path_at = rest.find_first_of("/?");
  auto authority = rest.substr(0, path_at);
  if (!is_valid_authority(authority)) return reject(400, "invalid target");
  if (has_host_ && !equals_ignoring_case(authority, host_)) {
    return reject(400, "host and target differ");
  }
  head_.authority = authority;
  head_.path_and_query = path_at == std::string_view::npos ? "/" : rest.substr(path_at);
  // `http://host?query` has an empty path, which has no spelling in place.
  if (head_.path_and_query.starts_with('?')) return reject(400, "invalid target");
  return {};
}

std::expected<RequestParser::Chunked, Rejection> RequestParser::parse_chunked(
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
