#include "io/alarm.h"

#include "io/event_loop.h"

namespace spindle::io {

// Shared with the handler of the timer, which may be queued already when the Alarm dies.
struct Alarm::State {
  State(EventLoop& loop, std::move_only_function<void()> act)
      : timer(loop.executor()), action(std::move(act)) {}

  boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor> timer;
  std::move_only_function<void()> action;
};

Alarm::Alarm(EventLoop& loop, Clock::time_point instant, std::move_only_function<void()> action)
    : state_(std::make_shared<State>(loop, std::move(action))) {
  state_->timer.expires_at(instant);
  state_->timer.async_wait([state = state_](boost::system::error_code) {
    auto act = std::exchange(state->action, nullptr);
    if (act) act();
  });
}

Alarm::~Alarm() {
  state_->action = nullptr;
  state_->timer.cancel();
}

}  // namespace spindle::io
