#pragma once

// What a command sees of the request that it answers: CGI/1.1 (RFC 3875) as Spin's executor "wagi"
// fills it in. The request is in environment variables and arguments, its body is standard input.
//
// Works:   the variables of CGI, X_* as the headers spin-* of other guests, HTTP_* for the client's
//          headers; arguments by the manifest's template; the component's own variables, which win
//          over those of the request.
// Refused: Authorization and Connection are not passed on, nor is Proxy (HTTP_PROXY would send the
//          guest's own requests elsewhere). What is not text reads `CORRUPT VALUE`.
// Differs: CONTENT_TYPE is that of the request, where Spin looks for a header `content_type`;
//          headers that repeat are joined, where Spin keeps the last one.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/handler.h"
#include "trigger/http/request_headers.h"
#include "trigger/http/route.h"
#include "wasi/core/guest_environment.h"

namespace spindle::trigger {

inline constexpr std::string_view kWagiArguments = "${SCRIPT_NAME} ${ARGS}";

// All of it outlives the call.
struct WagiRequest {
  const http::Request& request;
  const RequestHeaders& headers;
  const RouteTable::Match& match;
  // A template: `${SCRIPT_NAME}` is the path, `${ARGS}` the query with spaces for `&`.
  std::string_view arguments = kWagiArguments;
  uint64_t body_bytes = 0;
};

// `component` with what is the request's; standard streams are the caller's to set.
wasi::GuestEnvironment wagi_environment(const wasi::GuestEnvironment& component,
                                        const WagiRequest& wagi);

}  // namespace spindle::trigger
