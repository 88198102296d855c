// Handles, waiting functions, and calls of exports.

#include "component/host/host_function.h"

#include <gmock/gmock.h>

#include "bindings/test/shapes_0_1/shapes_abi.h"
#include "component/fixture/echo_host.h"
#include "component/fixture/fake_call.h"
#include "io/event_loop.h"

namespace spindle::component::testing {
namespace {

using ::testing::HasSubstr;

template <typename T>
void expect_trap(const Result<T>& result, std::string_view trap) {
  ASSERT_FALSE(result.has_value()) << trap;
  EXPECT_THAT(result.error().to_string(), HasSubstr(trap));
}

std::unique_ptr<Blob> blob(size_t size) {
  return std::make_unique<Blob>(std::vector<uint8_t>(size));
}

constexpr ResourceType kOther{"test:other/x.y", ResourceType::Origin::Guest};
constexpr ResourceType kPlain{"test:plain/x.y", ResourceType::Origin::Guest};

TEST(HandleTable, ReusesTheLastFreedIndexFirst) {
  HandleTable table;
  for (uint32_t i = 1; i <= 4; ++i) EXPECT_EQ(*table.add_own(kPlain, i), i);
  EXPECT_TRUE(table.drop(2, kPlain).has_value());
  EXPECT_TRUE(table.drop(4, kPlain).has_value());
  EXPECT_EQ(*table.add_own(kPlain, 0), 4U);
  EXPECT_EQ(*table.add_own(kPlain, 0), 2U);
  EXPECT_EQ(*table.add_own(kPlain, 0), 5U);
}

TEST(HandleTable, TrapsAsSpecified) {
  HandleTable table;
  CallScope scope;
  EXPECT_EQ(*table.add_own(kPlain, 7), 1U);
  expect_trap(table.take_own(0, kPlain), "unknown handle index 0");
  expect_trap(table.take_own(2, kPlain), "unknown handle index 2");
  expect_trap(table.take_own(1, kOther), "handle index 1 used with the wrong type");
  EXPECT_EQ(*table.lend(1, kPlain, scope), 7U);
  expect_trap(table.drop(1, kPlain), "cannot remove owned resource while borrowed");
  expect_trap(table.take_own(1, kPlain), "cannot remove owned resource while borrowed");
  scope.end_lends();
  EXPECT_EQ(*table.add_borrow(kPlain, 9, scope), 2U);
  expect_trap(table.take_own(2, kPlain), "cannot lift own resource from a borrow");
  expect_trap(scope.check_no_borrows(), "borrow handles still remain at the end of the call");
  EXPECT_FALSE(table.drop(2, kPlain)->was_own);
  EXPECT_TRUE(scope.check_no_borrows().has_value());
  EXPECT_EQ(*table.take_own(1, kPlain), 7U);
  EXPECT_EQ(table.size(), 0U);
}

TEST(HandleTable, CountsManyLendsOfOneCall) {
  HandleTable table;
  EXPECT_TRUE(table.add_own(kPlain, 1).has_value());
  CallScope first;
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(table.lend(1, kPlain, first).has_value());
  CallScope second;
  second.take_lends(first);
  first.end_lends();
  expect_trap(table.drop(1, kPlain), "cannot remove owned resource while borrowed");
  second.end_lends();
  EXPECT_TRUE(table.drop(1, kPlain).has_value());
}

TEST(HandleTable, HoldsObjectsAndHasALimit) {
  HandleTable table(2);
  EXPECT_EQ(*table.add_object(std::make_unique<TableObject>()), 1U);
  EXPECT_TRUE(table.object(1).has_value());
  expect_trap(table.take_own(1, kPlain), "handle index 1 used with the wrong type");
  EXPECT_TRUE(table.add_own(kPlain, 0).has_value());
  expect_trap(table.object(2), "handle index 2 used with the wrong type");
  EXPECT_EQ(table.add_own(kPlain, 0).error().kind(), ErrorKind::LimitExceeded);
  EXPECT_TRUE(table.take_object(1).has_value());
  EXPECT_EQ(*table.add_own(kPlain, 0), 1U);
}

class Recorder : public HostResource {
 public:
  Recorder(int id, std::vector<int>& log) : id_(id), log_(log) {}
  ~Recorder() override { log_.push_back(id_); }

 private:
  int id_;
  std::vector<int>& log_;
};

TEST(HostResourceTable, DestroysTheNewestFirst) {
  std::vector<int> log;
  {
    HostResourceTable table;
    for (int id = 0; id < 4; ++id) {
      EXPECT_TRUE(table.add(std::make_unique<Recorder>(id, log)).has_value());
    }
    EXPECT_TRUE(table.drop(1).has_value());
    // Slot 1 again, but created last.
    EXPECT_EQ(*table.add(std::make_unique<Recorder>(9, log)), 1U);
  }
  EXPECT_EQ(log, (std::vector<int>{1, 9, 3, 2, 0}));
}

TEST(HostResourceTable, HasALimit) {
  HostResourceTable table(1);
  EXPECT_TRUE(table.add(blob(1)).has_value());
  EXPECT_EQ(table.add(blob(1)).error().kind(), ErrorKind::LimitExceeded);
}

struct Fixture {
  Fixture() { call.implement(shapes::implement(host)); }
  const HostFunction& function(std::string_view name) {
    return function_named(shapes::interface(), name);
  }
  // A handle of the guest.
  uint32_t give(size_t size) {
    const uint32_t rep = call.resources().add(blob(size)).value();
    return call.handles().add_own(resource_type<Blob>(), rep).value();
  }
  // take-blobs(some(owned), [lent, lent]).
  Result<void> take(uint32_t owned, uint32_t lent) {
    Cells cells{};
    cells[0].i64 = owned != 0 ? 1 : 0;
    cells[1].i64 = owned;
    cells[2].i64 = 64;
    cells[3].i64 = 2;
    store_raw(call, 64, lent);
    store_raw(call, 68, lent);
    Result<void> done = function("take-blobs").invoke(call, cells);
    call.scope().end_lends();
    taken = static_cast<uint32_t>(cells[0].i32);
    return done;
  }

  EchoHost host;
  FakeCall call;
  uint32_t taken = 0;
};

TEST(HostFunction, LendsAndTakesResources) {
  Fixture fixture;
  const uint32_t owned = fixture.give(3);
  const uint32_t lent = fixture.give(4);
  ASSERT_TRUE(fixture.take(owned, lent).has_value());
  EXPECT_EQ(fixture.taken, 11U);
  EXPECT_EQ(fixture.call.handles().size(), 1U);
  EXPECT_EQ(fixture.call.resources().size(), 1U);
  expect_trap(fixture.take(owned, lent), "unknown handle index 1");
}

TEST(HostFunction, RefusesToLendWhatIsGivenAway) {
  Fixture fixture;
  const uint32_t handle = fixture.give(3);
  expect_trap(fixture.take(handle, handle), "unknown handle index");
}

TEST(HostFunction, PassesErrorsAsTraps) {
  Fixture fixture;
  fixture.host.refuse_nothing = true;
  Cells cells{};
  expect_trap(fixture.function("nothing").invoke(fixture.call, cells), "nothing is not for you");
}

// slow("name", fail): its cells, with the return pointer.
using SlowAnswer = std::expected<std::string, shapes::Error>;
using SlowParams = std::tuple<std::string, bool>;

struct Slow : Fixture {
  explicit Slow(bool fail) {
    before = lower_call<SlowAnswer, SlowParams>(call, SlowParams("name", fail)).value();
  }
  Result<bool> start() { return function("slow").start(call, before); }
  Result<SlowAnswer> finish() {
    Cells cells = before;
    Result<void> done = function("slow").finish(call, cells);
    if (!done.has_value()) return done.take_error();
    return lift_answer<SlowAnswer, SlowParams>(call, cells, before);
  }
  Cells before{};
};

TEST(WaitingFunction, MayCompleteAtOnce) {
  Slow slow(false);
  EXPECT_FALSE(slow.start().value());
  EXPECT_EQ(**slow.finish(), "name");
  EXPECT_FALSE(slow.call.pending().active());
  Slow failing(true);
  EXPECT_FALSE(failing.start().value());
  EXPECT_EQ(failing.finish()->error(), (shapes::Error{shapes::Error::NotFound{}}));
}

TEST(WaitingFunction, KeepsItsArgumentsWhileItWaits) {
  io::EventLoop loop;
  io::Event gate(loop);
  Slow slow(false);
  slow.host.gate = &gate;
  ASSERT_TRUE(slow.start().value());
  loop.post([&gate] { gate.set(); });
  loop.block_on(slow.call.pending().wait());
  EXPECT_EQ(**slow.finish(), "name");
}

TEST(WaitingFunction, TrapsWhenItsTaskFails) {
  io::EventLoop loop;
  io::Event gate(loop);
  gate.set();
  Slow slow(true);
  slow.host.gate = &gate;
  ASSERT_TRUE(slow.start().value());
  loop.block_on(slow.call.pending().wait());
  expect_trap(slow.finish(), "the gate was too slow");
  EXPECT_FALSE(slow.call.pending().active());
}

TEST(WaitingFunction, MayBeDroppedWhileItWaits) {
  io::EventLoop loop;
  io::Event gate(loop);
  Slow slow(false);
  slow.host.gate = &gate;
  EXPECT_TRUE(slow.start().value());
  slow.call.pending().reset();
  EXPECT_FALSE(slow.call.pending().active());
}

TEST(WaitingFunction, IsEmptyAfterABadArgument) {
  Slow slow(false);
  slow.before[0].i64 = FakeCall::kMemorySize + 1;
  expect_trap(slow.start(), "string content out-of-bounds");
  EXPECT_FALSE(slow.call.pending().active());
}

// A guest that answers every call with what a function here makes.
class FakeExport final : public ExportCaller {
 public:
  Result<void> enter() override {
    log += "enter ";
    return {};
  }
  CallContext& context() override { return call; }
  Result<void> run(std::span<RawValue> values) override {
    log += "run ";
    return body(values);
  }
  Result<void> leave(std::span<const RawValue>) override {
    log += "leave";
    return call.scope().check_no_borrows();
  }
  Error fail(Error error) override {
    log += "fail";
    return error;
  }
  io::Task<Result<void>> on_guest_stack(std::move_only_function<Result<void>()> work) override {
    co_return work();
  }

  FakeCall call;
  std::function<Result<void>(std::span<RawValue>)> body;
  std::string log;
};

TEST(TypedExport, LowersCallsLiftsAndLeaves) {
  FakeExport caller;
  // Gives the string back: its pointer and length, stored where the result pointer says.
  caller.body = [&caller](std::span<RawValue> values) -> Result<void> {
    const uint32_t at = caller.call.reserve(8, 4);
    store_raw(caller.call, at, static_cast<uint32_t>(values[0].i32));
    store_raw(caller.call, at + 4, static_cast<uint32_t>(values[1].i32));
    values[0].i64 = at;
    return {};
  };
  io::EventLoop loop;
  const Result<std::string> answer =
      loop.block_on(TypedExport<std::string(std::string)>::call_async(caller, "hello"));
  EXPECT_EQ(*answer, "hello");
  EXPECT_EQ(caller.log, "enter run leave");
}

TEST(TypedExport, FailsWhenTheGuestKeepsABorrow) {
  FakeExport caller;
  const uint32_t rep = caller.call.resources().add(blob(1)).value();
  auto& lent = static_cast<Blob&>(caller.call.resources().get(rep));
  caller.body = [](std::span<RawValue>) -> Result<void> { return {}; };
  expect_trap(TypedExport<void(Blob&)>::call(caller, lent), "borrow handles still remain");
  caller.body = [&caller](std::span<RawValue> values) -> Result<void> {
    TRY(caller.call.handles().drop(static_cast<uint32_t>(values[0].i32), resource_type<Blob>()));
    TRY(caller.call.handles().drop(1, resource_type<Blob>()));
    return {};
  };
  EXPECT_TRUE(TypedExport<void(Blob&)>::call(caller, lent).has_value());
}

TEST(TypedExport, FailsWhenTheResultIsInvalid) {
  FakeExport caller;
  caller.body = [](std::span<RawValue> values) -> Result<void> {
    values[0].i64 = FakeCall::kMemorySize;
    return {};
  };
  expect_trap(TypedExport<std::string()>::call(caller), "pointer out of bounds of memory");
  EXPECT_EQ(caller.log, "enter run fail");
}

}  // namespace
}  // namespace spindle::component::testing
