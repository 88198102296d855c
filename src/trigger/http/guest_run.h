#pragma once

// GuestRun: one request in one guest, from the fresh instance to the last byte of the response.

#include <memory>
#include <optional>

#include "http/handler.h"
#include "io/cancel.h"
#include "io/event_loop.h"
#include "runtime/guest_component.h"
#include "trigger/http/http_trigger.h"
#include "trigger/http/request_headers.h"
#include "wasi/core/http/response_outlet.h"

namespace spindle::trigger {

class GuestRun {
 public:
  // All of it outlives run().
  GuestRun(const HttpService& service, const wasi::Services& services,
           const RouteTable::Match& match, http::Request& request, http::ResponseWriter& response)
      : service_(service),
        services_(services),
        match_(match),
        target_(service.target(match.target)),
        request_(request),
        response_(response),
        tasks_(services.loop),
        cancel_(services.loop),
        outlet_(services.loop, tasks_, response) {}

  // Answers the request, whatever happens. An error means that the connection is of no more use.
  io::Task<Result<void>> run();

 private:
  io::Task<Result<void>> call_guest();
  io::Task<Result<void>> call_wasi_http();
  io::Task<Result<void>> call_inbound_http();
  io::Task<Result<std::vector<uint8_t>>> read_body();
  // The response that stands for a failed guest.
  io::Task<Result<void>> conclude(Result<void> outcome);
  void report(const Error& error);

  const HttpService& service_;
  const wasi::Services& services_;
  const RouteTable::Match& match_;
  const HttpService::Target& target_;
  http::Request& request_;
  http::ResponseWriter& response_;
  std::optional<RequestHeaders> headers_;
  io::TaskGroup tasks_;
  io::CancelSource cancel_;
  wasi::ResponseOutlet outlet_;
  // Last, so that the guest goes first.
  std::unique_ptr<runtime::GuestInstance> guest_;
  std::optional<uint16_t> refused_status_;
  std::string backtrace_;
};

}  // namespace spindle::trigger
