#include "host/mysql/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/url.h"

namespace spindle::host::mysql {
namespace {

// They tune a client that keeps connections of its own.
constexpr auto kIgnored = std::to_array<std::string_view>(
    {"compression", "conn_ttl", "inactive_connection_ttl", "pool_max", "pool_min",
     "reset_connection", "stmt_cache_size", "tcp_keepalive", "tcp_nodelay", "ttl_check_interval",
     "wait_timeout", "charset"});

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// `text` until the first of `ends`, which it loses together with the rest.
std::string_view cut(std::string_view& text, std::string_view ends) {
  const size_t end = std::min(text.find_first_of(ends), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(end);
  return part;
}

Result<void> take_option(std::string_view option, Address& address) {
  const size_t equals = option.find('=');
  const std::string name = lower(option.substr(0, equals));
  const std::string value =
      equals == std::string_view::npos ? "" : lower(option.substr(equals + 1));
  if (name == "ssl-mode" || name == "sslmode") {
    address.has_tls = value != "disabled" && value != "disable";
  } else if (name == "require_ssl") {
    address.has_tls = value == "true";
  } else if (std::ranges::find(kIgnored, name) == kIgnored.end()) {
    return Error::invalid_input(fmt::format("option `{}` is not supported", name));
  }
  return {};
}

Result<void> take_options(std::string_view query, Address& address) {
  while (!query.empty()) {
    const auto option = cut(query, "&");
    if (!query.empty()) query.remove_prefix(1);
    if (!option.empty()) TRY(take_option(option, address));
  }
  return {};
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  if (text.size() > kAddressBytesMax)
    return Error::limit_exceeded(
        fmt::format("the address is longer than {} bytes", kAddressBytesMax));
  const auto url = app::parse_destination(text, "mysql");
  if (!url || url->scheme != "mysql")
    return Error::invalid_input("the address is not a URL of the scheme `mysql`");
  Address address{.host = url->host, .port = url->port.value_or(3306)};
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  if (const size_t scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  auto authority = cut(text, "/?#");
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    auto user_info = authority.substr(0, at);
    address.user = decode(cut(user_info, ":"));
    if (!user_info.empty()) address.password = decode(user_info.substr(1));
  }
  auto path = cut(text, "?#");
  if (path.starts_with('/')) path.remove_prefix(1);
  address.database = decode(path);
  auto query = cut(text, "#");
  if (!query.empty()) TRY(take_options(query.substr(1), address));
  return address;
}

}  // namespace spindle::host::mysql
