#pragma once

// The headers that a guest sees: the client's, without those that concern the connection, and the
// `spin-*` ones that tell where the request arrived. The names that the host sets are the host's
// alone: what a client sends under them is dropped. Commands get both lists apart: they see them as
// environment variables (wagi_request.h).

#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/handler.h"
#include "trigger/http/route.h"

namespace spindle::trigger {

class RequestHeaders {
 public:
  // What becomes of values that are not UTF-8: an error, or nothing.
  enum class NotText : uint8_t { Refused, LeftOut };

  // Views of `request` and `match` and texts of its own; all three live equally long.
  static Result<RequestHeaders> make(const http::Request& request, const RouteTable::Match& match,
                                     NotText not_text);
  static bool is_set_by_host(std::string_view name);

  http::HeaderView view() const { return headers_; }
  // The last of them: those that the host sets.
  http::HeaderView of_host() const { return std::span(headers_).subspan(client_count_); }

 private:
  void add_host_headers(const http::Request& request, const RouteTable::Match& match);
  // The pieces behind one another. There is room.
  std::string_view join(std::initializer_list<std::string_view> pieces);
  std::string_view parameter_header(std::string_view parameter);

  std::vector<http::Header> headers_;
  size_t client_count_ = 0;
  // Of one reserved size, so that its bytes stay in place.
  std::vector<char> texts_;
};

}  // namespace spindle::trigger
