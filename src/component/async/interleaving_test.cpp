// Tasks and subtasks under random schedules: whatever the order in which operations of the host
// end, tasks yield and calls are canceled, every task ends, results are right, and nothing is left
// in the handle tables. A failure names its seed.

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "component/abi/typed.h"
#include "component/async/async_state.h"
#include "component/host/host_function.h"
#include "component/runtime/instance.h"
#include "io/eventual.h"
#include "io/operations.h"

namespace spindle::component {
namespace {

// run(count) calls later(1) ... later(count) at once, waits for all of them in its callback,
// sometimes yields or cancels the last one, and returns the sum of what came back. A task that is
// canceled cancels its calls in turn. Tasks have a block each: set, pending, sum, cancels, last.
constexpr std::string_view kRunner = R"((component $runner
  (import "later" (func $later async (param "value" u32) (result u32)))
  (import "choose" (func $choose (param "limit" u32) (result u32)))
  (core module $libc (memory (export "m") 4))
  (core instance $libc (instantiate $libc))
  (core func $later (canon lower (func $later) async (memory (core memory $libc "m"))))
  (core func $choose (canon lower (func $choose)))
  (core func $set_new (canon waitable-set.new))
  (core func $set_drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))
  (core func $cancel (canon subtask.cancel async))
  (core func $drop (canon subtask.drop))
  (core func $get (canon context.get i32 0))
  (core func $put (canon context.set i32 0))
  (core func $return (canon task.return (result u32)))
  (core func $task_cancel (canon task.cancel))
  (core module $m
    (import "" "m" (memory 4))
    (import "" "later" (func $later (param i32 i32) (result i32)))
    (import "" "choose" (func $choose (param i32) (result i32)))
    (import "" "set_new" (func $set_new (result i32)))
    (import "" "set_drop" (func $set_drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "get" (func $get (result i32)))
    (import "" "put" (func $put (param i32)))
    (import "" "return" (func $return (param i32)))
    (import "" "task_cancel" (func $task_cancel))
    (global $next (mut i32) (i32.const 65536))
    ;; Where each subtask's result is: a table by index.
    (func $slot (param $index i32) (result i32) (i32.mul (local.get $index) (i32.const 4)))
    (func $add (param $at i32) (param $value i32)
      (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $value))))
    (func $resolved (param $block i32) (param $index i32) (param $state i32)
      (if (i32.eq (local.get $state) (i32.const 2))
        (then (call $add (i32.add (local.get $block) (i32.const 8))
                         (i32.load (i32.load (call $slot (local.get $index)))))))
      (call $drop (local.get $index))
      (i32.store (call $slot (local.get $index)) (i32.const 0))
      (call $add (i32.add (local.get $block) (i32.const 4)) (i32.const -1)))
    (func $try_cancel (param $block i32) (param $index i32)
      (local $state i32)
      ;; Only one that is this task's, unresolved, and not canceled before.
      (br_if 0 (i32.eqz (i32.load (call $slot (local.get $index)))))
      (local.set $state (call $cancel (local.get $index)))
      (if (i32.ne (local.get $state) (i32.const -1))
        (then (call $resolved (local.get $block) (local.get $index) (local.get $state)))))
    (func $go_on (param $block i32) (result i32)
      (if (i32.load offset=4 (local.get $block))
        (then
          (if (i32.eqz (call $choose (i32.const 5))) (then (return (i32.const 1))))
          (return (i32.or (i32.const 2)
                          (i32.shl (i32.load (local.get $block)) (i32.const 4))))))
      (call $set_drop (i32.load (local.get $block)))
      (if (i32.load offset=12 (local.get $block))
        (then (call $task_cancel))
        (else (call $return (i32.load offset=8 (local.get $block)))))
      (i32.const 0))
    (func (export "run") (param $count i32) (result i32)
      (local $block i32) (local $i i32) (local $answer i32) (local $result i32)
      (local.set $block (global.get $next))
      (global.set $next (i32.add (local.get $block) (i32.const 512)))
      (if (i32.ge_u (global.get $next) (i32.const 262144))
        (then (global.set $next (i32.const 65536))))
      (memory.fill (local.get $block) (i32.const 0) (i32.const 512))
      (i32.store (local.get $block) (call $set_new))
      (call $put (local.get $block))
      (loop $each
        (if (i32.lt_u (local.get $i) (local.get $count))
          (then
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (local.set $result (i32.add (local.get $block)
              (i32.add (i32.const 64) (i32.mul (local.get $i) (i32.const 4)))))
            (local.set $answer (call $later (local.get $i) (local.get $result)))
            ;; What has returned has no subtask.
            (if (i32.eq (i32.and (local.get $answer) (i32.const 15)) (i32.const 2))
              (then (if (i32.ne (local.get $answer) (i32.const 2)) (then (unreachable)))))
            (if (i32.eq (local.get $answer) (i32.const 2))
              (then (call $add (i32.add (local.get $block) (i32.const 8))
                               (i32.load (local.get $result))))
              (else
                (local.set $answer (i32.shr_u (local.get $answer) (i32.const 4)))
                (i32.store (call $slot (local.get $answer)) (local.get $result))
                (call $join (local.get $answer) (i32.load (local.get $block)))
                (i32.store offset=16 (local.get $block) (local.get $answer))
                (call $add (i32.add (local.get $block) (i32.const 4)) (i32.const 1))))
            (br $each))))
      (call $go_on (local.get $block)))
    (func (export "callback") (param $event i32) (param $index i32) (param $state i32)
      (result i32)
      (local $block i32) (local $at i32)
      (local.set $block (call $get))
      (if (i32.and (i32.eq (local.get $event) (i32.const 1))
                   (i32.ge_u (local.get $state) (i32.const 2)))
        (then
          (if (i32.eq (local.get $index) (i32.load offset=16 (local.get $block)))
            (then (i32.store offset=16 (local.get $block) (i32.const 0))))
          (call $resolved (local.get $block) (local.get $index) (local.get $state))))
      (if (i32.eq (local.get $event) (i32.const 6))
        (then
          (i32.store offset=12 (local.get $block) (i32.const 1))
          (i32.store offset=20 (local.get $block) (i32.const 1))))
      ;; The last call once, at random or because the task is canceled.
      (local.set $at (i32.load offset=16 (local.get $block)))
      (if (i32.and (i32.ne (local.get $at) (i32.const 0))
                   (i32.or (i32.load offset=12 (local.get $block))
                           (i32.eqz (call $choose (i32.const 6)))))
        (then
          (i32.store offset=16 (local.get $block) (i32.const 0))
          (call $try_cancel (local.get $block) (local.get $at))))
      (call $go_on (local.get $block))))
  (core instance $i (instantiate $m (with "" (instance
    (export "m" (memory $libc "m")) (export "later" (func $later))
    (export "choose" (func $choose)) (export "set_new" (func $set_new))
    (export "set_drop" (func $set_drop)) (export "join" (func $join))
    (export "cancel" (func $cancel)) (export "drop" (func $drop)) (export "get" (func $get))
    (export "put" (func $put)) (export "return" (func $return))
    (export "task_cancel" (func $task_cancel))))))
  (func (export "run") async (param "value" u32) (result u32)
    (canon lift (core func $i "run") async (callback (core func $i "callback"))))))";

// One that calls the host, or one on top of another.
std::string component_text(bool is_layered) {
  std::string text = fmt::format(R"((component
  (import "test:host/api" (instance $api
    (export "later" (func async (param "value" u32) (result u32)))
    (export "choose" (func (param "limit" u32) (result u32)))))
  {}
  (instance $low (instantiate $runner
    (with "later" (func $api "later")) (with "choose" (func $api "choose"))))
)",
                                 kRunner);
  if (is_layered) {
    text += R"((instance $top (instantiate $runner
    (with "later" (func $low "run")) (with "choose" (func $api "choose"))))
  (export "run" (func $top "run")))";
  } else {
    text += R"((export "run" (func $low "run")))";
  }
  return text + ")";
}

// Ends operations when it is told to.
class Host {
 public:
  Host(io::EventLoop& loop, uint32_t seed) : loop_(loop), random_(seed) {}

  io::Eventual<uint32_t> later(uint32_t value) {
    const auto kind = random_() % 8;
    if (kind < 2) {
      given_ += value * 7;
      return value * 7;
    }
    return kind == 2 ? go_through(value) : wait(value);
  }
  Result<uint32_t> choose(uint32_t limit) { return static_cast<uint32_t>(random_()) % limit; }

  // Ends one that waits, if there is one.
  bool end_one() {
    if (waiting_.empty()) return false;
    auto chosen = waiting_.begin();
    std::advance(chosen, random_() % waiting_.size());
    (*chosen)->set();
    waiting_.erase(chosen);
    return true;
  }
  uint32_t random(uint32_t limit) { return static_cast<uint32_t>(random_()) % limit; }
  uint64_t given() const { return given_; }
  size_t live() const { return live_; }

 private:
  // A task that is over without a wait.
  io::Task<Result<uint32_t>> go_through(uint32_t value) {
    given_ += value * 7;
    co_return value * 7;
  }
  io::Task<Result<uint32_t>> wait(uint32_t value) {
    struct Registered {
      Host& host;
      io::Event event;
      explicit Registered(Host& its_host) : host(its_host), event(its_host.loop_) {
        ++host.live_;
        host.waiting_.push_back(&event);
      }
      ~Registered() {
        --host.live_;
        host.waiting_.remove(&event);
      }
    } registered(*this);
    auto ended = registered.event.wait();
    co_await std::move(ended);
    given_ += value * 7;
    co_return value * 7;
  }

  io::EventLoop& loop_;
  std::mt19937 random_;
  std::list<io::Event*> waiting_;
  uint64_t given_ = 0;
  size_t live_ = 0;
};

constexpr std::array kFunctions{host_function<&Host::later>("later", "async func(value:u32)->u32"),
                                host_function<&Host::choose>("choose", "func(limit:u32)->u32")};
constexpr HostInterface kInterface{"test:host/api", kFunctions, {}};

std::shared_ptr<const wasm::Engine> engine() {
  static const auto made = wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  return made;
}

std::shared_ptr<const PreparedComponent> prepare(bool is_layered, Fusing fusing) {
  HostRegistry registry;
  registry.add(kInterface);
  const auto bytes = wasm::wat2wasm(component_text(is_layered)).value();
  return PreparedComponent::create(engine(), bytes, registry, {.fusing = fusing}).value();
}

struct Call {
  std::array<DynamicValue, 1> args;
  std::optional<Result<std::optional<DynamicValue>>> result;
};

io::Task<void> keep(io::Task<Result<std::optional<DynamicValue>>> running, Call& call) {
  call.result = co_await std::move(running);
}

// Everything about one schedule follows from its seed.
void run_schedule(const std::shared_ptr<const PreparedComponent>& prepared, uint32_t seed) {
  SCOPED_TRACE(fmt::format("seed {}", seed));
  io::EventLoop loop;
  Host host(loop, seed);
  InstanceOptions options;
  options.store.loop = &loop;
  std::array<void*, 1> implementations{&host};
  options.implementations = implementations;
  auto instance = ComponentInstance::create_blocking(prepared, options).value();
  AsyncState& async = *instance->async();

  constexpr size_t kCalls = 6;
  std::array<Call, kCalls> calls;
  io::Operations running(loop);
  const LiftIndex run = prepared->find_function("", "run").value();
  size_t started = 0;
  for (int turn = 0; turn < 20'000; ++turn) {
    const bool are_all_done = started == kCalls && async.task_count() == 0;
    if (are_all_done && running.size() == 0) break;
    if (started < kCalls && host.random(3) == 0) {
      Call& call = calls[started++];
      call.args[0] = DynamicValue::scalar(host.random(7));
      running.spawn(keep(instance->call_async(run, call.args), call));
    }
    if (host.random(2) == 0) host.end_one();
    loop.poll();
    ASSERT_FALSE(async.failure()) << async.failure()->to_string();
  }
  uint64_t sum = 0;
  for (const Call& call : calls) {
    ASSERT_TRUE(call.result.has_value());
    ASSERT_TRUE(call.result->has_value()) << call.result->error().to_string();
    sum += (**call.result)->bits;
  }
  EXPECT_LE(sum, host.given());
  EXPECT_EQ(host.live(), 0U);
  EXPECT_FALSE(instance->needs_close());
  for (size_t i = 0; i < prepared->plan().frames.size(); ++i) {
    EXPECT_EQ(instance->handles(FrameIndex(i)).size(), 0U) << "frame " << i;
  }
}

struct Case {
  bool is_layered;
  Fusing fusing;
};

class Interleaving : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(AsyncState, Interleaving,
                         testing::Values(Case{false, Fusing::On}, Case{false, Fusing::Off},
                                         Case{true, Fusing::On}, Case{true, Fusing::Off}),
                         [](const auto& info) {
                           return std::string(info.param.is_layered ? "Layered" : "Single") +
                                  (info.param.fusing == Fusing::On ? "Fused" : "Unfused");
                         });

TEST_P(Interleaving, EveryTaskEndsAndNothingIsLeft) {
  const auto prepared = prepare(GetParam().is_layered, GetParam().fusing);
  const char* wanted = std::getenv("SPINDLE_SEED");
  if (wanted != nullptr) {
    run_schedule(prepared, static_cast<uint32_t>(std::strtoul(wanted, nullptr, 10)));
    return;
  }
  for (uint32_t seed = 1; seed <= 60 && !HasFatalFailure(); ++seed) run_schedule(prepared, seed);
}

// The instance goes while operations of the host are under way.
TEST_P(Interleaving, AnInstanceIsClosedAtAnyPoint) {
  const auto prepared = prepare(GetParam().is_layered, GetParam().fusing);
  for (int turns = 0; turns < 25; ++turns) {
    SCOPED_TRACE(fmt::format("turns {}", turns));
    io::EventLoop loop;
    Host host(loop, static_cast<uint32_t>(turns));
    InstanceOptions options;
    options.store.loop = &loop;
    std::array<void*, 1> implementations{&host};
    options.implementations = implementations;
    auto instance = ComponentInstance::create_blocking(prepared, options).value();
    Call call;
    io::Operations running(loop);
    call.args[0] = DynamicValue::scalar(6);
    const LiftIndex run = prepared->find_function("", "run").value();
    running.spawn(keep(instance->call_async(run, call.args), call));
    for (int turn = 0; turn < turns; ++turn) {
      if (turn % 2 == 1) host.end_one();
      loop.poll();
    }
    loop.block_on(instance->close());
    EXPECT_EQ(host.live(), 0U);
    EXPECT_FALSE(instance->needs_close());
    instance.reset();
    running.cancel_all();
    loop.block_on(running.drained());
  }
}

}  // namespace
}  // namespace spindle::component
