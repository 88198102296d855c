#include "io/background_tasks.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "io/event_loop.h"

namespace spindle::io {

void BackgroundTasks::spawn(Task<void> task) {
  if (!members_) members_ = std::make_shared<std::list<Member>>();
  auto member = members_->emplace(members_->end());
  boost::asio::co_spawn(
      loop_.executor(), std::move(task),
      boost::asio::bind_cancellation_slot(
          member->signal.slot(),
          [members = members_, member](const std::exception_ptr&) { members->erase(member); }));
}

void BackgroundTasks::cancel() {
  if (!members_) return;
  // A signal may end its member at once, so the list may shrink while it is walked.
  auto members = members_;
  for (auto member = members->begin(); member != members->end();) {
    auto next = std::next(member);
    member->signal.emit(boost::asio::cancellation_type::terminal);
    member = next;
  }
}

}  // namespace spindle::io
