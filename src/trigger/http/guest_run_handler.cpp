#include <fmt/format.h>

#include "bindings/wasi/http_0_3/types_abi.h"
#include "component/abi/stream.h"
#include "component/runtime/export_call.h"
#include "trigger/http/guest_run.h"

// Guests that export wasi:http/handler. The call is over when the guest has answered; its body is
// then read from the guest's stream, while the guest works on and other requests may be in the same
// instance. So nothing here ends the guest: a client that leaves is a stream that is dropped.

namespace spindle::trigger {
namespace {

using wasi::p3::BodyStream;
using wasi::p3::ErrorCode;
using wasi::p3::MessageBody;
using wasi::p3::Request;
using wasi::p3::Response;
using wasi::p3::Trailers;
using wasi::p3::TrailersFuture;

using Answer = std::expected<std::unique_ptr<Response>, ErrorCode>;
using Handle = component::TypedExport<Answer(std::unique_ptr<Request>)>;

// What is copied at a time where a body does not lie in guest memory.
constexpr size_t kCopyBytes = 64 * 1024;
// Steps in a row before other tasks of the loop run.
constexpr int kStepsMax = 16;
// How large a body may be to leave in one piece, and how many turns of the loop it may take.
constexpr size_t kSmallBytes = 16 * 1024;
constexpr int kTurnsMax = 3;

Error refusal(const ErrorCode& code) {
  if (const auto* internal = std::get_if<ErrorCode::InternalError>(&code.value)) {
    return Error::trap(fmt::format("the component answered with internal-error: {}",
                                   internal->value.value_or("no reason given")));
  }
  return Error::trap(fmt::format("the component answered with an error-code, case {} of its type",
                                 code.value.index()));
}

Error gave_up() {
  return Error::trap("the component gave up its response");
}

ErrorCode terminated() {
  return {.value = ErrorCode::ConnectionTerminated{}};
}

}  // namespace

std::unique_ptr<Request> GuestRun::make_request() {
  const http::RequestHead& head = request_.head();
  received_ = std::make_shared<wasi::ReceivedRequest>(head, headers_->view());
  MessageBody body;
  if (request_.body().is_known_empty()) {
    body.trailers = TrailersFuture::of(Trailers(std::nullopt));
  } else {
    received_body_ = std::make_shared<wasi::ReceivedBody>(services_.loop, request_.body(), tasks_);
    body = wasi::p3::received_body(received_body_);
  }
  body.length = request_.body().length();
  auto request =
      std::make_unique<Request>(wasi::ReceivedRequest::share_headers(received_), std::move(body));
  request->method = head.method_name;
  request->path_with_query = head.path_and_query;
  request->scheme = request_.scheme() == http::Scheme::Https ? "https" : "http";
  if (!head.authority.empty()) request->authority = head.authority;
  return request;
}

io::Task<Result<void>> GuestRun::call_handler() {
  if (lease_.guest() != nullptr) {
    enter_guest();
  } else {
    auto preparing = prepare_guest();
    auto prepared = co_await std::move(preparing);
    CO_TRY(std::move(prepared));
  }
  component::ExportCall caller(guest_->component(), target_.entry.function);
  auto call = Handle::call_async(caller, make_request());
  Answer answer = CO_TRY(co_await std::move(call));
  if (!answer) co_return refusal(answer.error());
  has_answered_ = true;
  component::AsyncState& state = *guest_->component().async();
  if (state.failure()) co_return *state.failure();
  watch_.emplace(state, [this](const Error& error) { cancel_.cancel(error); });
  MessageBody body = (*answer)->take_body();
  // However this ends: who made the response is told.
  struct Settle {
    wasi::p3::Outcome& outcome;
    bool is_sent = false;
    ~Settle() {
      if (is_sent) {
        outcome.settle({});
      } else {
        outcome.settle(std::unexpected(terminated()));
      }
    }
  } settle{body.outcome};
  auto sending = send(**answer, body);
  auto sent = co_await std::move(sending);
  settle.is_sent = sent.has_value();
  co_return sent;
}

// Most bodies are written in one go and are over a turn of the loop later. They leave with their
// head in one write and say how long they are; anything else streams.
io::Task<GuestRun::Beginning> GuestRun::begin_body(MessageBody& body) {
  Beginning begun;
  if (!body.contents.has_source()) begun.is_all = true;
  if (!begun.is_all && !body.contents.has_view()) co_return begun;
  for (int turn = 0; turn <= kTurnsMax; ++turn) {
    if (!begun.is_all) {
      bool is_more = false;
      const component::StreamStep step = body.contents.view([&](std::span<const uint8_t> bytes) {
        const size_t room = kSmallBytes - begun.bytes.size();
        is_more = bytes.size() > room;
        if (is_more) return size_t{0};
        begun.bytes.insert(begun.bytes.end(), bytes.begin(), bytes.end());
        return bytes.size();
      });
      if (is_more) co_return begun;
      begun.is_all = step.is_ended;
    }
    if (begun.is_all) {
      if (!body.trailers.has_source()) begun.trailers.emplace(std::nullopt);
      if (!begun.trailers) begun.trailers = body.trailers.source().take();
      if (begun.trailers) co_return begun;
    }
    auto passing = io::yield(services_.loop);
    co_await std::move(passing);
  }
  co_return begun;
}

io::Task<Result<void>> GuestRun::send(Response& answer, MessageBody& body) {
  const http::ResponseHead head{.status = answer.status, .headers = answer.headers()->view()};
  auto beginning = begin_body(body);
  Beginning begun = co_await std::move(beginning);
  std::optional<Trailers> trailers = std::move(begun.trailers);
  if (trailers && *trailers && !**trailers) {
    auto sending = response_.send(head, begun.bytes);
    if (sending.is_ready()) co_return sending.take_ready();
    auto waiting = sending.take_task();
    auto sent = co_await std::move(waiting);
    co_return sent;
  }
  // Nothing has been sent yet, so that the client can have a proper answer.
  if (trailers && !*trailers) co_return gave_up();
  CO_TRY(response_.start(head, http::BodyLength::streamed()));
  if (response_.is_body_dropped()) {
    body.contents = {};
    body.trailers = {};
  }
  auto writing = response_.write(begun.bytes);
  auto waiting = io::Eventual<void>::wait(std::move(writing));
  auto written = co_await std::move(waiting);
  CO_TRY(std::move(written));
  auto streaming =
      body.contents.has_view() ? send_contents(body.contents) : send_copied(body.contents);
  auto streamed = co_await std::move(streaming);
  CO_TRY(std::move(streamed));
  if (!trailers && !body.trailers.has_source()) trailers.emplace(std::nullopt);
  if (!trailers) {
    auto getting = body.trailers.get();
    trailers = co_await std::move(getting);
  }
  auto finishing = finish(std::move(trailers));
  auto finished = co_await std::move(finishing);
  co_return finished;
}

io::Task<Result<void>> GuestRun::finish(std::optional<Trailers> trailers) {
  if (!trailers || !*trailers) {
    auto flushing = response_.flush();
    auto waiting = io::Eventual<void>::wait(std::move(flushing));
    (void)co_await std::move(waiting);
    response_.abort();
    // A failed instance is the end of its streams.
    if (!trailers) co_return Error::trap("the component failed while it wrote its response");
    co_return gave_up();
  }
  const auto& fields = **trailers;
  auto finishing = response_.finish(fields ? (*fields)->view() : http::HeaderView());
  auto waiting = io::Eventual<void>::wait(std::move(finishing));
  auto finished = co_await std::move(waiting);
  co_return finished;
}

// Straight from guest memory to the socket.
io::Task<Result<void>> GuestRun::send_contents(BodyStream& contents) {
  if (!contents.has_source()) co_return Result<void>();
  for (int steps = 1;; ++steps) {
    Result<size_t> taken = size_t{0};
    bool is_full = false;
    const component::StreamStep step = contents.view([&](std::span<const uint8_t> bytes) {
      taken = response_.try_write(bytes);
      if (!taken) return size_t{0};
      is_full = *taken < bytes.size();
      return *taken;
    });
    CO_TRY(std::move(taken));
    if (step.is_ended) co_return Result<void>();
    if (is_full) {
      auto waiting = response_.writable();
      auto writable = co_await std::move(waiting);
      CO_TRY(std::move(writable));
    } else if (step.count == 0) {
      auto waiting = contents.ready();
      co_await std::move(waiting);
    } else if (steps % kStepsMax == 0) {
      auto turn = io::yield(services_.loop);
      co_await std::move(turn);
    }
  }
}

// A body that the host has, such as that of the request: the guest is not asked.
io::Task<Result<void>> GuestRun::send_copied(BodyStream& contents) {
  if (!contents.has_source()) co_return Result<void>();
  std::vector<uint8_t> buffer(kCopyBytes);
  for (int steps = 1;; ++steps) {
    const component::StreamStep step = contents.read(buffer);
    if (step.count > 0) {
      auto written = response_.write(std::span(buffer).first(step.count));
      auto waiting = io::Eventual<void>::wait(std::move(written));
      auto outcome = co_await std::move(waiting);
      CO_TRY(std::move(outcome));
    }
    if (step.is_ended) co_return Result<void>();
    if (step.count == 0) {
      auto waiting = contents.ready();
      co_await std::move(waiting);
    } else if (steps % kStepsMax == 0) {
      auto turn = io::yield(services_.loop);
      co_await std::move(turn);
    }
  }
}

}  // namespace spindle::trigger
