#pragma once

// SocketWaiter: wakes a ReadySource when its socket may have something for it.
//
//   bool is_ready() override {
//     if (socket().is_readable()) return true;
//     waiter_.start();      // notify() follows, and is_ready() is asked again
//     return false;
//   }
//
// One wait at a time, and none for a source that nobody asks. It ends with the waiter.

#include <functional>
#include <memory>

#include "io/background_tasks.h"
#include "io/socket.h"

namespace spindle::wasi {

class SocketWaiter {
 public:
  enum class For : uint8_t { Reading, Writing };

  SocketWaiter(io::EventLoop& loop, For what, std::move_only_function<void()> notify);
  ~SocketWaiter();
  SocketWaiter(const SocketWaiter&) = delete;
  SocketWaiter& operator=(const SocketWaiter&) = delete;

  // Nothing happens while it waits already.
  void start(std::shared_ptr<io::IpSocket> socket);

 private:
  // What the task shares with its waiter, which may be gone when the task ends.
  struct Home {
    std::move_only_function<void()> notify;
    bool is_waiting = false;
  };
  static io::Task<void> wait(std::shared_ptr<io::IpSocket> socket, For what,
                             std::shared_ptr<Home> home);

  For what_;
  std::shared_ptr<Home> home_;
  io::BackgroundTasks tasks_;
};

}  // namespace spindle::wasi
