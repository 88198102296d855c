#pragma once

// LinkBudget: what the instances of one request may cost together: processor time of all their
// stores, and their number.
//
// Each store has a budget of its own, and only one of the stores runs at a time: the others wait
// for it. Who hands over from one to the other charges what the one has spent and grants the other
// what is left.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "wasm/store.h"

namespace spindle::link {

class LinkBudget {
 public:
  explicit LinkBudget(uint64_t cpu_ticks) : cpu_ticks_(cpu_ticks) {}
  LinkBudget(const LinkBudget&) = delete;
  LinkBudget& operator=(const LinkBudget&) = delete;

  // Counts what `store` has spent since it was charged last.
  void charge(const wasm::Store& store);
  // The store may spend what is left.
  void grant(wasm::Store& store);
  // Ticks that no store was charged for.
  uint64_t remaining() const;
  // One instance more.
  Result<void> take_instance();

 private:
  struct Charged {
    const wasm::Store* store = nullptr;
    uint64_t ticks = 0;
  };

  uint64_t cpu_ticks_;
  uint64_t spent_ = 0;
  uint32_t instances_ = 0;
  std::vector<Charged> charged_;
};

}  // namespace spindle::link
