#include "http/message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace spindle::http {

namespace {

constexpr std::array<std::string_view, 9> kMethodNames = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// The `token` characters of RFC 9110.
constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<uint8_t>(c)] = true;
  }
  return table;
}

constexpr auto kIsToken = make_token_table();

}  // namespace

std::string_view to_string(Method method) {
  auto index = static_cast<size_t>(method);
  return index < kMethodNames.size() ? kMethodNames[index] : std::string_view();
}

Method method_from_string(std::string_view name) {
  auto found = std::ranges::find(kMethodNames, name);
  return static_cast<Method>(found - kMethodNames.begin());
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

bool is_valid_header_name(std::string_view name) {
  bool all = !name.empty();
  for (char c : name) all &= kIsToken[static_cast<uint8_t>(c)];
  return all;
}

bool is_valid_header_value(std::string_view value) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = kOnes * 0x80;
  const char* at = value.data();
  size_t left = value.size();
  // Eight bytes at a time: none below a space (but for bytes above 0x7f), none 0x7f. A tab makes it
  // look closer.
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    uint64_t below_space = (word - kOnes * 0x20) & ~word;
    uint64_t delete_bytes = word ^ (kOnes * 0x7f);
    uint64_t is_delete = (delete_bytes - kOnes) & ~delete_bytes;
    if (((below_space | is_delete) & kHighs) != 0) break;
  }
  for (; left > 0; ++at, --left) {
    auto byte = static_cast<uint8_t>(*at);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

std::optional<std::string_view> HeaderView::find(std::string_view name) const {
  for (const auto& entry : entries_) {
    if (equals_ignoring_case(entry.name, name)) return entry.value;
  }
  return std::nullopt;
}

size_t HeaderView::count(std::string_view name) const {
  return static_cast<size_t>(std::ranges::count_if(
      entries_, [&](const Header& entry) { return equals_ignoring_case(entry.name, name); }));
}

Headers::Headers(HeaderView entries) {
  entries_.reserve(entries.size());
  for (const auto& entry : entries) add(entry.name, entry.value);
}

Headers& Headers::operator=(const Headers& other) {
  if (this != &other) *this = Headers(other.view());
  return *this;
}

void Headers::add(std::string_view name, std::string_view value) {
  auto own_name = store(name);
  auto own_value = store(value);
  entries_.push_back({own_name, own_value});
}

size_t Headers::remove(std::string_view name) {
  return std::erase_if(entries_,
                       [&](const Header& entry) { return equals_ignoring_case(entry.name, name); });
}

void Headers::set(std::string_view name, std::string_view value) {
  // `value` may be a view of an entry: its block stays.
  remove(name);
  add(name, value);
}

void Headers::clear() {
  entries_.clear();
  blocks_.clear();
  block_size_ = 0;
  block_used_ = 0;
}

std::string_view Headers::store(std::string_view text) {
  constexpr size_t kBlockSize = 512;
  if (text.empty()) return {};
  if (block_size_ - block_used_ < text.size()) {
    block_size_ = std::max(kBlockSize, text.size());
    block_used_ = 0;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
  }
  char* target = blocks_.back().get() + block_used_;
  std::memcpy(target, text.data(), text.size());
  block_used_ += text.size();
  return {target, text.size()};
}

std::optional<std::string_view> RequestHead::query() const {
  auto mark = path_and_query.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  return path_and_query.substr(mark + 1);
}

std::optional<uint64_t> parse_decimal(std::string_view text) {
  uint64_t number = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view reason_phrase(uint16_t status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 418: return "I'm a teapot";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    case 511: return "Network Authentication Required";
    default: return {};
  }
}

}  // namespace spindle::http
