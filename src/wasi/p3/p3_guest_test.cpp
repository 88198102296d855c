// A guest that uses WASI 0.3 through the async ABI: it waits for time, prints through a stream and
// copies a file by giving the stream that it got from one file to another.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "component/embed/loaded_component.h"
#include "wasi/p3/p3_fixture.h"

namespace spindle::wasi::p3 {
namespace {

constexpr std::string_view kTypes = R"(
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (export "now" (func (result u64)))
    (export "wait-for" (func async (param "how-long" u64)))))
  (import "wasi:cli/types@0.3.0" (instance $cli-types
    (type $cases (enum "io" "illegal-byte-sequence" "pipe"))
    (export "error-code" (type (eq $cases)))))
  (alias export $cli-types "error-code" (type $cli-error))
  (import "wasi:cli/stdout@0.3.0" (instance $stdout
    (alias outer 1 $cli-error (type $outer))
    (export "error-code" (type $error (eq $outer)))
    (export "write-via-stream" (func (param "data" (stream u8))
      (result (future (result (error $error))))))))
  (import "wasi:filesystem/types@0.3.0" (instance $types
    (export "descriptor" (type $descriptor (sub resource)))
    (type $cases (variant (case "access") (case "already") (case "bad-descriptor") (case "busy")
      (case "deadlock") (case "quota") (case "exist") (case "file-too-large")
      (case "illegal-byte-sequence") (case "in-progress") (case "interrupted") (case "invalid")
      (case "io") (case "is-directory") (case "loop") (case "too-many-links")
      (case "message-size") (case "name-too-long") (case "no-device") (case "no-entry")
      (case "no-lock") (case "insufficient-memory") (case "insufficient-space")
      (case "not-directory") (case "not-empty") (case "not-recoverable") (case "unsupported")
      (case "no-tty") (case "no-such-device") (case "overflow") (case "not-permitted")
      (case "pipe") (case "read-only") (case "invalid-seek") (case "text-file-busy")
      (case "cross-device") (case "other" (option string))))
    (export "error-code" (type $error (eq $cases)))
    (type $path-cases (flags "symlink-follow"))
    (export "path-flags" (type $path-flags (eq $path-cases)))
    (type $open-cases (flags "create" "directory" "exclusive" "truncate"))
    (export "open-flags" (type $open-flags (eq $open-cases)))
    (type $access-cases (flags "read" "write" "file-integrity-sync" "data-integrity-sync"
      "requested-write-sync" "mutate-directory"))
    (export "descriptor-flags" (type $access (eq $access-cases)))
    (export "[method]descriptor.open-at" (func async (param "self" (borrow $descriptor))
      (param "path-flags" $path-flags) (param "path" string) (param "open-flags" $open-flags)
      (param "flags" $access) (result (result (own $descriptor) (error $error)))))
    (export "[method]descriptor.read-via-stream" (func (param "self" (borrow $descriptor))
      (param "offset" u64)
      (result (tuple (stream u8) (future (result (error $error)))))))
    (export "[method]descriptor.write-via-stream" (func (param "self" (borrow $descriptor))
      (param "data" (stream u8)) (param "offset" u64)
      (result (future (result (error $error))))))))
  (alias export $types "descriptor" (type $descriptor))
  (alias export $types "error-code" (type $file-error))
  (import "wasi:filesystem/preopens@0.3.0" (instance $preopens
    (alias outer 1 $descriptor (type $outer))
    (export "descriptor" (type $own (eq $outer)))
    (export "get-directories" (func (result (list (tuple (own $own) string)))))))
)";

constexpr std::string_view kCore = R"(
  (core module $libc (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $top (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.get $top)
      (global.set $top (i32.add (global.get $top) (local.get 3)))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))

  (type $bytes (stream u8))
  (type $cli-end (future (result (error $cli-error))))
  (type $file-end (future (result (error $file-error))))
  (core func $now (canon lower (func $clock "now")))
  (core func $wait-for (canon lower (func $clock "wait-for")))
  (core func $print (canon lower (func $stdout "write-via-stream")))
  (core func $directories (canon lower (func $preopens "get-directories")
    (memory $memory) (realloc $realloc)))
  (core func $open (canon lower (func $types "[method]descriptor.open-at")
    (memory $memory) (realloc $realloc)))
  (core func $read (canon lower (func $types "[method]descriptor.read-via-stream")
    (memory $memory)))
  (core func $write (canon lower (func $types "[method]descriptor.write-via-stream")))
  (core func $drop-descriptor (canon resource.drop $descriptor))
  (core func $stream-new (canon stream.new $bytes))
  (core func $stream-write (canon stream.write $bytes (memory $memory)))
  (core func $stream-drop (canon stream.drop-writable $bytes))
  (core func $printed (canon future.read $cli-end (memory $memory)))
  (core func $done (canon future.read $file-end (memory $memory) (realloc $realloc)))
  (core func $return (canon task.return (result u32)))
  (core instance $host
    (export "memory" (memory $memory))
    (export "now" (func $now)) (export "wait-for" (func $wait-for)) (export "print" (func $print))
    (export "directories" (func $directories)) (export "open" (func $open))
    (export "read" (func $read)) (export "write" (func $write))
    (export "drop-descriptor" (func $drop-descriptor))
    (export "stream-new" (func $stream-new)) (export "stream-write" (func $stream-write))
    (export "stream-drop" (func $stream-drop)) (export "printed" (func $printed))
    (export "done" (func $done)) (export "return" (func $return)))
)";

// Each function returns 0, or the number of the step that went wrong.
constexpr std::string_view kMain = R"(
  (core module $main
    (import "host" "memory" (memory 1))
    (import "host" "now" (func $now (result i64)))
    (import "host" "wait-for" (func $wait-for (param i64)))
    (import "host" "print" (func $print (param i32) (result i32)))
    (import "host" "directories" (func $directories (param i32)))
    (import "host" "open" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
    (import "host" "read" (func $read (param i32 i64 i32)))
    (import "host" "write" (func $write (param i32 i32 i64) (result i32)))
    (import "host" "drop-descriptor" (func $drop-descriptor (param i32)))
    (import "host" "stream-new" (func $stream-new (result i64)))
    (import "host" "stream-write" (func $stream-write (param i32 i32 i32) (result i32)))
    (import "host" "stream-drop" (func $stream-drop (param i32)))
    (import "host" "printed" (func $printed (param i32 i32) (result i32)))
    (import "host" "done" (func $done (param i32 i32) (result i32)))
    (import "host" "return" (func $return (param i32)))
    (data (i32.const 0) "a line\n")
    (data (i32.const 16) "from")
    (data (i32.const 24) "to")

    (func (export "naps") (local $before i64)
      (local.set $before (call $now))
      (call $wait-for (i64.const 1000))
      (call $return (i64.lt_u (call $now) (i64.add (local.get $before) (i64.const 1000)))))

    (func (export "prints") (local $ends i64) (local $writable i32) (local $end i32)
      (local.set $ends (call $stream-new))
      (local.set $writable (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (local.set $end (call $print (i32.wrap_i64 (local.get $ends))))
      (if (i32.ne (call $stream-write (local.get $writable) (i32.const 0) (i32.const 7))
                  (i32.const 0x70))
        (then (call $return (i32.const 1)) (return)))
      (call $stream-drop (local.get $writable))
      (if (call $printed (local.get $end) (i32.const 64))
        (then (call $return (i32.const 2)) (return)))
      (call $return (i32.load8_u (i32.const 64))))

    ;; A file of the first directory, opened; 0 if it cannot be.
    (func $opened (param $path i32) (param $length i32) (param $how i32) (param $access i32)
        (result i32)
      (call $directories (i32.const 128))
      (call $open (i32.load (i32.load (i32.const 128))) (i32.const 1) (local.get $path)
        (local.get $length) (local.get $how) (local.get $access) (i32.const 160))
      (if (i32.load8_u (i32.const 160)) (then (return (i32.const 0))))
      (i32.load (i32.const 164)))

    (func (export "copies") (local $from i32) (local $to i32) (local $end i32)
      (local.set $from (call $opened (i32.const 16) (i32.const 4) (i32.const 0) (i32.const 1)))
      (local.set $to (call $opened (i32.const 24) (i32.const 2) (i32.const 1) (i32.const 2)))
      (if (i32.or (i32.eqz (local.get $from)) (i32.eqz (local.get $to)))
        (then (call $return (i32.const 1)) (return)))
      (call $read (local.get $from) (i64.const 2) (i32.const 192))
      (local.set $end (call $write (local.get $to) (i32.load (i32.const 192)) (i64.const 0)))
      (call $drop-descriptor (local.get $from))
      (call $drop-descriptor (local.get $to))
      (if (i32.or (call $done (local.get $end) (i32.const 224)) (i32.load8_u (i32.const 224)))
        (then (call $return (i32.const 2)) (return)))
      (if (call $done (i32.load (i32.const 196)) (i32.const 256))
        (then (call $return (i32.const 3)) (return)))
      (call $return (i32.load8_u (i32.const 256)))))
  (core instance $main (instantiate $main (with "host" (instance $host))))
  (func (export "naps") async (result u32) (canon lift (core func $main "naps") async))
  (func (export "prints") async (result u32) (canon lift (core func $main "prints") async))
  (func (export "copies") async (result u32) (canon lift (core func $main "copies") async))
)";

class P3Guest : public P3 {
 protected:
  component::LoadedComponent load() {
    const auto engine = wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
    const auto all = interfaces();
    const auto text = fmt::format("(component {} {} {})", kTypes, kCore, kMain);
    auto loaded = component::LoadedComponent::load(
        engine, {reinterpret_cast<const uint8_t*>(text.data()), text.size()},
        {.host = {all.begin(), all.end()}});
    EXPECT_TRUE(loaded.has_value()) << loaded.error().to_string();
    return std::move(loaded).value();
  }
  std::unique_ptr<component::ComponentInstance> start() {
    state_.emplace(services_, guest_, instance_, gate_);
    const auto bindings = state_->bindings();
    return load().instantiate({.host = {bindings.begin(), bindings.end()}, .loop = &loop_}).value();
  }
  io::Task<Result<uint32_t>> call(component::ComponentInstance& guest, std::string_view function) {
    const auto lift = guest.prepared().find_function("", function);
    auto calling = guest.call_async(lift.value(), {});
    auto result = CO_TRY(co_await std::move(calling));
    co_return static_cast<uint32_t>(result->bits);
  }
  uint32_t run(std::string_view function) {
    auto guest = start();
    auto result = loop_.block_on(call(*guest, function));
    EXPECT_TRUE(result.has_value()) << result.error().to_string();
    loop_.block_on(guest->close());
    return std::move(result).value_or(~uint32_t{0});
  }
};

TEST_F(P3Guest, WaitsForTime) {
  loop_.post([this] { clocks_.advance(500); });
  loop_.post([this] { loop_.post([this] { clocks_.advance(5000); }); });
  EXPECT_EQ(run("naps"), 0U);
}

TEST_F(P3Guest, PrintsThroughAStream) {
  auto output = std::make_shared<MemorySink>();
  guest_.standard_output = output;
  EXPECT_EQ(run("prints"), 0U);
  EXPECT_EQ(output->text(), "a line\n");
  EXPECT_EQ(instance_.background.size(), 0U);
}

TEST_F(P3Guest, GivesTheStreamOfAFileToAnother) {
  const TempDirectory host;
  const std::string text(200'000, 'x');
  host.write("from", "--" + text);
  guest_.mounts = {Mount::create(host.path(), "/", Access::ReadWrite).value()};
  EXPECT_EQ(run("copies"), 0U);
  EXPECT_TRUE(host.read("to") == text);
  EXPECT_EQ(instance_.descriptors.left(), kDescriptorsMax);
}

}  // namespace
}  // namespace spindle::wasi::p3
