#include "component/fuse/frame_flags.h"

#include <optional>

namespace spindle::component {
namespace {

constexpr uint64_t kSearchBudget = 10'000'000;

// Built-ins that work while their frame may not leave.
bool may_run_always(const Trampoline& trampoline) {
  constexpr uint8_t kContextGet = 0x0a;
  constexpr uint8_t kContextSet = 0x0b;
  if (trampoline.kind == TrampolineKind::ResourceRep) return true;
  return trampoline.kind == TrampolineKind::BuiltIn &&
         (trampoline.opcode == kContextGet || trampoline.opcode == kContextSet);
}

struct Edge {
  FrameIndex caller;
  FrameIndex callee;
};

// Whom a trampoline lets its frame enter.
std::optional<Edge> edge_of(const InstantiationPlan& plan, const Trampoline& trampoline) {
  if (trampoline.kind == TrampolineKind::GuestCall) {
    return Edge{trampoline.frame, plan.lifts[trampoline.lift.value].frame};
  }
  if (trampoline.kind != TrampolineKind::ResourceDrop) return std::nullopt;
  const PlannedResource& resource = plan.resources[trampoline.resource.value];
  if (!resource.owner) return std::nullopt;
  return Edge{trampoline.frame, *resource.owner};
}

class EntrySearch {
 public:
  explicit EntrySearch(const InstantiationPlan& plan)
      : plan_(plan), children_(plan.frames.size()), callees_(plan.frames.size()) {
    for (size_t i = 0; i < plan.frames.size(); ++i) {
      if (plan.frames[i].parent) children_[plan.frames[i].parent->value].emplace_back(i);
    }
    for (const Trampoline& trampoline : plan.trampolines) {
      if (auto edge = edge_of(plan, trampoline)) {
        callees_[edge->caller.value].push_back(edge->callee);
        edges_.push_back(*edge);
      }
    }
  }

  // Frames that some call can find entered. All of them when that takes too long to say.
  std::vector<bool> run() {
    std::vector<bool> found(plan_.frames.size());
    // Callers of calls that enter a frame, by frame.
    std::vector<std::vector<FrameIndex>> enterers(plan_.frames.size());
    for (const Edge& edge : edges_) {
      for (FrameIndex entered : newly_entered(plan_, edge.caller, edge.callee)) {
        enterers[entered.value].push_back(edge.caller);
        if (!spend()) return std::vector<bool>(found.size(), true);
      }
    }
    for (size_t i = 0; i < enterers.size(); ++i) {
      if (enterers[i].empty()) continue;
      const std::vector<bool> reached = reachable(FrameIndex(i));
      if (spent_ > kSearchBudget) return std::vector<bool>(found.size(), true);
      for (FrameIndex caller : enterers[i]) {
        if (reached[caller.value]) found[i] = true;
      }
    }
    return found;
  }

 private:
  bool spend() { return ++spent_ <= kSearchBudget; }

  // The frames whose code can be active above code that runs inside `root`.
  std::vector<bool> reachable(FrameIndex root) {
    spent_ += plan_.frames.size() / 64;
    std::vector<bool> reached(plan_.frames.size());
    std::vector<FrameIndex> todo;
    auto visit = [&](FrameIndex frame) {
      if (reached[frame.value] || !spend()) return;
      reached[frame.value] = true;
      todo.push_back(frame);
    };
    // Inside means in the frame or any below it.
    std::vector<FrameIndex> inside{root};
    for (size_t i = 0; i < inside.size(); ++i) {
      visit(inside[i]);
      const auto& children = children_[inside[i].value];
      inside.insert(inside.end(), children.begin(), children.end());
      if (!spend()) break;
    }
    while (!todo.empty()) {
      const FrameIndex frame = todo.back();
      todo.pop_back();
      for (FrameIndex callee : callees_[frame.value]) visit(callee);
      spent_ += callees_[frame.value].size();
    }
    return reached;
  }

  const InstantiationPlan& plan_;
  std::vector<std::vector<FrameIndex>> children_;
  std::vector<std::vector<FrameIndex>> callees_;
  std::vector<Edge> edges_;
  uint64_t spent_ = 0;
};

// Who puts a frame into the state "may not leave", and who looks.
struct LeaveUse {
  bool adapter_sets = false;
  bool host_sets = false;
  bool adapter_looks = false;
  bool anybody_looks = false;
};

std::vector<bool> leave_flags(const InstantiationPlan& plan, const std::vector<bool>& covered) {
  std::vector<LeaveUse> uses(plan.frames.size());
  for (const PlannedLift& lift : plan.lifts) {
    // Any lift may be called by the host.
    uses[lift.frame.value].host_sets |= lift.options.realloc || lift.options.post_return;
  }
  for (size_t i = 0; i < plan.trampolines.size(); ++i) {
    const Trampoline& trampoline = plan.trampolines[i];
    LeaveUse& use = uses[trampoline.frame.value];
    use.anybody_looks |= !may_run_always(trampoline);
    if (!covered[i]) {
      use.host_sets |= trampoline.options.realloc.has_value();
      continue;
    }
    use.adapter_looks = true;
    use.adapter_sets |= trampoline.options.realloc.has_value();
    const PlannedLift& lift = plan.lifts[trampoline.lift.value];
    uses[lift.frame.value].adapter_sets |= lift.options.realloc || lift.options.post_return;
  }
  std::vector<bool> flags;
  flags.reserve(uses.size());
  for (const LeaveUse& use : uses) {
    flags.push_back((use.adapter_sets && use.anybody_looks) ||
                    (use.host_sets && use.adapter_looks));
  }
  return flags;
}

}  // namespace

std::vector<FrameIndex> newly_entered(const InstantiationPlan& plan, FrameIndex caller,
                                      FrameIndex callee) {
  std::vector<FrameIndex> entered;
  std::optional<FrameIndex> from = caller;
  std::optional<FrameIndex> at = callee;
  auto depth = [&plan](FrameIndex frame) { return plan.frames[frame.value].depth; };
  while (at && at != from) {
    if (from && depth(*from) > depth(*at)) {
      from = plan.frames[from->value].parent;
      continue;
    }
    entered.push_back(*at);
    if (from && depth(*from) == depth(*at)) from = plan.frames[from->value].parent;
    at = plan.frames[at->value].parent;
  }
  return entered;
}

FrameFlags plan_frame_flags(const InstantiationPlan& plan, const std::vector<bool>& covered) {
  FrameFlags flags{EntrySearch(plan).run(), leave_flags(plan, covered)};
  // What only the host enters the host keeps to itself.
  std::vector<bool> entered_by_adapter(plan.frames.size());
  for (size_t i = 0; i < plan.trampolines.size(); ++i) {
    if (!covered[i]) continue;
    const Trampoline& trampoline = plan.trampolines[i];
    const FrameIndex callee = plan.lifts[trampoline.lift.value].frame;
    for (FrameIndex frame : newly_entered(plan, trampoline.frame, callee)) {
      entered_by_adapter[frame.value] = true;
    }
  }
  for (size_t i = 0; i < flags.entered.size(); ++i) {
    if (!entered_by_adapter[i]) flags.entered[i] = false;
  }
  return flags;
}

}  // namespace spindle::component
