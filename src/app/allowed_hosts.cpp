#include "app/allowed_hosts.h"

#include <algorithm>
#include <charconv>

#include "app/template.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

constexpr std::string_view kChainSuffix = ".spin.internal";
constexpr size_t kMaxEntryBytes = 4096;
constexpr PortRange kAnyPort{};

std::string_view trim(std::string_view text) {
  size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<uint32_t> parse_u16(std::string_view text) {
  uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && !text.empty() && value <= 65535 ? std::optional(value) : std::nullopt;
}

bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

Error bad_entry(std::string_view entry, std::string_view why) {
  return Error::invalid_input(fmt::format("invalid allowed host \"{}\": {}", entry, why));
}

using Host = decltype(AllowedHost::host);

Result<Host> parse_host(std::string_view text, std::string_view entry) {
  if (text == "*") return Host(AnyHost{});
  if (text == "self") return Host(SelfHost{});
  if (text == "self.alt") return Host(SelfHost{true});
  if (text.empty()) return bad_entry(entry, "the host is missing");
  if (text.front() == '{')
    return bad_entry(entry, "lists of hosts are not supported, write an entry for each host");
  if (auto network = Network::parse(text)) return Host(*network);
  if (text.find('/') != std::string_view::npos)
    return bad_entry(entry, "a path is not allowed, only scheme, host and port");
  if (text.starts_with("*.")) {
    auto suffix = normalize_host(text.substr(2));
    if (!suffix || suffix->starts_with('[') || parse_ipv4(*suffix) || text.size() < 3 ||
        suffix->find('*') != std::string::npos)
      return bad_entry(entry, "\"*.\" must be followed by a domain name");
    return Host(SubdomainsOf{lower(*suffix)});
  }
  auto host = normalize_host(text);
  if (!host) return bad_entry(entry, fmt::format("\"{}\" is not a valid host", text));
  if (host->find('*') != std::string::npos)
    return bad_entry(entry, "a wildcard may only stand for the whole host or its first part");
  return Host(ExactHost{*host});
}

Result<PortRange> parse_ports(std::string_view text, std::string_view entry) {
  if (text == "*") return kAnyPort;
  if (text.starts_with('{'))
    return bad_entry(entry, "lists of ports are not supported, write an entry for each port");
  if (size_t dots = text.find(".."); dots != std::string_view::npos) {
    auto first = parse_u16(text.substr(0, dots));
    auto end = parse_u16(text.substr(dots + 2));
    if (!first || !end)
      return bad_entry(entry, fmt::format("\"{}\" is not a port range, expected \"a..b\"", text));
    return PortRange{*first, *end};
  }
  auto port = parse_u16(text);
  if (!port)
    return bad_entry(entry, fmt::format("\"{}\" is not a port, expected 0 to 65535", text));
  return PortRange{*port, *port + 1};
}

Error missing_scheme(std::string_view entry) {
  if (entry == "*") return bad_entry(entry, "write \"*://*:*\" to allow every destination");
  if (entry == ":") return bad_entry(entry, "expected \"scheme://host:port\"");
  if (entry.empty()) return bad_entry(entry, "it is empty, expected \"scheme://host:port\"");
  if (entry == "?") return bad_entry(entry, "\"?\" is not a wildcard, write \"*://*:*\"");
  return bad_entry(entry, fmt::format("the scheme is missing, for example \"https://{}\"", entry));
}

bool is_host_alone(std::string_view text) {
  std::string_view bare = text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
  return (bare.starts_with('[') && bare.ends_with(']')) || Network::parse(bare).has_value();
}

std::string_view strip_slash(std::string_view text) {
  return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

bool is_chain_host(const AllowedHost& entry) {
  if (const auto* exact = std::get_if<ExactHost>(&entry.host))
    return exact->name.ends_with(kChainSuffix);
  const auto* below = std::get_if<SubdomainsOf>(&entry.host);
  return below && below->suffix == kChainSuffix.substr(1);
}

}  // namespace

std::optional<uint16_t> default_port(std::string_view scheme) {
  constexpr std::pair<std::string_view, uint16_t> kPorts[] = {{"postgres", 5432}, {"mysql", 3306},
                                                              {"redis", 6379},    {"mqtt", 1883},
                                                              {"http", 80},       {"https", 443}};
  const auto* found =
      std::ranges::find(kPorts, scheme, [](const auto& entry) { return entry.first; });
  return found == std::end(kPorts) ? std::nullopt : std::optional(found->second);
}

std::optional<Network> Network::parse(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string_view address_text = text.substr(0, slash);
  auto address = parse_ipv4(address_text);
  if (!address) address = parse_ipv6(address_text);
  auto prefix = parse_u16(text.substr(slash + 1));
  if (!address || !prefix || *prefix > (address->v6 ? 128U : 32U)) return std::nullopt;
  Network network{*address, static_cast<int>(*prefix)};
  for (int bit = network.prefix; bit < 128; ++bit) {
    auto& byte = network.address.bytes[static_cast<size_t>(bit / 8)];
    byte = static_cast<uint8_t>(byte & ~(0x80 >> (bit % 8)));
  }
  return network;
}

bool Network::contains(const IpAddress& other) const {
  if (other.v6 != address.v6) return false;
  for (int bit = 0; bit < prefix; ++bit) {
    auto index = static_cast<size_t>(bit / 8);
    if (((address.bytes[index] ^ other.bytes[index]) & (0x80 >> (bit % 8))) != 0) return false;
  }
  return true;
}

Result<AllowedHost> AllowedHost::parse(std::string_view entry) {
  entry = trim(entry);
  if (entry.size() > kMaxEntryBytes)
    return bad_entry(entry.substr(0, 64), fmt::format("longer than {} bytes", kMaxEntryBytes));
  size_t separator = entry.find("://");
  if (separator == std::string_view::npos) return missing_scheme(entry);
  std::string_view scheme = entry.substr(0, separator);
  std::string_view rest = entry.substr(separator + 3);
  if (scheme.starts_with('{'))
    return bad_entry(entry, "lists of schemes are not supported, write an entry for each scheme");
  if (scheme != "*" && (scheme.empty() || !std::ranges::all_of(scheme, is_ascii_letter)))
    return bad_entry(entry,
                     fmt::format("scheme \"{}\" may hold only letters, or be \"*\"", scheme));

  std::string_view host_text = rest;
  std::string_view port_text;
  if (size_t colon = rest.rfind(':'); colon != std::string_view::npos && !is_host_alone(rest)) {
    host_text = rest.substr(0, colon);
    port_text = strip_slash(rest.substr(colon + 1));
  } else {
    host_text = strip_slash(rest);
  }
  AllowedHost result;
  result.scheme = scheme;
  result.host = TRY(parse_host(host_text, entry));
  if (port_text.empty()) {
    auto port = default_port(scheme);
    if (!port)
      return bad_entry(entry, fmt::format("scheme \"{}\" has no default port, so the entry must "
                                          "name one, for example \"{}://{}:*\"",
                                          scheme, scheme, host_text));
    result.ports = PortRange{*port, *port + 1U};
  } else {
    result.ports = TRY(parse_ports(port_text, entry));
  }
  return result;
}

bool AllowedHost::is_service_chaining() const {
  return is_chain_host(*this);
}

bool AllowedHost::permits(const Url& url) const {
  if (scheme != "*" && scheme != url.scheme) return false;
  auto port = url.port ? url.port : default_port(url.scheme);
  if (port ? !ports.contains(*port) : ports != kAnyPort) return false;
  if (std::holds_alternative<AnyHost>(host)) return true;
  if (const auto* exact = std::get_if<ExactHost>(&host)) return exact->name == url.host;
  if (const auto* network = std::get_if<Network>(&host))
    return url.address && network->contains(*url.address);
  if (const auto* below = std::get_if<SubdomainsOf>(&host)) {
    std::string name = lower(url.host);
    return name.size() > below->suffix.size() + 1 && name.ends_with(below->suffix) &&
           name[name.size() - below->suffix.size() - 1] == '.';
  }
  return false;  // self: only through permits_self
}

Result<AllowedHosts> AllowedHosts::parse(std::span<const std::string> entries) {
  if (entries.size() == 1 && entries[0] == "insecure:allow-all")
    return bad_entry(entries[0], "write \"*://*:*\" to allow every destination");
  std::vector<AllowedHost> hosts;
  for (const std::string& entry : entries) {
    auto host = TRY(AllowedHost::parse(entry));
    hosts.push_back(std::move(host));
  }
  return AllowedHosts(std::move(hosts));
}

bool AllowedHosts::permits(std::string_view url, std::string_view default_scheme) const {
  auto parsed = parse_destination(url, default_scheme);
  return parsed && permits(*parsed);
}

bool AllowedHosts::permits(const Url& url) const {
  return std::ranges::any_of(hosts_, [&](const AllowedHost& host) { return host.permits(url); });
}

bool AllowedHosts::permits_self(std::string_view scheme) const {
  return std::ranges::any_of(hosts_, [&](const AllowedHost& entry) {
    return (entry.scheme == "*" || entry.scheme == scheme) &&
           (std::holds_alternative<AnyHost>(entry.host) ||
            std::holds_alternative<SelfHost>(entry.host));
  });
}

Result<AllowedHosts> resolve_allowed_hosts(std::span<const std::string> entries,
                                           std::span<const std::string> component_ids,
                                           const ResolveTemplate& resolve) {
  std::vector<std::string> resolved;
  for (const std::string& entry : entries) {
    std::string text = entry;
    if (entry.find("{{") != std::string::npos) {
      text = TRY(resolve(entry));
      std::string_view trimmed = trim(text);
      if (trimmed.empty() || trimmed == "http://" || trimmed == "https://") continue;
    }
    resolved.push_back(std::move(text));
  }
  auto parsed = TRY(AllowedHosts::parse(resolved));
  std::vector<AllowedHost> hosts;
  for (const AllowedHost& host : parsed.hosts()) {
    if (!host.is_service_chaining() || !std::holds_alternative<SubdomainsOf>(host.host)) {
      hosts.push_back(host);
      continue;
    }
    for (const std::string& id : component_ids) {
      AllowedHost sibling = host;
      sibling.host = ExactHost{fmt::format("{}{}", lower(id), kChainSuffix)};
      hosts.push_back(std::move(sibling));
    }
  }
  return AllowedHosts(std::move(hosts));
}

Result<void> check_allowed_hosts(
    std::span<const std::string> entries,
    const std::function<std::optional<std::string>(std::string_view)>& default_of) {
  std::vector<std::string> known;
  for (const std::string& entry : entries) {
    auto parsed = TRY(Template::parse(entry));
    bool complete = std::ranges::all_of(
        parsed.variables(), [&](const std::string& name) { return default_of(name).has_value(); });
    if (!complete) continue;
    std::string text = parsed.expand([&](std::string_view name) { return *default_of(name); });
    std::string_view trimmed = trim(text);
    bool dropped = trimmed.empty() || trimmed == "http://" || trimmed == "https://";
    if (!parsed.variables().empty() && dropped) continue;
    known.push_back(std::move(text));
  }
  TRY(AllowedHosts::parse(known));
  return {};
}

std::optional<std::string_view> chained_component(std::string_view host) {
  if (!host.ends_with(kChainSuffix) || host.size() == kChainSuffix.size()) return std::nullopt;
  return host.substr(0, host.size() - kChainSuffix.size());
}

std::string destination_pattern(const Url& url) {
  if (url.port) return fmt::format("{}://{}:{}", url.scheme, url.host, *url.port);
  return fmt::format("{}://{}", url.scheme, url.host);
}

namespace {

// "host[:port]" of an old entry; nothing if it is not one.
std::optional<std::string> legacy_authority(std::string_view entry) {
  std::string_view rest = entry;
  if (size_t separator = entry.find("://"); separator != std::string_view::npos) {
    std::string_view scheme = entry.substr(0, separator);
    if (scheme != "http" && scheme != "https") return std::nullopt;
    rest = entry.substr(separator + 3);
  }
  rest = strip_slash(rest);
  if (!AllowedHost::parse(fmt::format("http://{}", rest))) return std::nullopt;
  return std::string(rest);
}

}  // namespace

Result<std::vector<std::string>> convert_allowed_http_hosts(std::span<const std::string> entries) {
  if (std::ranges::find(entries, "insecure:allow-all") != entries.end())
    return std::vector<std::string>{"http://*:*", "https://*:*", "http://self"};
  std::vector<std::string> converted;
  std::vector<std::string> bad;
  for (const std::string& entry : entries) {
    if (entry == "self") {
      converted.emplace_back("http://self");
    } else if (auto authority = legacy_authority(trim(entry))) {
      converted.push_back(fmt::format("http://{}", *authority));
      converted.push_back(fmt::format("https://{}", *authority));
    } else {
      bad.push_back(fmt::format("\"{}\"", entry));
    }
  }
  if (!bad.empty())
    return Error::invalid_input(
        fmt::format("invalid allowed_http_hosts, expected \"host\", \"host:port\", \"self\" or "
                    "\"insecure:allow-all\", found {}",
                    fmt::join(bad, ", ")));
  return converted;
}

}  // namespace spindle::app
