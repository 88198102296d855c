#include "component/runtime/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/abi/typed.h"
#include "component/host/host_function.h"
#include "component/runtime/export_call.h"
#include "io/deadlines.h"
#include "io/event_loop.h"
#include "io/eventual.h"

namespace spindle::component {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Host {
  io::EventLoop& loop;
  uint32_t calls = 0;

  Result<uint32_t> now() { return ++calls; }
  io::Eventual<uint32_t> later(uint32_t value) {
    if (value == 0) return Result<uint32_t>(0U);
    return wait(loop, value);
  }
  static io::Task<Result<uint32_t>> wait(io::EventLoop& event_loop, uint32_t value) {
    co_await io::yield(event_loop);
    co_return value + 1;
  }
};

constexpr std::array kFunctions{host_function<&Host::now>("now", "func()->u32"),
                                host_function<&Host::later>("later", "func(value:u32)->u32")};
constexpr HostInterface kInterface{"test:host/api@0.2.3", kFunctions, {}};

std::shared_ptr<const wasm::Engine> engine() {
  static const std::shared_ptr<const wasm::Engine> made =
      wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  return made;
}

// Every test of an instance runs with fused code and with unfused code.
Fusing fusing_of_test = Fusing::On;

class InEachForm : public testing::TestWithParam<Fusing> {
 protected:
  void SetUp() override { fusing_of_test = GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(ComponentInstance, InEachForm, testing::Values(Fusing::On, Fusing::Off),
                         [](const auto& info) {
                           return info.param == Fusing::On ? "fused" : "unfused";
                         });

Result<std::shared_ptr<const PreparedComponent>> prepare(std::string_view wat,
                                                         const HostRegistry& registry) {
  const std::vector<uint8_t> bytes = TRY(wasm::wat2wasm(wat));
  auto prepared =
      TRY(PreparedComponent::create(engine(), bytes, registry, {.fusing = fusing_of_test}));
  const bool is_wanted = fusing_of_test == Fusing::On;
  EXPECT_EQ(prepared->is_fused(), is_wanted) << prepared->not_fused_because();
  return prepared;
}

Result<std::shared_ptr<const PreparedComponent>> prepare(std::string_view wat) {
  HostRegistry registry;
  registry.add(kInterface);
  return prepare(wat, registry);
}

class Guest {
 public:
  explicit Guest(std::string_view wat) : prepared_(prepare(wat).value()) {
    options_.store.loop = &loop_;
    implementations_.assign(prepared_->interfaces().size(), &host_);
    options_.implementations = implementations_;
    instance_ = ComponentInstance::create_blocking(prepared_, options_).value();
  }

  Result<std::optional<DynamicValue>> call(std::string_view name,
                                           std::vector<DynamicValue> args = {}) {
    return instance_->call(prepared_->find_function("", name).value(), args);
  }
  std::string failure(std::string_view name, std::vector<DynamicValue> args = {}) {
    auto result = call(name, std::move(args));
    return result ? "no failure" : result.error().message();
  }
  uint64_t number(std::string_view name) { return call(name).value().value().bits; }

  io::EventLoop loop_;
  Host host_{loop_};
  std::shared_ptr<const PreparedComponent> prepared_;
  std::vector<void*> implementations_;
  InstanceOptions options_;
  std::unique_ptr<ComponentInstance> instance_;
};

constexpr std::string_view kHostCalls = R"((component
  (import "test:host/api@0.2.0" (instance $api
    (export "now" (func (result u32)))
    (export "later" (func (param "value" u32) (result u32)))))
  (core func $now (canon lower (func $api "now")))
  (core func $later (canon lower (func $api "later")))
  (core module $m
    (import "" "now" (func $now (result i32)))
    (import "" "later" (func $later (param i32) (result i32)))
    (func (export "now") (result i32) (i32.add (call $now) (call $now)))
    (func (export "later") (param i32) (result i32)
      (i32.add (call $later (local.get 0)) (i32.const 100)))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $m (with "" (instance
    (export "now" (func $now)) (export "later" (func $later))))))
  (func (export "now") (result u32) (canon lift (core func $i "now")))
  (func (export "later") (param "value" u32) (result u32) (canon lift (core func $i "later")))
  (func (export "trap") (canon lift (core func $i "trap")))))";

TEST_P(InEachForm, CallsHostFunctionsOfACompatibleVersion) {
  Guest guest(kHostCalls);
  EXPECT_EQ(guest.number("now"), 3U);
  EXPECT_EQ(guest.call("later", {DynamicValue::scalar(0)}).value()->bits, 100U);
}

TEST_P(InEachForm, SuspendsAGuestWhoseHostFunctionWaits) {
  Guest guest(kHostCalls);
  ExportCall call(*guest.instance_, *guest.prepared_->find_function("", "later"));
  auto task = TypedExport<uint32_t(uint32_t)>::call_async(call, 7);
  const Result<uint32_t> result = guest.loop_.block_on(std::move(task));
  EXPECT_EQ(result.value(), 108U);
}

TEST_P(InEachForm, CannotWaitOnTheCurrentStack) {
  Guest guest(kHostCalls);
  EXPECT_FALSE(guest.call("later", {DynamicValue::scalar(1)}));
  EXPECT_TRUE(guest.instance_->is_poisoned());
}

TEST_P(InEachForm, IsNotEnteredAgainAfterATrap) {
  Guest guest(kHostCalls);
  EXPECT_THAT(guest.failure("trap"), HasSubstr("unreachable"));
  EXPECT_TRUE(guest.instance_->is_poisoned());
  EXPECT_THAT(guest.failure("now"), HasSubstr("cannot enter component instance"));
}

// A child that makes resources, and a parent that has `use` called.
std::string resource_component(std::string_view parent) {
  return std::string(R"((component
  (component $child
    (core module $m
      (global $dropped (mut i32) (i32.const 0))
      (func (export "dtor") (param i32)
        (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
      (func (export "dropped") (result i32) (global.get $dropped)))
    (core instance $i (instantiate $m))
    (type $r (resource (rep i32) (dtor (core func $i "dtor"))))
    (core func $new (canon resource.new $r))
    (core module $n
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "peek") (param i32) (result i32) (local.get 0)))
    (core instance $j (instantiate $n (with "" (instance (export "new" (func $new))))))
    (export $x "r" (type $r))
    (func (export "make") (param "rep" u32) (result (own $x)) (canon lift (core func $j "make")))
    (func (export "peek") (param "self" (borrow $x)) (result u32)
      (canon lift (core func $j "peek")))
    (func (export "dropped") (result u32) (canon lift (core func $i "dropped"))))
  (instance $c (instantiate $child))
  (alias export $c "r" (type $r))
  (core func $make (canon lower (func $c "make")))
  (core func $peek (canon lower (func $c "peek")))
  (core func $dropped (canon lower (func $c "dropped")))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "peek" (func $peek (param i32) (result i32)))
    (import "" "dropped" (func $dropped (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "use") (result i32) (local $h i32) )") +
         std::string(parent) + R"())
  (core instance $i (instantiate $m (with "" (instance
    (export "make" (func $make)) (export "peek" (func $peek))
    (export "dropped" (func $dropped)) (export "drop" (func $drop))))))
  (func (export "use") (result u32) (canon lift (core func $i "use")))))";
}

TEST_P(InEachForm, RunsTheDestructorOfADroppedResource) {
  Guest guest(resource_component(
      "(call $drop (call $make (i32.const 40))) (call $drop (call $make (i32.const 2)))"
      "(call $dropped)"));
  EXPECT_EQ(guest.number("use"), 42U);
}

TEST_P(InEachForm, LendsTheRepresentationToTheOwnerOfAResource) {
  Guest guest(resource_component("(call $peek (call $make (i32.const 17)))"));
  EXPECT_EQ(guest.number("use"), 17U);
}

TEST_P(InEachForm, TrapsOnUnknownHandles) {
  Guest twice(
      resource_component("(local.set $h (call $make (i32.const 1))) (call $drop (local.get $h))"
                         "(call $drop (local.get $h)) (i32.const 0)"));
  EXPECT_THAT(twice.failure("use"), HasSubstr("unknown handle index 1"));
  Guest unknown(resource_component("(call $peek (i32.const 9))"));
  EXPECT_THAT(unknown.failure("use"), HasSubstr("unknown handle index 9"));
}

// Two components with different string encodings, the caller's realloc or post-return as given.
std::string string_component(std::string_view post_return) {
  return std::string(R"((component
  (component $callee
    (core module $m
      (memory (export "memory") 1)
      (global $next (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $next)
        (global.set $next (i32.add (global.get $next) (i32.const 64))))
      (func (export "length") (param i32 i32) (result i32) (local.get 1)))
    (core instance $i (instantiate $m))
    (func (export "length") (param "text" string) (result u32)
      (canon lift (core func $i "length") (memory (core memory $i "memory"))
        (realloc (core func $i "realloc"))
        string-encoding=utf16)))
  (instance $c (instantiate $callee))
  (core module $libc (memory (export "memory") 1)
    (data (i32.const 16) "a\c3\a9\f0\9f\98\80") (data (i32.const 64) "\ff"))
  (core instance $libc (instantiate $libc))
  (core func $length (canon lower (func $c "length") (memory (core memory $libc "memory"))))
  (core module $m
    (import "" "length" (func $length (param i32 i32) (result i32)))
    (func (export "good") (result i32) (call $length (i32.const 16) (i32.const 7)))
    (func (export "bad") (result i32) (call $length (i32.const 64) (i32.const 1)))
    (func (export "post") (param i32) )") +
         std::string(post_return) + R"())
  (core instance $i (instantiate $m (with "" (instance (export "length" (func $length))))))
  (func (export "good") (result u32)
    (canon lift (core func $i "good") (post-return (core func $i "post"))))
  (func (export "bad") (result u32) (canon lift (core func $i "bad")))))";
}

TEST_P(InEachForm, TranscodesBetweenGuests) {
  Guest guest(string_component(""));
  EXPECT_EQ(guest.number("good"), 4U) << "two code units and a surrogate pair";
  EXPECT_THAT(guest.failure("bad"), HasSubstr("utf-8"));
}

TEST_P(InEachForm, CannotBeLeftDuringPostReturn) {
  Guest guest(string_component("(drop (call $length (i32.const 16) (i32.const 1)))"));
  EXPECT_EQ(guest.failure("good"), "cannot leave component instance");
}

TEST_P(InEachForm, LinksBuiltInsThatAreNotSupported) {
  Guest guest(R"((component
    (core func $new (canon thread.index))
    (core module $m (import "" "new" (func $new (result i32)))
      (func (export "call") (result i32) (call $new))
      (func (export "skip") (result i32) (i32.const 5)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func (export "call") (result u32) (canon lift (core func $i "call")))
    (func (export "skip") (result u32) (canon lift (core func $i "skip")))))");
  EXPECT_EQ(guest.number("skip"), 5U);
  EXPECT_THAT(guest.failure("call"), HasSubstr("not supported yet"));
}

// Answers whatever it is called as with the length of the name.
Result<void> name_length(HostCall& call, std::span<RawValue> values) {
  values[0] = RawValue::from_u32(static_cast<uint32_t>(call.import().function_name.size()));
  return {};
}
constexpr HostFunction kAnyFunction{.name = "", .type = "", .core = {}, .invoke = &name_length};
constexpr HostInterface kAnyInterface{"test:any/api", {}, {}, &kAnyFunction};

TEST_P(InEachForm, CallsAnInterfaceThatAnswersEveryFunction) {
  HostRegistry registry;
  registry.add(kAnyInterface);
  auto prepared = prepare(R"((component
    (import "test:any/api" (instance $api
      (export "r" (type (sub resource)))
      (export "five5" (func (result u32))) (export "three" (func (param "x" u64) (result s32)))))
    (core func $five (canon lower (func $api "five5")))
    (core module $m (import "" "five5" (func $five (result i32)))
      (func (export "run") (result i32) (call $five)))
    (core instance $i (instantiate $m (with "" (instance (export "five5" (func $five))))))
    (func (export "run") (result u32) (canon lift (core func $i "run")))))",
                          registry)
                      .value();
  InstanceOptions options;
  const std::array<void*, 1> implementations{nullptr};
  options.implementations = implementations;
  auto instance = ComponentInstance::create_blocking(prepared, options).value();
  EXPECT_EQ(instance->call(*prepared->find_function("", "run"), {}).value()->bits, 5U);
}

TEST(Plan, ListsEverythingThatIsMissing) {
  auto prepared = prepare(R"((component
    (import "test:host/api@0.2.0" (instance
      (export "now" (func (result u64))) (export "gone" (func))))
    (import "test:host/api@0.3.0" (instance (export "now" (func (result u32)))))
    (import "other:host/api@1.0.0" (instance (export "f" (func))))))");
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().kind(), ErrorKind::NotFound);
  EXPECT_THAT(prepared.error().message(),
              AllOf(HasSubstr("function `now` is func()->u32, the component expects func()->u64"),
                    HasSubstr("no function `gone` in test:host/api@0.2.3"),
                    HasSubstr("test:host/api@0.3.0 (offered: test:host/api@0.2.3)"),
                    HasSubstr("other:host/api@1.0.0")));
}

TEST(Plan, BoundsInstantiationsThatGrowExponentially) {
  // Each component instantiates the one before it four times.
  std::string wat = "(component (component $c0)";
  for (int i = 1; i <= 12; ++i) {
    const std::string outer = "$c" + std::to_string(i);
    const std::string inner = "$c" + std::to_string(i - 1);
    wat += "(component " + outer + " (alias outer 1 " + inner + " (component $x))";
    for (int k = 0; k < 4; ++k) wat += "(instance (instantiate $x))";
    wat += ")";
  }
  wat += "(instance (instantiate $c12)))";
  EXPECT_EQ(prepare(wat).error().kind(), ErrorKind::LimitExceeded);
}

}  // namespace
}  // namespace spindle::component
