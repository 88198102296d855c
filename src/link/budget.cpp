#include "link/budget.h"

#include <algorithm>

#include <fmt/format.h>

#include "link/limits.h"

namespace spindle::link {

void LinkBudget::charge(const wasm::Store& store) {
  const uint64_t ticks = store.cpu_ticks();
  auto found = std::ranges::find(charged_, &store, &Charged::store);
  if (found == charged_.end()) found = charged_.insert(found, Charged{.store = &store});
  // A store at the address of one that is gone begins at zero.
  const uint64_t before = found->ticks <= ticks ? found->ticks : 0;
  spent_ += ticks - before;
  found->ticks = ticks;
}

void LinkBudget::grant(wasm::Store& store) {
  if (cpu_ticks_ == wasm::kUnlimitedTicks) return;
  charge(store);
  store.set_cpu_budget(store.cpu_ticks() + remaining());
}

uint64_t LinkBudget::remaining() const {
  if (cpu_ticks_ == wasm::kUnlimitedTicks) return cpu_ticks_;
  return cpu_ticks_ - std::min(cpu_ticks_, spent_);
}

Result<void> LinkBudget::take_instance() {
  if (instances_ >= kCalleesMax) {
    return Error::limit_exceeded(
        fmt::format("a request makes at most {} instances by late imports", kCalleesMax));
  }
  ++instances_;
  return {};
}

}  // namespace spindle::link
