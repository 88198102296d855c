#pragma once

// Requests whose bodies are there as a whole, and responses that are wanted as a whole: for
// fermyon:spin/http of Spin 1, and for what the host itself asks of servers that the operator
// named (providers of variables, language models).
//
// The request leaves through the same client and the same kind of gate as those of wasi:http; when
// the task is dropped, so is the call.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/http_url.h"
#include "http/client/outcome.h"
#include "wasi/core/http/outbound.h"
#include "wasi/core/services.h"

namespace spindle::host {

inline constexpr uint64_t kBufferedBodyBytesMax = uint64_t{128} << 20;

struct BufferedRequest {
  std::string method = "GET";
  // Without authority: the application itself.
  app::HttpUrl url;
  http::Headers headers;
  std::vector<uint8_t> body;
  wasi::RequestTimeouts timeouts;
  uint64_t response_bytes_max = kBufferedBodyBytesMax;
};

struct BufferedResponse {
  uint16_t status = 0;
  http::Headers headers;
  std::vector<uint8_t> body;
};

// `services` and `gate` outlive the task. Redirects are not followed.
io::Task<http::Outcome<BufferedResponse>> fetch(const wasi::Services& services,
                                                wasi::OutboundGate& gate, BufferedRequest request);

// Lets everything through: for destinations that the operator chose.
class OperatorGate final : public wasi::OutboundGate {
 public:
  http::Outcome<wasi::OutboundDestination> admit(const wasi::OutboundRequest& request) override;
};

}  // namespace spindle::host
