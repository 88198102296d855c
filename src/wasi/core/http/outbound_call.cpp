#include "wasi/core/http/outbound_call.h"

#include <fmt/format.h>

#include "io/event.h"

namespace spindle::wasi {

// Shared by the call and the task that owns the exchange.
struct OutboundCall::State {
  explicit State(io::EventLoop& on) : loop(on), done(on), released(on), tasks(on) {}

  void finish(http::Outcome<void> result) {
    outcome.emplace(std::move(result));
    done.set();
    if (auto action = std::exchange(on_done, nullptr)) action();
  }

  io::EventLoop& loop;
  OutboundServices* services = nullptr;
  io::Event done;
  // Nobody holds the call any more.
  io::Event released;
  std::optional<http::Outcome<void>> outcome;
  std::move_only_function<void()> on_done;
  std::move_only_function<void()> on_end;
  std::unique_ptr<http::Exchange> exchange;
  // Canceled and drained before the exchange goes.
  io::TaskGroup tasks;
};

struct OutboundCall::Plan {
  OutboundRequest request;
  OutboundDestination destination;
  // Of a component of this process; else null.
  http::Handler* handler = nullptr;
  std::unique_ptr<RequestBody> body;
};

Result<std::shared_ptr<OutboundCall>> OutboundCall::start(const Services& services,
                                                          OutboundGate& gate,
                                                          OutboundRequest request,
                                                          std::unique_ptr<RequestBody> body) {
  auto state = std::make_shared<State>(services.loop);
  std::shared_ptr<OutboundCall> call(new OutboundCall(state));
  auto destination = gate.admit(request);
  if (destination && services.outbound == nullptr) {
    destination = {http::FailureCode::InternalError, "there is no outbound HTTP here"};
  }
  if (!destination) {
    if (body) body->fail(destination.error());
    state->finish(destination.take_error());
    return call;
  }
  Plan plan{.request = std::move(request), .destination = destination.take_value()};
  plan.body = std::move(body);
  if (!plan.destination.component.empty()) {
    auto* components = services.outbound->components;
    if (components != nullptr) {
      plan.handler = components->find(plan.destination.component, plan.destination.depth);
    }
    if (plan.handler == nullptr) {
      return Error::trap(fmt::format("a request to the component `{}`, which no HTTP trigger runs",
                                     plan.destination.component));
    }
  }
  state->services = services.outbound;
  services.outbound->tasks.spawn(own(std::move(state), std::move(plan)));
  return call;
}

OutboundCall::~OutboundCall() {
  state_->on_done = nullptr;
  state_->released.set();
}

bool OutboundCall::is_done() const {
  return state_->outcome.has_value();
}

io::Task<void> OutboundCall::done() {
  return state_->done.wait();
}

const http::Outcome<void>& OutboundCall::outcome() const {
  return *state_->outcome;
}

void OutboundCall::on_done(std::move_only_function<void()> action) {
  state_->on_done = std::move(action);
}

http::IncomingResponse& OutboundCall::response() {
  return state_->exchange->response();
}

io::TaskGroup& OutboundCall::tasks() {
  return state_->tasks;
}

void OutboundCall::on_end(std::move_only_function<void()> action) {
  state_->on_end = std::move(action);
}

io::Task<void> OutboundCall::own(std::shared_ptr<State> state, Plan plan) {
  state->tasks.spawn(transact(state, std::move(plan)));
  co_await state->released.wait();
  state->tasks.cancel();
  co_await state->tasks.drained();
  if (state->on_end) state->on_end();
  state->exchange.reset();
}

io::Task<http::Outcome<std::unique_ptr<http::Exchange>>> OutboundCall::open(State& state,
                                                                            const Plan& plan) {
  const auto& request = plan.request;
  http::ClientRequest sent{.origin = plan.destination.origin, .method = request.method};
  if (request.path_with_query && !request.path_with_query->empty()) {
    sent.target = *request.path_with_query;
  }
  sent.authority = plan.destination.authority;
  sent.headers = request.headers.view();
  if (plan.body) sent.length = plan.body->length();
  sent.timeouts = client_timeouts(request.timeouts);
  if (plan.handler != nullptr) {
    co_return state.services->components->exchanges().open(*plan.handler, sent);
  }
  auto opening = state.services->client.open(std::move(sent));
  auto opened = co_await std::move(opening);
  co_return opened;
}

io::Task<void> OutboundCall::transact(std::shared_ptr<State> state, Plan plan) {
  // The guest may finish its body before it gives way.
  if (plan.body) co_await io::yield(state->loop);
  auto opening = open(*state, plan);
  auto opened = co_await std::move(opening);
  if (!opened) {
    if (plan.body) plan.body->fail(opened.error());
    state->finish(opened.take_error());
    co_return;
  }
  state->exchange = opened.take_value();
  if (plan.body && state->exchange->has_body()) {
    state->tasks.spawn(send_body(state, std::move(plan.body)));
  }
  // Whoever asks what became of a request without a body learns it now.
  plan.body.reset();
  auto receiving = state->exchange->receive_head();
  auto received = co_await std::move(receiving);
  state->finish(std::move(received));
}

io::Task<void> OutboundCall::send_body(std::shared_ptr<State> state,
                                       std::unique_ptr<RequestBody> body) {
  auto sending = body->send(state->exchange->request());
  co_await std::move(sending);
}

}  // namespace spindle::wasi
