#include "io/event_loop.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "io/deadlines.h"

namespace spindle::io {

EventLoop::EventLoop()
    : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      deadlines_(std::make_unique<Deadlines>(*this)) {}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  context_.run();
}

void EventLoop::poll() {
  context_.restart();
  context_.poll();
}

void EventLoop::stop() {
  context_.stop();
}

void EventLoop::post(std::move_only_function<void()> action) {
  boost::asio::post(context_, [action = std::move(action)]() mutable { action(); });
}

void TaskGroup::spawn(Task<void> task) {
  auto member = members_.emplace(members_.end());
  empty_.reset();
  boost::asio::co_spawn(loop_.executor(), std::move(task),
                        boost::asio::bind_cancellation_slot(
                            member->signal.slot(), [this, member](std::exception_ptr failure) {
                              finish(member, failure);
                            }));
}

void TaskGroup::cancel() {
  // A signal may end its member at once, so the list may shrink while it is walked.
  for (auto member = members_.begin(); member != members_.end();) {
    auto next = std::next(member);
    member->signal.emit(boost::asio::cancellation_type::terminal);
    member = next;
  }
}

void TaskGroup::finish(std::list<Member>::iterator member, std::exception_ptr failure) {
  members_.erase(member);
  if (members_.empty()) empty_.set();
  if (!failure || !reporter_) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) return;
    reporter_(Error::internal(error.what()));
  } catch (const std::exception& error) {
    reporter_(Error::internal(error.what()));
  }
}

Task<void> yield(EventLoop& loop) {
  co_await boost::asio::post(loop.executor(), boost::asio::use_awaitable_t<Executor>{});
}

}  // namespace spindle::io
