#pragma once

// LinkRequest: what all sessions of one request share: a budget, and the resources that importers
// dropped and whose destructors have not run yet.
//
// A destructor is the callee's code in the callee's store. It does not run while the importer's
// resource.drop does, on whose stack there may be no room left, but at the next late call of the
// request, before it, or at the end. No call can tell the difference, and a destructor may wait.

#include <deque>

#include "component/plan/plan.h"
#include "io/task.h"
#include "link/budget.h"

namespace spindle::link {

struct LinkedInstance;

class LinkRequest {
 public:
  struct Dropped {
    LinkedInstance* owner = nullptr;
    component::ResourceIndex resource;
    uint32_t rep = 0;
  };

  explicit LinkRequest(uint64_t cpu_ticks) : budget_(cpu_ticks) {}

  LinkBudget& budget() { return budget_; }
  void add_dropped(Dropped dropped) { dropped_.push_back(dropped); }
  bool has_dropped() const { return !dropped_.empty(); }
  // Runs the destructors of all, also of what they drop themselves. The sessions are alive.
  io::Task<Result<void>> destroy_dropped();

 private:
  LinkBudget budget_;
  std::deque<Dropped> dropped_;
};

}  // namespace spindle::link
