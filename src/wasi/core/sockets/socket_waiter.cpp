#include "wasi/core/sockets/socket_waiter.h"

namespace spindle::wasi {

SocketWaiter::SocketWaiter(io::EventLoop& loop, For what, std::move_only_function<void()> notify)
    : what_(what), home_(std::make_shared<Home>()), tasks_(loop) {
  home_->notify = std::move(notify);
}

SocketWaiter::~SocketWaiter() {
  home_->notify = nullptr;
}

void SocketWaiter::start(std::shared_ptr<io::IpSocket> socket) {
  if (home_->is_waiting) return;
  home_->is_waiting = true;
  tasks_.spawn(wait(std::move(socket), what_, home_));
}

io::Task<void> SocketWaiter::wait(std::shared_ptr<io::IpSocket> socket, For what,
                                  std::shared_ptr<Home> home) {
  auto waiting = what == For::Reading ? socket->readable() : socket->writable();
  co_await std::move(waiting);
  home->is_waiting = false;
  if (home->notify) home->notify();
}

}  // namespace spindle::wasi
