#pragma once

// Conduit: the connection of one exchange as its two directions share it.
//
// Both directions read and write in steps and wait in between. A direction that gives up breaks the
// conduit for both, with a reason; the other one's wait ends and finds the reason. A Canceled error
// of a conduit that is not broken means only: look again.

#include <memory>
#include <optional>

#include "http/client/outcome.h"
#include "io/deadlines.h"
#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::http {

struct Conduit {
  explicit Conduit(io::EventLoop& event_loop) : loop(event_loop) {}

  // The first reason wins.
  const Failure& break_with(Failure failure) {
    if (!broken) broken = std::move(failure);
    if (stream) stream->close();
    return *broken;
  }
  // What a failed operation of the stream means for the exchange.
  Failure failure_for(const Error& error) const {
    if (broken) return *broken;
    return {FailureCode::ConnectionTerminated, error.to_string()};
  }

  io::EventLoop& loop;
  // Nothing once the connection has gone back to the pool.
  io::ByteStream* stream = nullptr;
  std::optional<Failure> broken;
  // When the last byte of the request left.
  io::Clock::time_point last_sent{};
};

// Waits with a limit; false when that is over. Whoever waits looks at the stream afterwards.
io::Task<bool> wait_on(Conduit& conduit, io::Task<Result<void>> wait, io::Clock::duration limit);

}  // namespace spindle::http
