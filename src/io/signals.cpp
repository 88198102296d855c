#include "io/signals.h"

#include <csignal>

#include <boost/asio/deferred.hpp>
#include <boost/asio/signal_set.hpp>

namespace spindle::io {

struct StopSignals::Set {
  explicit Set(EventLoop& loop) : signals(loop.executor(), SIGINT, SIGTERM) {}
  boost::asio::basic_signal_set<Executor> signals;
};

StopSignals::StopSignals(EventLoop& loop, Reload reload) : set_(std::make_unique<Set>(loop)) {
  if (reload == Reload::Watched) set_->signals.add(SIGHUP);
}

StopSignals::~StopSignals() = default;

Task<int> StopSignals::wait() {
  auto number = co_await set_->signals.async_wait(boost::asio::deferred);
  co_return number;
}

}  // namespace spindle::io
