#pragma once

// LocalExchanges: exchanges whose server is a Handler of the same loop: no socket, no text, the
// same rules. What one side writes waits in memory (at most kFlowBytes each way, and as much that
// the other side has taken), so a side that is slow holds up the other.
//
//   auto opened = locals.open(handler, request);
//   auto exchange = CO_TRY(std::move(opened));                 // like one of a Client
//
// The handler starts in a turn of its own. An exchange that is dropped before its response is
// complete is, for the handler, a client that left.

#include <list>
#include <memory>

#include "http/client/exchange.h"
#include "http/client/request_head.h"
#include "io/event_loop.h"

namespace spindle::http {

class LocalCall;

class LocalExchanges {
 public:
  static constexpr size_t kFlowBytes = 64 * 1024;

  explicit LocalExchanges(io::EventLoop& loop) : loop_(loop), tasks_(loop) {}
  LocalExchanges(const LocalExchanges&) = delete;
  LocalExchanges& operator=(const LocalExchanges&) = delete;

  // `handler` outlives its run; views of `request` are not kept.
  Outcome<std::unique_ptr<Exchange>> open(Handler& handler, const ClientRequest& request);
  // Tells all handlers that their clients left and waits for their ends; none starts any more.
  io::Task<void> close();
  size_t running() const { return tasks_.size(); }

 private:
  friend class LocalCall;
  io::EventLoop& loop_;
  std::list<LocalCall*> calls_;
  io::TaskGroup tasks_;
  bool is_closed_ = false;
};

}  // namespace spindle::http
