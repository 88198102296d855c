#pragma once

// HTTP messages as values: methods, header lists, heads.
//
// A HeaderView is a list of name/value views that somebody else owns (the connection's read buffer,
// a Headers, an array): cheap to pass, valid as long as its owner says. Headers owns its bytes.
// Names compare without regard to case; names of received messages are lower case. Values are bytes
// without CR, LF and NUL; they need not be UTF-8.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::http {

enum class Method : uint8_t { Get, Head, Post, Put, Delete, Connect, Options, Trace, Patch, Other };
enum class Scheme : uint8_t { Http, Https };

// `GET`; empty for Other.
std::string_view to_string(Method method);
Method method_from_string(std::string_view name);

bool equals_ignoring_case(std::string_view a, std::string_view b);
bool is_valid_header_name(std::string_view name);
bool is_valid_header_value(std::string_view value);

struct Header {
  std::string_view name;
  std::string_view value;
};

class HeaderView {
 public:
  HeaderView() = default;
  HeaderView(std::span<const Header> entries) : entries_(entries) {}
  HeaderView(const std::vector<Header>& entries) : entries_(entries) {}

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  const Header& operator[](size_t index) const { return entries_[index]; }

  // The first of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  size_t count(std::string_view name) const;

 private:
  std::span<const Header> entries_;
};

class Headers {
 public:
  Headers() = default;
  explicit Headers(HeaderView entries);
  Headers(const Headers& other) : Headers(other.view()) {}
  Headers& operator=(const Headers& other);
  Headers(Headers&&) noexcept = default;
  Headers& operator=(Headers&&) noexcept = default;
  ~Headers() = default;

  // Copies both; neither is checked.
  void add(std::string_view name, std::string_view value);
  // Removes all of that name; how many there were.
  size_t remove(std::string_view name);
  void set(std::string_view name, std::string_view value);
  void clear();

  // Valid until the next change.
  HeaderView view() const { return entries_; }
  operator HeaderView() const { return view(); }
  std::optional<std::string_view> find(std::string_view name) const { return view().find(name); }
  size_t size() const { return entries_.size(); }

 private:
  std::string_view store(std::string_view text);

  std::vector<Header> entries_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_size_ = 0;
  size_t block_used_ = 0;
};

struct RequestHead {
  Method method = Method::Get;
  // As sent: any token of up to Limits::method_bytes. `get` is Method::Other.
  std::string_view method_name;
  // As sent: origin form, absolute form or `*`.
  std::string_view target;
  // `/path?query` of the target; `*` for OPTIONS *.
  std::string_view path_and_query;
  // From the target or the Host header; empty only for HTTP/1.0 without Host.
  std::string_view authority;
  // 1, or 2 for HTTP/2.
  uint8_t major_version = 1;
  // 0 or 1: HTTP/1.x.
  uint8_t minor_version = 1;
  HeaderView headers;

  std::string_view path() const { return path_and_query.substr(0, path_and_query.find('?')); }
  // Without the `?`; nothing when there is none.
  std::optional<std::string_view> query() const;
};

struct ResponseHead {
  // 200 to 999.
  uint16_t status = 200;
  // The server frames the message itself: of these `transfer-encoding`, `keep-alive` and
  // `proxy-connection` are left out, `connection: close` is obeyed, `content-length` announces a
  // streamed body's length.
  HeaderView headers;
};

// `Not Found`; empty for codes without a registered phrase.
std::string_view reason_phrase(uint16_t status);

// Decimal digits only.
std::optional<uint64_t> parse_decimal(std::string_view text);

}  // namespace spindle::http
