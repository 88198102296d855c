#pragma once

// Handle: a connection, store or database that the host keeps. Only moved; closed at the end.

#include <cstdint>
#include <utility>

namespace spindle::detail {

class Handle {
 public:
  Handle(int32_t id, void (*drop)(int32_t)) : id_(id), drop_(drop) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, 0)), drop_(other.drop_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(drop_, other.drop_);
    return *this;
  }
  ~Handle() {
    if (id_ != 0) drop_(id_);
  }

  int32_t id() const { return id_; }

 private:
  int32_t id_;  // never 0 while it is open
  void (*drop_)(int32_t);
};

}  // namespace spindle::detail
