#include "redis/address.h"

#include <ada.h>
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "redis/limits.h"

namespace spindle::redis {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// As in http URLs, whose hosts are the ones that permissions are written with.
std::optional<std::string> normalize_host(std::string_view host) {
  auto parsed = ada::parse<ada::url_aggregator>(fmt::format("http://{}/", host));
  if (!parsed || parsed->has_port() || parsed->get_hostname().empty()) return std::nullopt;
  std::string found(parsed->get_hostname());
  if (found.front() == '[') found = found.substr(1, found.size() - 2);
  return found;
}

}  // namespace

std::string Address::authority() const {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string Address::origin() const {
  return fmt::format("{}://{}", transport == Transport::Tls ? "rediss" : "redis", authority());
}

Result<Address> parse_address(std::string_view url) {
  if (url.empty()) return Error::invalid_input("no Redis address is given");
  if (url.size() > kAddressBytesMax) {
    return Error::invalid_input(fmt::format("Redis address of {} bytes, at most {} are allowed",
                                            url.size(), kAddressBytesMax));
  }
  auto parsed = ada::parse<ada::url_aggregator>(url);
  const auto scheme = parsed ? parsed->get_protocol() : std::string_view();
  if (scheme != "redis:" && scheme != "rediss:") {
    return Error::invalid_input("not a Redis address, expected redis://host:port");
  }
  Address address;
  if (scheme == "rediss:") address.transport = Transport::Tls;
  auto host = normalize_host(parsed->get_hostname());
  if (!host) return Error::invalid_input("a Redis address without a valid host");
  address.host = std::move(*host);
  if (!parsed->get_port().empty()) {
    auto port = parse_number<uint16_t>(parsed->get_port());
    if (!port || *port == 0) return Error::invalid_input("a Redis address with an invalid port");
    address.port = *port;
  }
  address.login.user = percent_decode(parsed->get_username());
  address.login.password = percent_decode(parsed->get_password());
  std::string_view path = parsed->get_pathname();
  if (path.starts_with('/')) path.remove_prefix(1);
  if (!path.empty()) {
    auto database = parse_number<uint32_t>(path);
    if (!database) {
      return Error::invalid_input("a Redis address whose path is no database number");
    }
    address.login.database = *database;
  }
  if (parsed->get_search().contains("protocol=resp3")) {
    return Error::not_supported("protocol=resp3 in a Redis address is not supported");
  }
  return address;
}

}  // namespace spindle::redis
