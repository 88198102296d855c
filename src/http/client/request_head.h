#pragma once

// What a caller of the client asks for, and its head as each version of HTTP has it.

#include <string>

#include "http/client/connector.h"
#include "http/client/limits.h"
#include "http/handler.h"

namespace spindle::http {

// Views hold until Client::open() is over.
struct ClientRequest {
  Origin origin;
  // Any token but CONNECT.
  std::string_view method = "GET";
  // `/path?query`, or `*`.
  std::string_view target = "/";
  // The Host header: `host` or `host:port`.
  std::string_view authority;
  // `host`, `connection`, `keep-alive`, `proxy-connection`, `transfer-encoding` and `upgrade` are
  // left out: they are the client's. `content-length` announces a streamed body's length.
  HeaderView headers;
  BodyLength length = BodyLength::empty();
  Timeouts timeouts;
};

// What holds for a request whatever carries it.
struct RequestFacts {
  // What the body is framed by.
  BodyLength length = BodyLength::empty();
  Method method = Method::Get;
  // May be sent again when it is not known what became of it.
  bool is_idempotent = false;
};

Outcome<RequestFacts> check_request(const ClientRequest& request, const ClientLimits& limits);

// Of requests that passed the check: text, and fields that begin with the pseudo-fields. Of `te`
// HTTP/2 knows `trailers` only.
std::string http1_head(const ClientRequest& request, const RequestFacts& facts);
Headers http2_head(const ClientRequest& request, const RequestFacts& facts);

}  // namespace spindle::http
