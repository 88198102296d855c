#pragma once

// HttpUrl: a URL as a client of HTTP needs it, read and normalized as browsers do (WHATWG): who is
// asked, and for what. References are resolved against another URL, as redirects want it.

#include <optional>
#include <string>
#include <string_view>

namespace spindle::app {

struct HttpUrl {
  std::string text;       // all of it, without fragment
  std::string scheme;     // http or https
  std::string authority;  // host, or host:port where it is not the scheme's; no user info
  std::string target;     // /path?query

  // Nothing if it is not an absolute http or https URL.
  static std::optional<HttpUrl> parse(std::string_view text);
  std::optional<HttpUrl> resolve(std::string_view reference) const;
};

}  // namespace spindle::app
