#pragma once

// ServerState: what all connections of one Server share: limits, counters, the coarse time, the
// date, the group that owns their tasks.
//
// Time is counted in ticks. A connection notes the tick at which a wait is over; the server's tick
// looks at every connection, so a request arms no timer and reads no clock.

#include <string_view>

#include "http/server.h"

namespace spindle::http {

// The `date` header's value, made once a second.
class DateCache {
 public:
  std::string_view now();

 private:
  int64_t second_ = -1;
  char text_[32] = {};
};

struct ServerState {
  ServerState(io::EventLoop& event_loop, Handler& request_handler, ServerOptions server_options)
      : loop(event_loop),
        handler(request_handler),
        options(std::move(server_options)),
        limits(options.limits),
        tasks(event_loop, options.report_error) {}

  // The tick at which `duration` from now is over; never 0.
  uint64_t due_in(Limits::Duration duration) const {
    auto ticks = (duration + limits.tick - Limits::Duration(1)) / limits.tick;
    return tick + static_cast<uint64_t>(ticks) + 1;
  }
  void report(const Error& error) const {
    if (options.report_error) options.report_error(error);
  }

  io::EventLoop& loop;
  Handler& handler;
  ServerOptions options;
  const Limits& limits;
  Counters counters;
  DateCache date;
  uint64_t tick = 1;
  bool draining = false;
  io::TaskGroup tasks;
};

}  // namespace spindle::http
