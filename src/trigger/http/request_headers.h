#pragma once

// The headers that a guest sees: the client's, without those that concern the connection, and the
// `spin-*` ones that tell where the request arrived. The names that the host sets are the host's
// alone: what a client sends under them is dropped.

#include <deque>
#include <string>
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
  void add(std::string_view name, std::string text);

  std::vector<http::Header> headers_;
  // A deque keeps its elements in place.
  std::deque<std::string> texts_;
};

}  // namespace spindle::trigger
