#include "app/url.h"

#include <algorithm>
#include <charconv>

#include <ada.h>
#include "fmt/format.h"

namespace spindle::app {
namespace {

constexpr size_t kMaxUrlBytes = 64 * 1024;

// One decimal or hexadecimal number that fills the text; -1 otherwise.
int parse_number(std::string_view text, int base, size_t max_digits) {
  unsigned value = 0;
  if (text.empty() || text.size() > max_digits) return -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return -1;
  return static_cast<int>(value);
}

// The 16-bit groups of one side of "::"; false if any is malformed.
bool parse_groups(std::string_view text, std::vector<uint8_t>& out) {
  while (!text.empty()) {
    size_t end = std::min(text.find(':'), text.size());
    std::string_view group = text.substr(0, end);
    bool last = end == text.size();
    if (last && group.find('.') != std::string_view::npos) {
      auto v4 = parse_ipv4(group);
      if (!v4) return false;
      out.insert(out.end(), v4->bytes.begin(), v4->bytes.begin() + 4);
      return true;
    }
    int value = parse_number(group, 16, 4);
    if (value < 0 || out.size() > 16) return false;
    out.push_back(static_cast<uint8_t>(value >> 8));
    out.push_back(static_cast<uint8_t>(value));
    if (last) return true;
    text.remove_prefix(end + 1);
    if (text.empty()) return false;
  }
  return true;
}

bool has_forbidden_host_char(std::string_view host) {
  return std::ranges::any_of(host, [](char c) {
    return static_cast<uint8_t>(c) <= 0x20 || c == 0x7f || c == '/' || c == '\\' || c == '?' ||
           c == '#' || c == '@';
  });
}

// Encodes what a password may hold but a URL may not, up to the last '@' of the authority.
std::string encode_user_info(std::string_view text) {
  size_t start = text.find("://");
  if (start == std::string_view::npos) return std::string(text);
  start += 3;
  size_t end = std::min(text.find_first_of("/\\?#", start), text.size());
  size_t at = text.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(text);
  std::string out(text.substr(0, start));
  for (char c : text.substr(start, at - start)) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~!$&'()*+,;=:%").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return out.append(text.substr(at));
}

}  // namespace

std::optional<IpAddress> parse_ipv4(std::string_view text) {
  IpAddress address;
  for (size_t i = 0; i < 4; ++i) {
    size_t end = i < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view part = text.substr(0, end);
    int value = parse_number(part, 10, 3);
    if (value < 0 || value > 255 || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    address.bytes[i] = static_cast<uint8_t>(value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return address;
}

std::optional<IpAddress> parse_ipv6(std::string_view text) {
  std::vector<uint8_t> front;
  std::vector<uint8_t> back;
  size_t gap = text.find("::");
  if (!parse_groups(text.substr(0, gap), front)) return std::nullopt;
  if (gap != std::string_view::npos && !parse_groups(text.substr(gap + 2), back))
    return std::nullopt;
  size_t size = front.size() + back.size();
  if (gap == std::string_view::npos ? size != 16 : size > 14) return std::nullopt;
  IpAddress address{true, {}};
  std::ranges::copy(front, address.bytes.begin());
  std::ranges::copy_backward(back, address.bytes.end());
  return address;
}

std::optional<std::string> normalize_host(std::string_view host) {
  if (host.empty() || host.size() > kMaxUrlBytes || has_forbidden_host_char(host))
    return std::nullopt;
  auto parsed = ada::parse<ada::url_aggregator>(fmt::format("http://{}/", host));
  if (!parsed || parsed->has_port() || parsed->get_hostname().empty()) return std::nullopt;
  // "host:80" loses its port as the default of http; it is no host either.
  if (host[0] != '[' && host.find(':') != std::string_view::npos) return std::nullopt;
  return std::string(parsed->get_hostname());
}

std::optional<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return std::nullopt;
  auto parsed = ada::parse<ada::url_aggregator>(text);
  if (!parsed || parsed->get_hostname().empty()) return std::nullopt;
  Url url;
  url.scheme = parsed->get_protocol();
  if (url.scheme.ends_with(':')) url.scheme.pop_back();
  auto host = normalize_host(parsed->get_hostname());
  if (!host) return std::nullopt;
  url.host = *host;
  if (std::string_view port = parsed->get_port(); !port.empty())
    url.port = static_cast<uint16_t>(parse_number(port, 10, 5));
  if (url.host.front() == '[')
    url.address = parse_ipv6(std::string_view(url.host).substr(1, url.host.size() - 2));
  else
    url.address = parse_ipv4(url.host);
  url.path = parsed->get_pathname();
  url.has_credentials = parsed->has_credentials();
  return url;
}

std::optional<Url> parse_destination(std::string_view text, std::string_view default_scheme) {
  if (text.size() > kMaxUrlBytes) return std::nullopt;
  if (auto url = parse_url(encode_user_info(text))) return url;
  // With a second scheme in front, the first would be read as a host.
  if (text.find("://") != std::string_view::npos) return std::nullopt;
  return parse_url(encode_user_info(fmt::format("{}://{}", default_scheme, text)));
}

std::string file_url(std::string_view absolute_path) {
  std::string url = "file://";
  for (char c : absolute_path) {
    auto byte = static_cast<uint8_t>(c);
    bool encode = byte <= 0x20 || byte >= 0x7f ||
                  std::string_view("\"#%<>?`{}").find(c) != std::string_view::npos;
    url += encode ? fmt::format("%{:02X}", byte) : std::string(1, c);
  }
  return url;
}

std::optional<std::string> path_of_file_url(std::string_view url) {
  constexpr std::string_view kScheme = "file://";
  if (!url.starts_with(kScheme) || url.substr(kScheme.size(), 1) != "/") return std::nullopt;
  url.remove_prefix(kScheme.size());
  std::string path;
  for (size_t i = 0; i < url.size(); ++i) {
    int byte = url[i] == '%' ? parse_number(url.substr(i + 1, 2), 16, 2) : -1;
    if (byte == 0 || (url[i] == '%' && (byte < 0 || i + 2 >= url.size()))) return std::nullopt;
    path += byte > 0 ? static_cast<char>(byte) : url[i];
    if (byte > 0) i += 2;
  }
  return path;
}

}  // namespace spindle::app
