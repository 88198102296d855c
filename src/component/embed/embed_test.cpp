#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "component/embed/export_function.h"
#include "component/embed/loaded_component.h"
#include "component/host/host_function.h"
#include "io/event_loop.h"

namespace spindle::component {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::shared_ptr<const wasm::Engine> engine() {
  static const std::shared_ptr<const wasm::Engine> made =
      wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  return made;
}

struct Host {
  io::EventLoop* loop = nullptr;
  std::string seen;

  Result<void> write(std::string_view text) {
    seen += text;
    return {};
  }
  io::Eventual<uint32_t> wait(uint32_t value) {
    if (loop == nullptr) return Result<uint32_t>(value);
    return later(*loop, value);
  }
  static io::Task<Result<uint32_t>> later(io::EventLoop& event_loop, uint32_t value) {
    co_await io::yield(event_loop);
    co_return value;
  }
};

constexpr std::array kFunctions{host_function<&Host::write>("write", "func(text:string)"),
                                host_function<&Host::wait>("wait", "func(value:u32)->u32")};
constexpr HostInterface kLog{"test:host/log@0.1.0", kFunctions, {}};

constexpr std::string_view kGuest = R"((component
  (import "test:host/log@0.1.0" (instance $log
    (export "write" (func (param "text" string)))
    (export "wait" (func (param "value" u32) (result u32)))))
  (core module $libc (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 3)))))
  (core instance $libc (instantiate $libc))
  (core func $write (canon lower (func $log "write") (memory (core memory $libc "memory"))))
  (core func $wait (canon lower (func $log "wait")))
  (core module $m
    (import "" "memory" (memory 1))
    (import "" "write" (func $write (param i32 i32)))
    (import "" "wait" (func $wait (param i32) (result i32)))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "say") (param i32 i32) (call $write (local.get 0) (local.get 1)))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1))
      (i32.const 16))
    (func (export "half") (param i32) (result i32)
      (i32.store8 (i32.const 32) (i32.and (local.get 0) (i32.const 1)))
      (i32.store (i32.const 36) (i32.shr_u (local.get 0) (i32.const 1)))
      (i32.const 32))
    (func (export "waits") (param i32) (result i32)
      (i32.add (call $wait (local.get 0)) (i32.const 1)))
    (func (export "spin") (loop (br 0)))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $m (with "" (instance
    (export "memory" (memory $libc "memory"))
    (export "write" (func $write)) (export "wait" (func $wait))))))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $i "add")))
  (func (export "say") (param "text" string)
    (canon lift (core func $i "say") (memory $memory) (realloc $realloc)))
  (func (export "half") (param "number" u32) (result (result u32))
    (canon lift (core func $i "half") (memory $memory)))
  (func (export "waits") (param "value" u32) (result u32) (canon lift (core func $i "waits")))
  (func (export "spin") (canon lift (core func $i "spin")))
  (func (export "trap") (canon lift (core func $i "trap")))
  (func $echo (param "list" (list u16)) (result (list u16))
    (canon lift (core func $i "echo") (memory $memory) (realloc $realloc)))
  (instance (export "test:guest/lists@1.2.0") (export "echo" (func $echo)))))";

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

LoadedComponent loaded() {
  return LoadedComponent::load(engine(), bytes_of(kGuest), {.host = {&kLog}}).value();
}

class Embed : public testing::Test {
 protected:
  std::unique_ptr<ComponentInstance> make(InstantiateOptions options = {}) {
    options.host.push_back({&kLog, &host});
    return loaded().instantiate(options).value();
  }
  Host host;
};

TEST_F(Embed, CallsWithTypedArgumentsAndResults) {
  auto guest = make();
  auto add = find_export<uint32_t(uint32_t, uint32_t)>(*guest, "", "add").value();
  EXPECT_EQ(add(40, 2).value(), 42U);
  auto half = find_export<std::expected<uint32_t, std::monostate>(uint32_t)>(*guest, "", "half");
  EXPECT_EQ((*half)(8).value(), 4U);
  EXPECT_FALSE((*half)(9).value().has_value());
}

TEST_F(Embed, ResultsOwnWhatTheyHold) {
  auto guest = make();
  using Echo = std::vector<uint16_t>(std::span<const uint16_t>);
  auto echo = find_export<Echo>(*guest, "test:guest/lists@1.0.0", "echo").value();
  const std::vector<uint16_t> sent{1, 2, 65535};
  std::vector<uint16_t> first = echo(sent).value();
  EXPECT_TRUE(echo(std::vector<uint16_t>(100, 7)).has_value());
  EXPECT_EQ(first, sent);
}

TEST_F(Embed, TheHostObjectIsCalled) {
  auto guest = make();
  auto say = find_export<void(std::string_view)>(*guest, "", "say").value();
  EXPECT_TRUE(say("hello ").has_value());
  EXPECT_TRUE(say("host").has_value());
  EXPECT_EQ(host.seen, "hello host");
}

TEST_F(Embed, RefusesFunctionsOfOtherTypes) {
  auto guest = make();
  struct Case {
    std::string error;
    std::string_view expected;
  };
  auto error = [](auto result) { return result ? "none" : result.error().message(); };
  const std::vector<Case> cases{
      {error(find_export<uint32_t(uint32_t)>(*guest, "", "add")),
       "exported function `add` is func(a:u32,b:u32)->u32, expected func(u32)->u32"},
      {error(find_export<int32_t(uint32_t, uint32_t)>(*guest, "", "add")),
       "expected func(u32,u32)->s32"},
      {error(find_export<void(uint32_t, uint32_t)>(*guest, "", "add")), "expected func(u32,u32)"},
      {error(find_export<void(std::vector<uint8_t>)>(*guest, "", "say")),
       "is func(text:string), expected func(list<u8>)"},
      {error(find_export<void()>(*guest, "", "gone")), "no function `gone`; it exports `add`"},
      {error(find_export<void()>(*guest, "test:guest/lists@2.0.0", "echo")),
       "no function `echo` in `test:guest/lists@2.0.0`"},
      {error(find_export<void()>(*guest, "", "test:guest/lists@1.2.0")), "no function"},
      {error(
           find_export<uint64_t(uint32_t, uint32_t)>(*guest, "", "add", "func(a:u32,b:u32)->u32")),
       "the C++ type of exported function `add` is not its type"},
  };
  for (const Case& item : cases) EXPECT_THAT(item.error, HasSubstr(item.expected));
}

TEST_F(Embed, WaitsOnTheLoopOnly) {
  io::EventLoop loop;
  host.loop = &loop;
  auto guest = make({.loop = &loop});
  auto waits = find_export<uint32_t(uint32_t)>(*guest, "", "waits").value();
  EXPECT_EQ(loop.block_on(waits.async(7)).value(), 8U);
  EXPECT_FALSE(waits(7));
  EXPECT_TRUE(guest->is_poisoned());
}

TEST_F(Embed, StartsOnTheLoop) {
  io::EventLoop loop;
  auto creating = loaded().instantiate_async({.host = {{&kLog, &host}}, .loop = &loop});
  auto guest = loop.block_on(std::move(creating)).value();
  auto add = find_export<uint32_t(uint32_t, uint32_t)>(*guest, "", "add").value();
  EXPECT_EQ(loop.block_on(add.async(1, 2)).value(), 3U);
  auto nothing = loop.block_on(loaded().instantiate_async({.loop = &loop}));
  EXPECT_THAT(nothing.error().message(), HasSubstr("nothing implements `test:host/log@0.1.0`"));
}

TEST_F(Embed, EndsAGuestThatUsesUpItsBudget) {
  auto guest = make({.cpu_budget = 2});
  auto spin = find_export<void()>(*guest, "", "spin").value();
  EXPECT_EQ(spin().error().kind(), ErrorKind::Timeout);
}

TEST_F(Embed, IsNotEnteredAfterATrap) {
  auto guest = make();
  auto trap = find_export<void()>(*guest, "", "trap").value();
  auto add = find_export<uint32_t(uint32_t, uint32_t)>(*guest, "", "add").value();
  EXPECT_EQ(trap().error().kind(), ErrorKind::Trap);
  EXPECT_THAT(add(1, 2).error().message(), HasSubstr("cannot enter"));
  EXPECT_EQ(find_export<uint32_t(uint32_t, uint32_t)>(*make(), "", "add").value()(1, 2).value(), 3U)
      << "other instances go on";
}

TEST(LoadedComponent, SaysWhatIsWrong) {
  auto failure = [](std::string_view bytes, const LoadOptions& options = {}) {
    auto result = LoadedComponent::load(engine(), bytes_of(bytes), options);
    return result ? std::string("none") : result.error().message();
  };
  EXPECT_THAT(failure(kGuest), HasSubstr("test:host/log@0.1.0"));
  EXPECT_EQ(failure(kGuest, {.missing = HostRegistry::Missing::TrapWhenCalled}), "none");
  EXPECT_NE(failure("(component"), "none");
  EXPECT_NE(failure(""), "none");
  EXPECT_NE(failure(std::string_view("\0asm\1\0\0\0", 8)), "none") << "a core module";
  EXPECT_NE(failure("hello"), "none");
  auto unbound = loaded().instantiate();
  EXPECT_THAT(unbound.error().message(), HasSubstr("nothing implements `test:host/log@0.1.0`"));
}

TEST(LoadedComponent, ReadsFiles) {
  TempDirectory directory;
  const std::string path = directory.path("guest.wat");
  directory.write("guest.wat", std::string(" \n") + std::string(kGuest));
  EXPECT_TRUE(LoadedComponent::load_file(engine(), path, {.host = {&kLog}}).has_value());
  EXPECT_THAT(LoadedComponent::load_file(engine(), path).error().to_string(),
              AllOf(HasSubstr(path), HasSubstr("test:host/log")));
  EXPECT_EQ(LoadedComponent::load_file(engine(), directory.path("none")).error().kind(),
            ErrorKind::NotFound);
  EXPECT_THAT(LoadedComponent::load_file(engine(), directory.path()).error().message(),
              HasSubstr("is a directory"));
}

TEST(SignatureText, WritesTypesThatSayEverythingThemselves) {
  using Deep = std::optional<std::tuple<std::vector<std::string>, char32_t>>;
  EXPECT_EQ((signature_text<Deep(const Deep&, std::span<const float>)>()),
            "func(option<tuple<list<string>,char>>,list<f32>)->option<tuple<list<string>,char>>");
  EXPECT_EQ((signature_text<std::expected<void, std::string>()>()), "func()->result<_,string>");
  EXPECT_EQ((signature_text<void(bool, int8_t, uint8_t, int16_t, uint16_t, int32_t, int64_t)>()),
            "func(bool,s8,u8,s16,u16,s32,s64)");
}

}  // namespace
}  // namespace spindle::component
