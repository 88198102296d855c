#pragma once

// How requests of guests leave, for every version of wasi:http.
//
// A face hands over what the guest made; the OutboundGate of its instance decides whether the
// destination may be reached, and what it is; the call goes through the client of the loop
// (outbound_call.h). Failures have the codes that the interface knows.

#include <memory>
#include <optional>
#include <string>

#include "http/client/client.h"
#include "wasi/core/http/request_timeouts.h"

namespace spindle::wasi {

struct OutboundRequest {
  std::string method = "GET";
  // Lower case.
  std::optional<std::string> scheme;
  std::optional<std::string> authority;
  std::optional<std::string> path_with_query;
  http::Headers headers;
  RequestTimeouts timeouts;
};

struct OutboundDestination {
  http::Origin origin;
  // For the Host header.
  std::string authority;
};

class OutboundGate {
 public:
  virtual ~OutboundGate() = default;
  virtual http::Outcome<OutboundDestination> admit(const OutboundRequest& request) = 0;
};

// For instances that may reach nothing.
class ClosedGate final : public OutboundGate {
 public:
  http::Outcome<OutboundDestination> admit(const OutboundRequest&) override {
    return {http::FailureCode::RequestDenied, "no destination is allowed"};
  }
};

// What the calls of one event loop share (Services).
struct OutboundServices {
  http::Client& client;
  // Drained after all guests are gone, never canceled.
  io::TaskGroup& tasks;
};

// What options leave out has Spin's default; more than a month is as good as never.
http::Timeouts client_timeouts(const RequestTimeouts& timeouts);

// The case of a wasi:http error-code that a failure is.
template <typename ErrorCode>
ErrorCode to_error_code(const http::Failure& failure);

}  // namespace spindle::wasi

#include "wasi/core/http/outbound_impl.h"  // IWYU pragma: export
