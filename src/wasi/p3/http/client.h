#pragma once

// wasi:http/client@0.3 for guests.
//
// Works:   requests to destinations that the gate of the instance admits; bodies and trailers
//          streamed both ways; the future of `request.new` tells what became of the request.
// Differs: a response that the guest drops ends its request, too, sent or not.
//
// A guest's bytes go from its memory to the connection in steps, without a copy in between; those
// of a response the same way back.

#include "bindings/wasi/http_0_3/client.h"
#include "wasi/core/http/outbound.h"
#include "wasi/core/services.h"
#include "wasi/p3/http/message_body.h"

namespace spindle::wasi::p3 {

namespace http_client = bindings::wasi::http_0_3::client;

class HttpClient final : public http_client::Host {
 public:
  // Both outlive it.
  HttpClient(const Services& services, OutboundGate& gate) : services_(services), gate_(gate) {}

  using Answer = std::expected<std::unique_ptr<Response>, ErrorCode>;
  io::Eventual<Answer> send(std::unique_ptr<Request> request) override;

 private:
  const Services& services_;
  OutboundGate& gate_;
};

}  // namespace spindle::wasi::p3
