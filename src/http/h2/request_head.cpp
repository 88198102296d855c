#include "http/h2/request_head.h"

#include "http/syntax.h"

namespace spindle::http::h2 {

namespace {

// What RFC 9113 counts for a field beside its name and value.
constexpr size_t kFieldOverhead = 32;

}  // namespace

void HeadReader::refuse(uint16_t status, std::string_view reason) {
  if (!rejection_) rejection_ = Rejection{status, reason};
}

void HeadReader::field(std::string_view name, std::string_view value) {
  if (rejection_) return;
  bytes_ += name.size() + value.size() + kFieldOverhead;
  if (bytes_ > limits_.head_bytes) return refuse(431, "head too large");
  if (name.starts_with(':')) return pseudo_field(name, value);
  if (name == "host") return host_field(value);
  if (fields_.size() >= limits_.header_count) return refuse(431, "too many header fields");
  if (name == "cookie") {
    cookies_ += 1;
  } else if (name == "content-length") {
    content_length_ = parse_decimal(value);
    if (!content_length_) return refuse(400, "invalid content-length");
    if (limits_.body_bytes && *content_length_ > *limits_.body_bytes) {
      return refuse(413, "body too large");
    }
  } else if (name == "expect") {
    if (!equals_ignoring_case(value, "100-continue")) return refuse(417, "unknown expectation");
    expects_continue_ = true;
  }
  fields_.add(name, value);
}

void HeadReader::pseudo_field(std::string_view name, std::string_view value) {
  if (name == ":method") {
    if (value.size() > limits_.method_bytes) return refuse(501, "method too long");
    method_ = value;
  } else if (name == ":path") {
    if (value.size() > limits_.target_bytes) return refuse(414, "target too long");
    target_ = value;
  } else if (name == ":scheme") {
    scheme_ = value;
  } else if (name == ":authority") {
    if (!is_valid_authority(value)) return refuse(400, "invalid authority");
    fields_.add("host", value);
    authority_ = fields_.view()[0].value;
  }
}

void HeadReader::host_field(std::string_view value) {
  if (has_host_) return refuse(400, "more than one host");
  if (!is_valid_authority(value)) return refuse(400, "invalid host");
  has_host_ = true;
  if (!authority_) {
    fields_.add("host", value);
    authority_ = fields_.view()[fields_.size() - 1].value;
  } else if (!equals_ignoring_case(*authority_, value)) {
    return refuse(400, "host and authority differ");
  }
}

// Clients cut cookies into fields of their own so that they compress better.
void HeadReader::join_cookies() {
  std::string joined;
  for (const auto& field : fields_.view()) {
    if (field.name != "cookie") continue;
    if (!joined.empty()) joined += "; ";
    joined += field.value;
  }
  fields_.set("cookie", joined);
}

std::expected<void, Rejection> HeadReader::finish() {
  if (!rejection_ && !is_valid_header_name(method_)) refuse(400, "invalid method");
  if (!rejection_ && method_ == "CONNECT") refuse(501, "CONNECT is not supported");
  if (rejection_) return std::unexpected(*rejection_);
  head_.major_version = 2;
  head_.method = method_from_string(method_);
  head_.method_name = method_;
  auto checked = check_target();
  if (!checked) return checked;
  if (cookies_ > 1) join_cookies();
  head_.authority = *authority_;
  head_.headers = fields_.view();
  return {};
}

std::expected<void, Rejection> HeadReader::check_target() {
  auto reject = [](std::string_view reason) { return std::unexpected(Rejection{400, reason}); };
  // Behind a proxy that ends TLS it may be the other one than the connection's.
  if (!equals_ignoring_case(scheme_, "http") && !equals_ignoring_case(scheme_, "https")) {
    return reject("invalid scheme");
  }
  if (!authority_) return reject("missing host");
  if (!all_in_class(target_, kTargetByte)) return reject("invalid target");
  const bool is_asterisk = target_ == "*" && head_.method == Method::Options;
  if (!target_.starts_with('/') && !is_asterisk) return reject("invalid target");
  head_.target = target_;
  head_.path_and_query = target_;
  return {};
}

}  // namespace spindle::http::h2
