#pragma once

// Permits: how many requests may be in guests at a time on one loop. More wait in a short queue
// with a deadline; beyond that a request is refused at once, so that overload sheds load instead of
// piling it up.

#include <chrono>
#include <cstddef>
#include <deque>

#include "base/result.h"
#include "io/cancel.h"
#include "io/event.h"
#include "io/event_loop.h"

namespace spindle::trigger {

class Permits {
 public:
  struct Options {
    size_t running_max = 500;
    size_t waiting_max = 500;
    io::Clock::duration wait_max = std::chrono::seconds(5);
  };

  Permits(io::EventLoop& loop, Options options) : loop_(loop), options_(options) {}

  // Gives its place to the next in the queue when destroyed.
  class [[nodiscard]] Permit {
   public:
    Permit() = default;
    explicit Permit(Permits& owner) : owner_(&owner) {}
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~Permit() {
      if (owner_ != nullptr) owner_->release();
    }

   private:
    Permits* owner_ = nullptr;
  };

  // At once where there is room and nobody waits.
  std::optional<Permit> try_acquire() {
    if (running_ >= options_.running_max || !queue_.empty()) return std::nullopt;
    running_ += 1;
    return Permit(*this);
  }
  // An Unavailable error when the queue is full or the wait too long.
  io::Task<Result<Permit>> acquire();
  size_t running() const { return running_; }
  size_t waiting() const { return queue_.size(); }

 private:
  struct Waiter {
    io::Event granted;
    bool has_permit = false;
  };
  void release();
  static io::Task<Result<void>> wait(Waiter& waiter);

  io::EventLoop& loop_;
  Options options_;
  size_t running_ = 0;
  std::deque<Waiter*> queue_;
};

}  // namespace spindle::trigger
