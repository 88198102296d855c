#include "http/request_parser.h"

#include <algorithm>
#include <utility>

#include "base/verify.h"
#include "http/syntax.h"

namespace spindle::http {

struct RequestParser::RequestCallbacks {
  static int on_url(llhttp_t* parser, const char* at, size_t size) {
    auto& me = static_cast<RequestParser&>(*static_cast<MessageParser*>(parser->data));
    if (me.target_size_ == 0) me.target_at_ = static_cast<size_t>(at - me.base_);
    me.target_size_ += size;
    if (me.target_size_ > me.request_limits_.target_bytes) {
      return me.refuse(414, "target too long");
    }
    return 0;
  }

  static const llhttp_settings_t& settings() {
    static const llhttp_settings_t table = [] {
      auto made = common_settings();
      made.on_url = on_url;
      return made;
    }();
    return table;
  }
};

namespace {

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

MessageLimits message_limits(const Limits& limits) {
  return {.head_bytes = limits.head_bytes,
          .header_count = limits.header_count,
          .chunk_extension_bytes = limits.chunk_extension_bytes,
          .trailer_bytes = limits.trailer_bytes};
}

}  // namespace

RequestParser::RequestParser(const Limits& limits)
    : MessageParser(message_limits(limits)), request_limits_(limits) {
  constexpr std::string_view kMethod = "POST ";
  llhttp_init(&behind_method_, HTTP_REQUEST, &RequestCallbacks::settings());
  behind_method_.data = static_cast<MessageParser*>(this);
  VERIFY(llhttp_execute(&behind_method_, kMethod.data(), kMethod.size()) == HPE_OK);
  begin(behind_method_);
}

void RequestParser::reset() {
  begin(behind_method_);
  method_size_ = 0;
  method_complete_ = false;
  target_size_ = 0;
  expects_continue_ = false;
  has_host_ = false;
}

std::expected<void, Rejection> RequestParser::take_method(std::span<const uint8_t> message) {
  for (; parsed_ < message.size(); ++parsed_) {
    uint8_t byte = message[parsed_];
    if ((kByteClasses[byte] & kTokenByte) != 0) {
      if (method_size_ == request_limits_.method_bytes) return reject(501, "method too long");
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
  auto progress = advance_head(message);
  if (!progress || *progress == Progress::NeedMore) return progress;
  auto checked = check_head(message);
  if (!checked) return std::unexpected(checked.error());
  return Progress::Complete;
}

std::expected<void, Rejection> RequestParser::check_head(std::span<uint8_t> message) {
  auto taken = take_headers(message, [this](const Header& header) { return check_header(header); });
  if (!taken) return taken;
  auto* bytes = reinterpret_cast<char*>(message.data());
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
    return check_transfer_encoding(header.value);
  }
  return {};
}

std::expected<void, Rejection> RequestParser::check_framing() {
  auto framed = check_body_framing();
  if (!framed) return framed;
  if (request_limits_.body_bytes && content_length_ > *request_limits_.body_bytes) {
    return reject(413, "body too large");
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

}  // namespace spindle::http
