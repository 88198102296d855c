#include "trigger/http/guest_run.h"

#include <fmt/format.h>

#include "bindings/wasi/http_0_2/types_abi.h"
#include "component/runtime/export_call.h"
#include "host/inbound_http.h"
#include "wasi/p2/http/types.h"

namespace spindle::trigger {
namespace {

using wasi::p2::IncomingRequest;
using wasi::p2::ResponseOutparam;

using HandleRequest = component::TypedExport<void(std::unique_ptr<IncomingRequest>,
                                                  std::unique_ptr<ResponseOutparam>)>;

// The whole body of a request for the oldest interface, which takes it in one piece.
constexpr size_t kBufferedBodyBytesMax = size_t{128} << 20;

std::optional<host::InboundHttpMethod> inbound_method(http::Method method) {
  using To = host::InboundHttpMethod;
  switch (method) {
    case http::Method::Get: return To::Get;
    case http::Method::Post: return To::Post;
    case http::Method::Put: return To::Put;
    case http::Method::Delete: return To::Delete;
    case http::Method::Patch: return To::Patch;
    case http::Method::Head: return To::Head;
    case http::Method::Options: return To::Options;
    default: return std::nullopt;
  }
}

// The client or its connection is gone.
bool is_about_client(const Error& error) {
  return error.kind() == ErrorKind::Canceled || error.kind() == ErrorKind::Unavailable;
}

uint16_t status_for(const Error& error) {
  return error.kind() == ErrorKind::Timeout ? 504 : 500;
}

}  // namespace

io::Task<Result<void>> GuestRun::run() {
  // A client that has its whole response may leave; the guest works on.
  request_.on_client_gone([this] {
    if (!outlet_.is_done()) cancel_.cancel(Error::canceled("the client left"));
  });
  auto deadline = services_.loop.deadlines().arm(service_.options().response_time, [this] {
    if (outlet_.is_set() || has_answered_) return;
    is_late_ = true;
    cancel_.cancel(Error::timeout(
        fmt::format("no response within {} ms", service_.options().response_time.count())));
  });
  auto whole = arm_request_time();
  auto guarded = cancel_.run<void>(call_guest());
  auto outcome = co_await std::move(guarded);
  deadline.disarm();
  whole.disarm();
  if (!outcome && guest_ && guest_->exit_status()) {
    auto code = guest_->exit_status()->code;
    outcome = code == 0 ? Result<void>() : Error::trap(fmt::format("exited with status {}", code));
  }
  leave_guest(outcome);
  Result<void> result;
  if (!outcome || !has_answered_ || !response_.is_finished()) {
    auto concluding = outcome && output_ ? send_output() : conclude(std::move(outcome));
    result = co_await std::move(concluding);
  }
  request_.on_client_gone({});
  if (tasks_.size() != 0) {
    tasks_.cancel();
    co_await tasks_.drained();
  }
  co_return result;
}

io::Deadlines::Armed GuestRun::arm_request_time() {
  const auto& range = service_.options().request_time;
  if (!range || !target_.entry.is_handler()) return {};
  std::chrono::milliseconds time = range->first;
  if (range->first != range->last) {
    const auto drawn = wasi::random_u64(services_.random);
    const auto width = static_cast<uint64_t>((range->last - range->first).count()) + 1;
    if (drawn) time += std::chrono::milliseconds(*drawn % width);
  }
  return services_.loop.deadlines().arm(time, [this, time] {
    is_late_ = true;
    cancel_.cancel(Error::timeout(fmt::format("not done within {} ms", time.count())));
  });
}

void GuestRun::leave_guest(const Result<void>& outcome) {
  watch_.reset();
  if (outcome) {
    outlet_.complete();
  } else if (guest_ != nullptr) {
    auto trap = guest_->component().store().trap();
    if (trap && !trap->frames.empty()) backtrace_ = "\n" + trap->backtrace();
  }
  if (guest_ != nullptr) {
    guest_->end_request();
    if (!outcome) retire_guest();
  }
  // From here on the instance is for others, and this request may go whatever it still holds.
  if (body_) body_->detach();
  if (received_body_) received_body_->detach();
  if (received_) wasi::ReceivedRequest::detach(std::move(received_));
  if (output_) output_->detach();
  guest_ = nullptr;
  lease_.release();
}

void GuestRun::retire_guest() {
  if (!target_.entry.is_handler()) return lease_.retire();
  // An error as answer, or a client that leaves, is nothing that the instance suffers from; one
  // that has failed is not entered again anyway.
  if (is_late_) lease_.give_up_guest();
}

void GuestRun::enter_guest() {
  guest_ = static_cast<runtime::GuestInstance*>(lease_.guest());
  guest_->begin_request();
}

io::Task<Result<void>> GuestRun::prepare_guest() {
  // Headers choose late imports, which instances of several requests do not have.
  runtime::GuestRequest request{.chain = chain_, .environment = environment_};
  if (target_.reuse.mode == app::InstanceMode::Fresh) request.headers = headers_->view();
  auto entering = runtime::GuestInstance::enter(lease_, services_, *target_.component, request);
  guest_ = CO_TRY(co_await std::move(entering));
  co_return Result<void>();
}

io::Task<Result<void>> GuestRun::call_guest() {
  const bool is_command = target_.entry.kind == GuestEntry::Kind::Command;
  auto headers = RequestHeaders::make(
      request_, match_,
      is_command ? RequestHeaders::NotText::LeftOut : RequestHeaders::NotText::Refused);
  if (!headers) co_return headers.take_error();
  headers_.emplace(headers.take_value());
  auto call = call_entry();
  auto outcome = co_await std::move(call);
  if (!outcome || !guest_->must_finish()) co_return outcome;
  auto finishing = guest_->finish();
  auto finished = co_await std::move(finishing);
  co_return finished;
}

io::Task<Result<void>> GuestRun::call_entry() {
  switch (target_.entry.kind) {
    case GuestEntry::Kind::WasiHttp: return call_wasi_http();
    case GuestEntry::Kind::InboundHttp: return call_inbound_http();
    case GuestEntry::Kind::Command: return call_command();
    case GuestEntry::Kind::Handler:
    case GuestEntry::Kind::HandlerRc: break;
  }
  return call_handler();
}

io::Task<Result<void>> GuestRun::call_wasi_http() {
  auto preparing = prepare_guest();
  auto prepared = co_await std::move(preparing);
  CO_TRY(std::move(prepared));
  received_ = std::make_shared<wasi::ReceivedRequest>(request_.head(), headers_->view());
  body_ = std::make_shared<wasi::IncomingBodySource>(request_.body(), tasks_);
  auto body = std::make_unique<wasi::p2::IncomingBody>(services_.loop, body_);
  auto request = std::make_unique<IncomingRequest>(received_, std::move(body));
  auto outparam = std::make_unique<ResponseOutparam>(outlet_);
  component::ExportCall caller(guest_->component(), target_.entry.function);
  auto call = HandleRequest::call_async(caller, std::move(request), std::move(outparam));
  auto outcome = co_await std::move(call);
  co_return outcome;
}

io::Task<Result<std::vector<uint8_t>>> GuestRun::read_body() {
  std::vector<uint8_t> body;
  while (true) {
    auto next = request_.body().read();
    auto wait = io::Eventual<http::Bytes>::wait(std::move(next));
    auto piece = CO_TRY(co_await std::move(wait));
    if (piece.empty()) co_return body;
    if (body.size() + piece.size() > kBufferedBodyBytesMax) {
      refused_status_ = 413;
      co_return Error::limit_exceeded(
          fmt::format("request body of more than {} bytes", kBufferedBodyBytesMax));
    }
    body.insert(body.end(), piece.begin(), piece.end());
  }
}

io::Task<Result<void>> GuestRun::call_inbound_http() {
  auto method = inbound_method(request_.head().method);
  if (!method) {
    refused_status_ = 405;
    co_return Error::invalid_input("method not supported by fermyon:spin/inbound-http");
  }
  auto reading = read_body();
  auto body = CO_TRY(co_await std::move(reading));
  auto preparing = prepare_guest();
  auto prepared = co_await std::move(preparing);
  CO_TRY(std::move(prepared));
  component::ExportCall caller(guest_->component(), target_.entry.function);
  host::InboundHttpRequest message;
  message.method = *method;
  message.uri = request_.head().path_and_query;
  for (const auto& header : headers_->view()) {
    message.headers.emplace_back(header.name, header.value);
  }
  message.body = std::span<const uint8_t>(body);
  auto call = host::call_inbound_http(caller, std::move(message));
  auto answer = CO_TRY(co_await std::move(call));
  if (answer.status < 100 || answer.status > 600) {
    co_return Error::invalid_input(
        fmt::format("the guest answered with status {}, expected 100 to 600", answer.status));
  }
  http::Headers headers;
  if (answer.headers) {
    for (const auto& [name, value] : *answer.headers) headers.set(name, value);
  }
  auto content = std::move(answer.body).value_or(std::vector<uint8_t>());
  outlet_.set_whole({.status = answer.status, .headers = std::move(headers)}, std::move(content));
  co_return Result<void>();
}

io::Task<Result<void>> GuestRun::conclude(Result<void> outcome) {
  if (has_answered_) {
    if (!outcome && !is_about_client(outcome.error())) report(outcome.error());
    if (!outcome && response_.is_started()) co_return Error::canceled("the response broke off");
    if (response_.is_finished()) co_return Result<void>();
  } else if (!outcome) {
    if (!refused_status_ && outcome.error().kind() != ErrorKind::Canceled) report(outcome.error());
    outlet_.abort();
  } else if (!outlet_.is_set() && !outlet_.is_refused()) {
    report(Error::trap("the component returned without setting a response"));
  }
  if (outlet_.is_set() || outlet_.is_started()) {
    auto sending = outlet_.run();
    auto sent = co_await std::move(sending);
    co_return sent;
  }
  uint16_t status = outcome ? 500 : refused_status_.value_or(status_for(outcome.error()));
  auto sent = response_.send({.status = status, .headers = {}}, {});
  auto wait = io::Eventual<void>::wait(std::move(sent));
  auto result = co_await std::move(wait);
  co_return result;
}

void GuestRun::report(const Error& error) {
  const auto& report_to = service_.options().report;
  if (!report_to) return;
  std::string text = fmt::format("component `{}`, route {}: {}", target_.component->id,
                                 match_.route->raw(), error.located_message());
  for (const auto& line : error.contexts()) text += fmt::format("\n    {}", line);
  report_to(text + backtrace_);
}

}  // namespace spindle::trigger
