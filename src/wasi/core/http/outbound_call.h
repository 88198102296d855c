#pragma once

// OutboundCall: one request of a guest on its way, and its response for as long as the guest holds
// anything of it.
//
//   auto call = OutboundCall::start(services, gate, std::move(request), std::move(body));
//   co_await call->done();
//   if (!call->outcome()) ...                              // a Failure
//   call->response()                                       // status, headers, body
//
// The guest's resources share the call; when the last of them goes, whatever still runs is
// canceled and the connection closed, unless both directions were over. The exchange itself
// belongs to a task of the loop, which ends then: after the call's own tasks, which may use the
// response, and after on_end(), which detaches those who view it.

#include <functional>
#include <memory>

#include "wasi/core/http/outbound.h"
#include "wasi/core/services.h"

namespace spindle::wasi {

// What a guest sends after the head.
class RequestBody {
 public:
  virtual ~RequestBody() = default;
  // Asked when the request leaves, in a turn of the loop after the guest's.
  virtual http::BodyLength length() = 0;
  // Sends it all and finishes the request, or aborts it. Canceled when the call is over.
  virtual io::Task<void> send(http::RequestSink& writer) = 0;
  // The request will not be sent.
  virtual void fail(const http::Failure& failure) = 0;
};

class OutboundCall {
 public:
  // What `services` names outlives the call. Without a body the request is complete. An error is a
  // trap: there is no such component.
  static Result<std::shared_ptr<OutboundCall>> start(const Services& services, OutboundGate& gate,
                                                     OutboundRequest request,
                                                     std::unique_ptr<RequestBody> body);
  ~OutboundCall();
  OutboundCall(const OutboundCall&) = delete;
  OutboundCall& operator=(const OutboundCall&) = delete;

  // The response's head is there, or never will be.
  bool is_done() const;
  io::Task<void> done();
  const http::Outcome<void>& outcome() const;
  // Calls `action` when it is done; one action at a time.
  void on_done(std::move_only_function<void()> action);

  // After success, as long as the call.
  http::IncomingResponse& response();
  // For tasks that use the response.
  io::TaskGroup& tasks();
  // Called when the call is over and its tasks are gone, before the response goes.
  void on_end(std::move_only_function<void()> action);

 private:
  struct State;
  struct Plan;

  explicit OutboundCall(std::shared_ptr<State> state) : state_(std::move(state)) {}
  static io::Task<void> own(std::shared_ptr<State> state, Plan plan);
  static io::Task<void> transact(std::shared_ptr<State> state, Plan plan);
  static io::Task<http::Outcome<std::unique_ptr<http::Exchange>>> open(State& state,
                                                                       const Plan& plan);
  static io::Task<void> send_body(std::shared_ptr<State> state, std::unique_ptr<RequestBody> body);

  std::shared_ptr<State> state_;
};

}  // namespace spindle::wasi
