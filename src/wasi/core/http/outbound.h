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
#include "http/client/local_exchange.h"
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
  // A component of this process instead of the origin.
  std::string component;
  // How many components are in the chain of calls, with this one.
  uint32_t depth = 0;
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

// Components of this process that answer requests of others.
class LocalComponents {
 public:
  virtual ~LocalComponents() = default;
  // Null where no trigger runs such a component. What it gives lives as long as this.
  virtual http::Handler* find(std::string_view component, uint32_t depth) = 0;
  virtual http::LocalExchanges& exchanges() = 0;
};

// What the calls of one event loop share (Services).
struct OutboundServices {
  http::Client& client;
  // Drained after all guests are gone, never canceled.
  io::TaskGroup& tasks;
  // Null where there are none.
  LocalComponents* components = nullptr;
  // Where this application listens.
  std::optional<http::Origin> self = std::nullopt;
};

// What options leave out has Spin's default; more than a month is as good as never.
http::Timeouts client_timeouts(const RequestTimeouts& timeouts);

// The case of a wasi:http error-code that a failure is.
template <typename ErrorCode>
ErrorCode to_error_code(const http::Failure& failure);

}  // namespace spindle::wasi

#include "wasi/core/http/outbound_impl.h"  // IWYU pragma: export
