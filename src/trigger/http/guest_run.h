#pragma once

// GuestRun: one request in a guest, from the instance to the last byte of the response.

#include <memory>
#include <optional>

#include "component/async/async_state.h"
#include "http/handler.h"
#include "io/cancel.h"
#include "io/event_loop.h"
#include "runtime/guest_component.h"
#include "trigger/http/http_trigger.h"
#include "trigger/http/request_headers.h"
#include "trigger/http/wagi_response.h"
#include "wasi/core/http/incoming_body.h"
#include "wasi/core/http/received.h"
#include "wasi/core/http/received_body.h"
#include "wasi/core/http/response_outlet.h"
#include "wasi/p3/http/message_body.h"

namespace spindle::trigger {

class GuestRun {
 public:
  // All of it outlives run().
  GuestRun(const HttpService& service, const host::Services& services,
           const RouteTable::Match& match, http::Request& request, http::ResponseWriter& response,
           runtime::InstanceLease lease)
      : service_(service),
        services_(services),
        match_(match),
        target_(service.target(match.target)),
        request_(request),
        response_(response),
        tasks_(services.loop),
        cancel_(services.loop),
        outlet_(services.loop, tasks_, response),
        lease_(std::move(lease)) {}

  // The request comes from a component, not from a client: how many calls led to it.
  void set_chain(uint32_t calls) { chain_ = calls; }
  // Answers the request, whatever happens. An error means that the connection is of no more use.
  io::Task<Result<void>> run();

 private:
  io::Task<Result<void>> call_guest();
  io::Deadlines::Armed arm_request_time();
  // The instance of the lease; makes it where there is none yet.
  io::Task<Result<void>> prepare_guest();
  // Once the lease has one.
  void enter_guest();
  // Nothing of this request is reached from the instance afterwards.
  void leave_guest(const Result<void>& outcome);
  void retire_guest();
  io::Task<Result<void>> call_entry();
  io::Task<Result<void>> call_wasi_http();
  // --- wasi:http/handler; guest_run_handler.cpp ---
  io::Task<Result<void>> call_handler();
  std::unique_ptr<wasi::p3::Request> make_request();
  io::Task<Result<void>> send(wasi::p3::Response& answer, wasi::p3::MessageBody& body);
  // The beginning of a body, as far as it is there soon.
  struct Beginning {
    std::vector<uint8_t> bytes;
    bool is_all = false;
    // Where it is known.
    std::optional<wasi::p3::Trailers> trailers;
  };
  io::Task<Beginning> begin_body(wasi::p3::MessageBody& body);
  io::Task<Result<void>> finish(std::optional<wasi::p3::Trailers> trailers);
  io::Task<Result<void>> send_contents(wasi::p3::BodyStream& contents);
  io::Task<Result<void>> send_copied(wasi::p3::BodyStream& contents);
  io::Task<Result<void>> call_inbound_http();
  // --- wasi:cli/run; guest_run_command.cpp ---
  io::Task<Result<void>> call_command();
  io::Task<Result<void>> send_output();
  io::Task<Result<std::vector<uint8_t>>> read_body();
  // The response that stands for a failed guest.
  io::Task<Result<void>> conclude(Result<void> outcome);
  void report(const Error& error);

  const HttpService& service_;
  const host::Services& services_;
  const RouteTable::Match& match_;
  const HttpService::Target& target_;
  http::Request& request_;
  http::ResponseWriter& response_;
  std::optional<RequestHeaders> headers_;
  io::TaskGroup tasks_;
  io::CancelSource cancel_;
  wasi::ResponseOutlet outlet_;
  std::shared_ptr<wasi::ReceivedRequest> received_;
  std::shared_ptr<wasi::IncomingBodySource> body_;
  std::shared_ptr<wasi::ReceivedBody> received_body_;
  // Of a command: what it sees instead of the component's environment, what it printed.
  std::shared_ptr<const wasi::GuestEnvironment> environment_;
  std::shared_ptr<WagiOutput> output_;
  // The guest has answered; what the client gets is decided.
  bool has_answered_ = false;
  // The answer took too long.
  bool is_late_ = false;
  uint32_t chain_ = 0;
  // Last, so that a guest of this request alone goes first.
  runtime::InstanceLease lease_;
  // The instance, once this request is in it.
  runtime::GuestInstance* guest_ = nullptr;
  // It may fail while its response is sent.
  std::optional<component::FailureWatch> watch_;
  std::optional<uint16_t> refused_status_;
  std::string backtrace_;
};

}  // namespace spindle::trigger
