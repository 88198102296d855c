#include "io/event.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/verify.h"
#include "io/event_loop.h"

namespace spindle::io {

Event::~Event() {
  VERIFY(waiters_.empty());
}

void Event::set() {
  set_ = true;
  auto woken = std::move(waiters_);
  waiters_.clear();
  for (auto& waiter : woken) waiter({});
}

Task<void> Event::wait() {
  if (set_) co_return;
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&,
                                       void(boost::system::error_code)>(
      [this](auto handler) {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        auto executor = loop_.executor();
        waiters_.emplace_back(
            [executor, handler = std::move(handler)](boost::system::error_code code) mutable {
              boost::asio::get_associated_cancellation_slot(handler).clear();
              boost::asio::post(executor, [handler = std::move(handler), code]() mutable {
                std::move(handler)(code);
              });
            });
        if (!slot.is_connected()) return;
        auto position = std::prev(waiters_.end());
        slot.assign([this, position](boost::asio::cancellation_type) {
          auto waiter = std::move(*position);
          waiters_.erase(position);
          waiter(boost::asio::error::operation_aborted);
        });
      },
      boost::asio::use_awaitable_t<Executor>{});
}

}  // namespace spindle::io
