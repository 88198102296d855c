#pragma once

// Places: how many handles of one kind an instance has open, and that there are not too many.
//
//   auto place = places.take();      nothing: there are as many as there may be
//
// A place is given back when it goes, which may be after the instance. Making the first one
// allocates; an instance that opens nothing does not.

#include <cstdint>
#include <memory>
#include <optional>

namespace spindle::host {

// Held for as long as the handle is there.
using Place = std::shared_ptr<const void>;

class Places {
 public:
  explicit Places(uint32_t max) : max_(max) {}

  std::optional<Place> take() {
    if (taken() >= max_) return std::nullopt;
    if (!all_) all_ = std::make_shared<char>();
    return Place(all_);
  }
  uint32_t taken() const { return all_ ? static_cast<uint32_t>(all_.use_count() - 1) : 0; }

 private:
  uint32_t max_;
  std::shared_ptr<char> all_;
};

}  // namespace spindle::host
