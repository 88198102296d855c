#pragma once

// fermyon:spin/http (unversioned): requests of guests of Spin 1.
//
// Works:   bodies as a whole, both ways; up to kRedirectsMax redirects, as clients of HTTP follow
//          them. Whatever wasi:http can reach can be reached here, by the same permission.
// Refused: what is not allowed is `destination-not-allowed`, what is no URL `invalid-url`; failures
//          on the way, responses of more than 128 MiB and more redirects are `runtime-error`.
// Differs: each hop of a redirect needs permission, where Spin asks for the first one only.
//          Proxies of the environment are not used, and no `referer` is sent. `params` are ignored,
//          as in Spin.

#include "bindings/fermyon/spin/http.h"
#include "host/outbound/access.h"
#include "host/outbound_http/outbound_http.h"
#include "wasi/core/services.h"

namespace spindle::host {

inline constexpr unsigned kRedirectsMax = 10;

class SpinHttpV1 final : public bindings::fermyon::spin::http::Host {
 public:
  // Both outlive it.
  SpinHttpV1(const wasi::Services& services, wasi::OutboundGate& gate)
      : services_(services), gate_(gate) {}

  using Response = bindings::fermyon::spin::http_types::Response;
  using Failure = bindings::fermyon::spin::http_types::HttpError;
  io::Eventual<std::expected<Response, Failure>> send_request(
      const bindings::fermyon::spin::http_types::RequestView& request) override;

 private:
  const wasi::Services& services_;
  wasi::OutboundGate& gate_;
};

}  // namespace spindle::host
