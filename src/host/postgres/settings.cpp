#include "host/postgres/settings.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <span>

namespace spindle::host::postgres {
namespace {

constexpr auto kPassedOn = std::to_array<std::string_view>(
    {"user", "password", "dbname", "application_name", "options", "target_session_attrs",
     "channel_binding", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
     "tcp_user_timeout"});
// Judged here.
constexpr auto kOwn =
    std::to_array<std::string_view>({"host", "port", "sslmode", "connect_timeout"});

std::string trimmed(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text);
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> items;
  while (true) {
    const size_t comma = list.find(',');
    items.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

// Only characters that mean the same to the policy's URLs and to a resolver.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 255 && std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

Result<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (code != std::errc() || end != text.data() + text.size() || port == 0)
    return Error::invalid_input(fmt::format("invalid port `{}`", text));
  return port;
}

Result<HostAndPort> parse_host(std::string_view host, std::string_view port, bool is_url) {
  if (host.starts_with('/') || host.starts_with('@'))
    return Error::invalid_input("unix sockets are not supported");
  if (!is_host(host)) return Error::invalid_input(fmt::format("invalid host `{}`", host));
  HostAndPort parsed{.host = std::string(host)};
  if (!port.empty()) parsed.port = TRY(parse_port(port));
  const bool is_v6 = host.contains(':');
  parsed.url = fmt::format("postgres://{}{}{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "");
  if (is_url || !port.empty()) parsed.url += fmt::format(":{}", parsed.port);
  return parsed;
}

Result<std::vector<HostAndPort>> parse_hosts(std::string_view hosts, std::string_view ports,
                                             bool is_url) {
  if (hosts.empty()) return Error::invalid_input("no host is given");
  const auto names = split(hosts);
  const auto numbers = split(ports);
  if (names.size() > kHostsMax)
    return Error::limit_exceeded(fmt::format("more than {} hosts", kHostsMax));
  if (numbers.size() != 1 && numbers.size() != names.size())
    return Error::invalid_input("there are not as many ports as hosts");
  std::vector<HostAndPort> parsed;
  for (size_t i = 0; i < names.size(); ++i) {
    HostAndPort one = TRY(parse_host(names[i], numbers[numbers.size() == 1 ? 0 : i], is_url));
    parsed.push_back(std::move(one));
  }
  return parsed;
}

Result<TlsMode> parse_tls(std::string_view mode) {
  if (mode.empty() || mode == "prefer") return TlsMode::Prefer;
  if (mode == "disable") return TlsMode::Disable;
  // Certificates are always verified.
  if (mode == "require" || mode == "verify-ca" || mode == "verify-full") return TlsMode::Require;
  return Error::invalid_input(fmt::format("invalid value for option `sslmode`: `{}`", mode));
}

bool is_one_of(std::string_view keyword, std::span<const std::string_view> keywords) {
  return std::ranges::find(keywords, keyword) != keywords.end();
}

class Words {
 public:
  static Result<Words> parse(std::string_view address) {
    if (address.size() > kAddressBytesMax)
      return Error::limit_exceeded(
          fmt::format("the address is longer than {} bytes", kAddressBytesMax));
    if (address.contains('\0'))
      return Error::invalid_input("the address contains a zero character");
    char* message = nullptr;
    Words words(PQconninfoParse(std::string(address).c_str(), &message));
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(message, &PQfreemem);
    if (words.options_) return words;
    return Error::invalid_input(message == nullptr ? "out of memory" : trimmed(message));
  }

  std::string_view find(std::string_view keyword) const {
    for (const auto* option = options_.get(); option->keyword != nullptr; ++option) {
      if (option->val != nullptr && keyword == option->keyword) return option->val;
    }
    return {};
  }

  Result<void> check() const {
    for (const auto* option = options_.get(); option->keyword != nullptr; ++option) {
      if (option->val == nullptr) continue;
      const std::string_view keyword = option->keyword;
      if (is_one_of(keyword, kOwn) || is_one_of(keyword, kPassedOn)) continue;
      return Error::invalid_input(fmt::format("option `{}` is not supported", keyword));
    }
    return {};
  }

 private:
  explicit Words(PQconninfoOption* options) : options_(options, &PQconninfoFree) {}

  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options_;
};

}  // namespace

Result<Settings> parse_settings(std::string_view address) {
  const Words words = TRY(Words::parse(address));
  TRY(words.check());
  const bool is_url = address.starts_with("postgres://") || address.starts_with("postgresql://");
  Settings settings;
  settings.hosts = TRY(parse_hosts(words.find("host"), words.find("port"), is_url));
  settings.tls = TRY(parse_tls(words.find("sslmode")));
  if (const auto text = words.find("connect_timeout"); !text.empty()) {
    unsigned seconds = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (code != std::errc() || end != text.data() + text.size())
      return Error::invalid_input(fmt::format("invalid connect_timeout `{}`", text));
    if (seconds != 0) settings.connect_timeout_seconds = seconds;
  }
  for (const auto keyword : kPassedOn) {
    const auto value = words.find(keyword);
    if (!value.empty()) settings.options.emplace_back(keyword, value);
  }
  if (words.find("user").empty()) return Error::invalid_input("no user is given");
  return settings;
}

}  // namespace spindle::host::postgres
