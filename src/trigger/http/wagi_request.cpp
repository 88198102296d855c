#include "trigger/http/wagi_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/utf8.h"
#include "http/percent.h"

namespace spindle::trigger {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kCorrupt = "CORRUPT VALUE";
constexpr std::string_view kHostPrefix = "spin-";
constexpr std::array<std::string_view, 3> kKept = {"authorization", "connection", "proxy"};

// Guests take variables for C strings in UTF-8.
std::string text(std::string_view value) {
  const bool is_text = is_valid_utf8(value) && value.find('\0') == std::string_view::npos;
  return std::string(is_text ? value : kCorrupt);
}

std::string variable_name(std::string_view prefix, std::string_view header) {
  std::string name(prefix);
  for (char c : header) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    name += c == '-' ? '_' : c;
  }
  return name;
}

// `name:port`, where the name may be an IPv6 address in brackets.
void add_server(std::string_view authority, Variables& variables) {
  std::string_view name = authority.empty() ? "default_host" : authority;
  std::string_view port = "80";
  const size_t colon = authority.rfind(':');
  const size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon)) {
    name = authority.substr(0, colon);
    if (colon + 1 < authority.size()) port = authority.substr(colon + 1);
  }
  variables["SERVER_NAME"] = text(name);
  variables["SERVER_PORT"] = text(port);
}

std::string protocol(const http::RequestHead& head) {
  if (head.major_version == 2) return "HTTP/2.0";
  return fmt::format("HTTP/1.{}", head.minor_version);
}

void add_request(const WagiRequest& wagi, Variables& variables) {
  const http::RequestHead& head = wagi.request.head();
  const std::string client = wagi.request.peer().address_string();
  variables["GATEWAY_INTERFACE"] = "CGI/1.1";
  variables["SERVER_SOFTWARE"] = "WAGI/1";
  variables["SERVER_PROTOCOL"] = protocol(head);
  variables["REQUEST_METHOD"] = text(head.method_name);
  variables["QUERY_STRING"] = text(head.query().value_or(""));
  variables["CONTENT_LENGTH"] = fmt::format("{}", wagi.body_bytes);
  variables["CONTENT_TYPE"] = text(head.headers.find("content-type").value_or(""));
  variables["REMOTE_ADDR"] = client;
  variables["REMOTE_HOST"] = client;
  variables["REMOTE_USER"] = "";
  variables["AUTH_TYPE"] = "";
  add_server(head.authority, variables);
}

void add_route(const WagiRequest& wagi, Variables& variables) {
  std::string_view script = wagi.match.route->normalized();
  if (script.ends_with("/...")) script.remove_suffix(4);
  const std::string& path_info = wagi.match.captures.trailing;
  variables["SCRIPT_NAME"] = script;
  variables["PATH_INFO"] = text(path_info);
  variables["X_RAW_PATH_INFO"] = text(path_info);
  variables["PATH_TRANSLATED"] = text(http::percent_decode(path_info).value_or(path_info));
  for (const auto& [name, value] : wagi.headers.of_host()) {
    if (name == "spin-path-info") continue;
    variables[variable_name("X_", name.substr(kHostPrefix.size()))] = text(value);
  }
}

void add_headers(const http::HeaderView& headers, Variables& variables) {
  for (const auto& [name, value] : headers) {
    if (std::ranges::find(kKept, name) != kKept.end()) continue;
    if (RequestHeaders::is_set_by_host(name)) continue;
    auto [known, is_new] = variables.try_emplace(variable_name("HTTP_", name), text(value));
    if (!is_new) known->second += (name == "cookie" ? "; " : ", ") + text(value);
  }
}

// In one pass, so that a path that looks like a placeholder stays a path.
std::string fill(std::string_view form, std::string_view path, std::string_view query) {
  constexpr std::string_view kPath = "${SCRIPT_NAME}";
  constexpr std::string_view kQuery = "${ARGS}";
  std::string out;
  while (!form.empty()) {
    if (form.starts_with(kPath)) {
      out += path;
      form.remove_prefix(kPath.size());
    } else if (form.starts_with(kQuery)) {
      for (char c : query) out += c == '&' ? ' ' : c;
      form.remove_prefix(kQuery.size());
    } else {
      out += form.front();
      form.remove_prefix(1);
    }
  }
  return out;
}

std::vector<std::string> arguments(const WagiRequest& wagi) {
  const http::RequestHead& head = wagi.request.head();
  const std::string line = fill(wagi.arguments, head.path(), head.query().value_or(""));
  std::vector<std::string> arguments;
  std::string_view rest = line;
  while (true) {
    const size_t space = rest.find(' ');
    arguments.push_back(text(rest.substr(0, space)));
    if (space == std::string_view::npos) return arguments;
    rest.remove_prefix(space + 1);
  }
}

}  // namespace

wasi::GuestEnvironment wagi_environment(const wasi::GuestEnvironment& component,
                                        const WagiRequest& wagi) {
  Variables variables;
  add_request(wagi, variables);
  add_route(wagi, variables);
  add_headers(wagi.request.head().headers, variables);
  wasi::GuestEnvironment environment = component;
  for (const auto& [name, value] : component.variables) variables.erase(name);
  for (auto& [name, value] : variables) {
    environment.variables.emplace_back(name, std::move(value));
  }
  environment.arguments = arguments(wagi);
  return environment;
}

}  // namespace spindle::trigger
