#include "component/fuse/frame_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spindle::component {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Frames by the number of their parent; calls between them as lifts and trampolines.
class Plan {
 public:
  explicit Plan(const std::vector<int>& parents) {
    for (int parent : parents) {
      PlannedFrame frame;
      if (parent >= 0) {
        frame.parent = FrameIndex(static_cast<uint32_t>(parent));
        frame.depth = plan.frames[frame.parent->value].depth + 1;
      }
      plan.frames.push_back(frame);
    }
  }

  Plan& call(uint32_t caller, uint32_t callee, PlannedOptions lift_options = {}) {
    PlannedLift lift;
    lift.frame = FrameIndex(callee);
    lift.options = lift_options;
    plan.lifts.push_back(lift);
    Trampoline trampoline;
    trampoline.kind = TrampolineKind::GuestCall;
    trampoline.frame = FrameIndex(caller);
    trampoline.lift = LiftIndex(plan.lifts.size() - 1);
    plan.trampolines.push_back(trampoline);
    return *this;
  }
  Plan& drop(uint32_t caller, uint32_t owner) {
    PlannedResource resource;
    resource.owner = FrameIndex(owner);
    plan.resources.push_back(resource);
    Trampoline trampoline;
    trampoline.kind = TrampolineKind::ResourceDrop;
    trampoline.frame = FrameIndex(caller);
    trampoline.resource = ResourceIndex(plan.resources.size() - 1);
    plan.trampolines.push_back(trampoline);
    return *this;
  }

  std::vector<uint32_t> entered() const { return set(flags().entered); }
  std::vector<uint32_t> leave() const { return set(flags().leave); }
  std::vector<uint32_t> newly(uint32_t caller, uint32_t callee) const {
    std::vector<uint32_t> frames;
    for (FrameIndex frame : newly_entered(plan, FrameIndex(caller), FrameIndex(callee))) {
      frames.push_back(frame.value);
    }
    return frames;
  }

  InstantiationPlan plan;

 private:
  FrameFlags flags() const {
    std::vector<bool> covered;
    for (const Trampoline& trampoline : plan.trampolines) {
      covered.push_back(trampoline.kind == TrampolineKind::GuestCall);
    }
    return plan_frame_flags(plan, covered);
  }
  static std::vector<uint32_t> set(const std::vector<bool>& flags) {
    std::vector<uint32_t> frames;
    for (uint32_t i = 0; i < flags.size(); ++i) {
      if (flags[i]) frames.push_back(i);
    }
    return frames;
  }
};

// The root, two children, and children of each.
const std::vector<int> kTree{-1, 0, 0, 1, 1, 2};

TEST(FrameFlags, AFrameIsEnteredWithTheAncestorsThatItsCallerIsNotIn) {
  const Plan plan(kTree);
  EXPECT_THAT(plan.newly(0, 1), ElementsAre(1));
  EXPECT_THAT(plan.newly(1, 0), IsEmpty());
  EXPECT_THAT(plan.newly(1, 1), IsEmpty());
  EXPECT_THAT(plan.newly(3, 4), ElementsAre(4));
  EXPECT_THAT(plan.newly(3, 5), ElementsAre(5, 2));
  EXPECT_THAT(plan.newly(3, 2), ElementsAre(2));
  EXPECT_THAT(plan.newly(2, 3), ElementsAre(3, 1));
}

TEST(FrameFlags, CallsThatCannotComeBackNeedNone) {
  EXPECT_THAT(Plan(kTree).call(0, 1).call(1, 2).entered(), IsEmpty());
  EXPECT_THAT(Plan(kTree).call(3, 4).call(4, 5).call(3, 5).entered(), IsEmpty());
  EXPECT_THAT(Plan(kTree).call(1, 0).entered(), IsEmpty()) << "a child may call its parent";
}

TEST(FrameFlags, ALoopThroughTheParentNeedsThoseOfTheChild) {
  EXPECT_THAT(Plan(kTree).call(0, 1).call(1, 0).entered(), ElementsAre(1));
  EXPECT_THAT(Plan(kTree).call(0, 2).call(2, 1).call(1, 0).entered(), ElementsAre(1, 2));
}

TEST(FrameFlags, ALoopBelowAFrameNeedsTheFramesOwn) {
  // 3 is inside 1, so calling 5 and coming back to 4 would enter 1 again.
  EXPECT_THAT(Plan(kTree).call(3, 5).call(5, 4).entered(), ElementsAre(1));
}

TEST(FrameFlags, DroppingAResourceCallsItsOwner) {
  EXPECT_THAT(Plan(kTree).call(1, 2).entered(), IsEmpty());
  EXPECT_THAT(Plan(kTree).call(1, 2).drop(2, 1).entered(), ElementsAre(2)) << "the host enters 1";
  EXPECT_THAT(Plan(kTree).call(0, 1).call(1, 2).drop(2, 1).entered(), ElementsAre(1, 2));
}

TEST(FrameFlags, LeavingIsWatchedWhereAllocatorsMayWantTo) {
  PlannedOptions allocates;
  allocates.realloc = FunctionSlot(0U);
  EXPECT_THAT(Plan(kTree).call(1, 2, allocates).leave(), IsEmpty()) << "2 has nothing to leave by";
  EXPECT_THAT(Plan(kTree).call(1, 2, allocates).call(2, 5).leave(), ElementsAre(2));
  EXPECT_THAT(Plan(kTree).call(1, 2, allocates).drop(2, 5).leave(), ElementsAre(2));
  EXPECT_THAT(Plan(kTree).call(1, 2).call(2, 5).leave(), IsEmpty());
}

TEST(FrameFlags, EveryFrameHasThemWhenTheGraphIsTooLarge) {
  std::vector<int> parents(6000, 0);
  parents[0] = -1;
  Plan plan(parents);
  for (uint32_t i = 1; i < 6000; ++i) plan.call(i - 1, i);
  EXPECT_EQ(plan.entered().size(), 5999U) << "all that are called";
}

}  // namespace
}  // namespace spindle::component
