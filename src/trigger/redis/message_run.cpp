#include "trigger/redis/message_run.h"

#include <fmt/format.h>

#include "component/runtime/export_call.h"
#include "host/inbound_redis.h"

namespace spindle::trigger {

io::Task<void> MessageRun::run(std::span<const uint8_t> payload) {
  const auto time = service_.options().message_time;
  auto deadline = services_.loop.deadlines().arm(time, [this, time] {
    is_late_ = true;
    cancel_.cancel(Error::timeout(fmt::format("not done within {} ms", time.count())));
  });
  auto guarded = cancel_.run<void>(call_guest(payload));
  auto outcome = co_await std::move(guarded);
  deadline.disarm();
  if (!outcome && guest_ != nullptr && guest_->exit_status()) {
    const auto code = guest_->exit_status()->code;
    outcome = code == 0 ? Result<void>() : Error::trap(fmt::format("exited with status {}", code));
  }
  leave_guest(outcome);
  if (!outcome && outcome.error().kind() != ErrorKind::Canceled) report(outcome.error());
}

void MessageRun::leave_guest(const Result<void>& outcome) {
  if (guest_ != nullptr) {
    if (!outcome) {
      auto trap = guest_->component().store().trap();
      if (trap && !trap->frames.empty()) backtrace_ = "\n" + trap->backtrace();
    }
    guest_->end_request();
    if (!outcome && target_.entry.kind == RedisEntry::Kind::Inbound) lease_.retire();
    if (is_late_) lease_.give_up_guest();
  }
  guest_ = nullptr;
  lease_.release();
}

io::Task<Result<void>> MessageRun::call_guest(std::span<const uint8_t> payload) {
  auto entering = runtime::GuestInstance::enter(lease_, services_, *target_.component, {});
  guest_ = CO_TRY(co_await std::move(entering));
  component::ExportCall caller(guest_->component(), target_.entry.function);
  auto calling = target_.entry.kind == RedisEntry::Kind::Inbound
                     ? host::call_inbound_redis(caller, payload)
                     : host::call_inbound_redis_v3(caller, payload);
  auto answer = CO_TRY(co_await std::move(calling));
  auto finishing = guest_->finish();
  auto finished = co_await std::move(finishing);
  CO_TRY(std::move(finished));
  if (!answer) {
    // The guest is in good order: it only says that the message was of no use to it.
    report(Error::invalid_input(fmt::format("the component answered with {}", answer.error())));
  }
  co_return Result<void>();
}

void MessageRun::report(const Error& error) {
  const auto& report_to = service_.options().report;
  if (!report_to) return;
  std::string text = fmt::format("component `{}`, channel {}: {}", target_.component->id, channel_,
                                 error.located_message());
  for (const auto& line : error.contexts()) text += fmt::format("\n    {}", line);
  report_to(text + backtrace_);
}

}  // namespace spindle::trigger
