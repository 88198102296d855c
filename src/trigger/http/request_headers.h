#pragma once

// The headers that a guest sees: the client's, without those that concern the connection, and the
// `spin-*` ones that tell where the request arrived. The names that the host sets are the host's
// alone: what a client sends under them is dropped.

#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/handler.h"
#include "trigger/http/route.h"

namespace spindle::trigger {

class RequestHeaders {
 public:
  // Views of `request` and `match` and texts of its own; all three live equally long. An error when
  // a value is not UTF-8.
  static Result<RequestHeaders> make(const http::Request& request, const RouteTable::Match& match);

  http::HeaderView view() const { return headers_; }

 private:
  // The pieces behind one another. There is room.
  std::string_view join(std::initializer_list<std::string_view> pieces);
  std::string_view parameter_header(std::string_view parameter);

  std::vector<http::Header> headers_;
  // Of one reserved size, so that its bytes stay in place.
  std::vector<char> texts_;
};

}  // namespace spindle::trigger
