#include <fmt/format.h>

#include "component/abi/compound.h"
#include "component/runtime/export_call.h"
#include "trigger/http/guest_run.h"
#include "trigger/http/wagi_request.h"

// Commands: a fresh instance reads the whole request and prints the whole response. The instance is
// made when the body is there, and gone when the response is sent: a slow client holds none.

namespace spindle::trigger {
namespace {

using Run = component::TypedExport<std::expected<void, std::monostate>()>;

}  // namespace

io::Task<Result<void>> GuestRun::call_command() {
  auto reading = read_body();
  auto body = CO_TRY(co_await std::move(reading));
  const WagiRequest wagi{.request = request_,
                         .headers = *headers_,
                         .match = match_,
                         .arguments = target_.config->wagi->arguments,
                         .body_bytes = body.size()};
  output_ = std::make_shared<WagiOutput>(services_.loop, [this] {
    cancel_.cancel(Error::limit_exceeded(
        fmt::format("the command printed more than {} bytes", kWagiOutputBytesMax)));
  });
  auto environment = wagi_environment(target_.component->environment, wagi);
  environment.standard_input = std::make_shared<const wasi::Bytes>(std::move(body));
  environment.standard_output = output_;
  environment_ = std::make_shared<const wasi::GuestEnvironment>(std::move(environment));
  auto preparing = prepare_guest();
  auto prepared = co_await std::move(preparing);
  CO_TRY(std::move(prepared));
  component::ExportCall caller(guest_->component(), target_.entry.function);
  auto running = Run::call_async(caller);
  auto answer = CO_TRY(co_await std::move(running));
  if (!answer) report(Error::trap("the command ended with an error; its output counts"));
  co_return Result<void>();
}

io::Task<Result<void>> GuestRun::send_output() {
  auto read = read_wagi_output(output_->bytes());
  if (!read) {
    auto concluding = conclude(read.take_error());
    auto concluded = co_await std::move(concluding);
    co_return concluded;
  }
  if (!read->complaint.empty()) report(Error::trap(std::string(read->complaint)));
  auto sending = response_.send({.status = read->status, .headers = read->headers}, read->body);
  auto waiting = io::Eventual<void>::wait(std::move(sending));
  auto sent = co_await std::move(waiting);
  co_return sent;
}

}  // namespace spindle::trigger
