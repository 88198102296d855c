#pragma once

// Permits: how many of something there may be at a time in the process, whatever loop it is on.
//
//   auto taking = permits.take(loop);
//   Permits::Permit permit = co_await std::move(taking);     // given back when it is destroyed
//
// Who comes first is served first. A waiter may be canceled at any time.

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "io/event.h"
#include "io/event_loop.h"

namespace spindle::io {

class Permits {
 public:
  explicit Permits(uint64_t count) : free_(count) {}
  // After all permits and all who wait.
  ~Permits();
  Permits(const Permits&) = delete;
  Permits& operator=(const Permits&) = delete;

  class [[nodiscard]] Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~Permit() {
      if (owner_ != nullptr) owner_->give_back();
    }

   private:
    friend class Permits;
    explicit Permit(Permits& owner) : owner_(&owner) {}
    Permits* owner_ = nullptr;
  };

  // Nothing where one would have to wait.
  std::optional<Permit> try_take();
  Task<Permit> take(EventLoop& loop);
  bool has_waiters() const;

 private:
  struct Waiter {
    explicit Waiter(EventLoop& on) : loop(on), granted(on) {}
    EventLoop& loop;
    Event granted;
    // With the mutex.
    bool is_granted = false;
  };

  void give_back();
  void grant();

  mutable std::mutex mutex_;
  uint64_t free_;
  std::list<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace spindle::io
