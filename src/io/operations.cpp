#include "io/operations.h"

#include <boost/asio/bind_cancellation_slot.hpp>

namespace spindle::io {

Operations::Id Operations::spawn(Task<void> task) {
  const Id id = ++last_;
  empty_.reset();
  boost::asio::co_spawn(
      loop_.executor(), std::move(task),
      boost::asio::bind_cancellation_slot(members_[id].signal.slot(),
                                          [this, id](const std::exception_ptr&) { finish(id); }));
  return id;
}

void Operations::cancel(Id task) {
  auto member = members_.find(task);
  if (member == members_.end()) return;
  member->second.signal.emit(boost::asio::cancellation_type::terminal);
}

void Operations::cancel_all() {
  // A signal may end its member at once, so members are looked up anew.
  for (auto member = members_.begin(); member != members_.end();) {
    const Id id = member->first;
    member->second.signal.emit(boost::asio::cancellation_type::terminal);
    member = members_.upper_bound(id);
  }
}

void Operations::finish(Id task) {
  members_.erase(task);
  if (members_.empty()) empty_.set();
}

}  // namespace spindle::io
