#pragma once

// Which destinations a component may reach: the entries of `allowed_outbound_hosts`.
//
//   entry = scheme "://" host [":" port]     "https://*.example.com", "redis://10.0.0.0/8:6379"
//
// AllowedHost is one parsed entry; AllowedHosts the resolved list of one component, which answers
// permits(url, default scheme). Entries with templates stay text until their variables are known:
// resolve_allowed_hosts takes the resolver as a function, since values may change at run time.
// Everything that cannot be parsed is refused; nothing here does I/O or name lookups, so a CIDR
// matches only URLs whose host is an IP literal.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/url.h"
#include "base/result.h"

namespace spindle::app {

struct AnyHost {
  bool operator==(const AnyHost&) const = default;
};
struct SelfHost {  // "self", "self.alt": the application's own listener
  bool alternative = false;
  bool operator==(const SelfHost&) const = default;
};
struct ExactHost {
  std::string name;  // normalized; IPv6 in brackets
  bool operator==(const ExactHost&) const = default;
};
struct SubdomainsOf {
  std::string suffix;  // lower case, without the leading "*."
  bool operator==(const SubdomainsOf&) const = default;
};
struct Network {
  IpAddress address;
  int prefix = 0;
  // `a.b.c.d/n`, `v6::/n`; bits behind the prefix become zero.
  static std::optional<Network> parse(std::string_view text);
  bool contains(const IpAddress& other) const;
  bool operator==(const Network&) const = default;
};

struct PortRange {
  uint32_t first = 0;
  uint32_t end = 65536;  // excluded
  bool contains(uint16_t port) const { return port >= first && port < end; }
  bool operator==(const PortRange&) const = default;
};

struct AllowedHost {
  std::string scheme;  // "*": any
  std::variant<AnyHost, SelfHost, ExactHost, SubdomainsOf, Network> host;
  PortRange ports;

  static Result<AllowedHost> parse(std::string_view entry);
  bool permits(const Url& url) const;
  // "http://other.spin.internal" or its wildcard: calls of sibling components.
  bool is_service_chaining() const;
  bool operator==(const AllowedHost&) const = default;
};

class AllowedHosts {
 public:
  AllowedHosts() = default;
  explicit AllowedHosts(std::vector<AllowedHost> hosts) : hosts_(std::move(hosts)) {}
  static Result<AllowedHosts> parse(std::span<const std::string> entries);

  // A URL, or a bare authority that gets `default_scheme`; what cannot be parsed is not permitted.
  bool permits(std::string_view url, std::string_view default_scheme) const;
  bool permits(const Url& url) const;
  // Whether the application's own listener may be called, by path or as http://self.
  bool permits_self(std::string_view scheme) const;
  const std::vector<AllowedHost>& hosts() const { return hosts_; }

 private:
  std::vector<AllowedHost> hosts_;
};

// Replaces `{{ name }}` in an entry by a value.
using ResolveTemplate = std::function<Result<std::string>(std::string_view template_text)>;

// The run-time list of a component: templates resolved, entries that become empty dropped, the
// wildcard of sibling components spelt out.
Result<AllowedHosts> resolve_allowed_hosts(std::span<const std::string> entries,
                                           std::span<const std::string> component_ids,
                                           const ResolveTemplate& resolve);

// Load-time check: every entry, with templates filled by the defaults where all of them have one.
Result<void> check_allowed_hosts(
    std::span<const std::string> entries,
    const std::function<std::optional<std::string>(std::string_view)>& default_of);

// The old `allowed_http_hosts` as entries of the new list; the error lists every bad entry.
Result<std::vector<std::string>> convert_allowed_http_hosts(std::span<const std::string> entries);

// "host" of "http://host.spin.internal", for a URL's host name.
std::optional<std::string_view> chained_component(std::string_view host);

// What to suggest when a destination was denied: "https://example.com", with an explicit port kept.
std::string destination_pattern(const Url& url);

// 5432 for postgres, and so on for schemes that the allow list knows.
std::optional<uint16_t> default_port(std::string_view scheme);

}  // namespace spindle::app
