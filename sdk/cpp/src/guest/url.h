#pragma once

// The parts of an absolute URL, as wasi:http wants them.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace spindle::guest {

struct Url {
  std::string_view scheme;
  std::string_view authority;
  std::string_view path;

  std::string path_with_slash() const {
    return (path.starts_with('/') ? "" : "/") + std::string(path.substr(0, path.find('#')));
  }
};

inline std::optional<Url> split_url(std::string_view url) {
  const size_t colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view rest = url.substr(colon + 3);
  const size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
  return Url{url.substr(0, colon), rest.substr(0, slash), rest.substr(slash)};
}

}  // namespace spindle::guest
