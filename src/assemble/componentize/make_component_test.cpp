#include "assemble/componentize/make_component.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assemble/componentize/adapters.h"
#include "assemble/compose/fixture.h"
#include "assemble/wit_encode/world_type.h"
#include "base/byte_writer.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "wasm/module.h"
#include "wit/load.h"

namespace spindle::assemble {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Names {
  std::vector<std::string> imports;
  std::vector<std::string> exports;
};

Names names_of(std::span<const uint8_t> bytes) {
  auto component = component::decode_component(component::SharedBytes::borrow(bytes)).value();
  auto valid = component::validate(component);
  EXPECT_TRUE(valid.has_value()) << valid.error().to_string();
  Names names;
  for (const auto& definition : component.definitions) {
    if (const auto* import = std::get_if<component::ImportDef>(&definition.kind)) {
      names.imports.emplace_back(import->name.name);
    } else if (const auto* item = std::get_if<component::ExportDef>(&definition.kind)) {
      names.exports.emplace_back(item->name.name);
    }
  }
  return names;
}

std::vector<uint8_t> module_of(std::string_view wat) {
  return wasm::wat2wasm(wat).value();
}

void add_custom_section(std::vector<uint8_t>& module, std::string_view name,
                        std::span<const uint8_t> content) {
  ByteWriter section;
  section.name(name);
  section.bytes(content);
  ByteWriter whole;
  whole.section(0, section);
  auto bytes = whole.view();
  module.insert(module.end(), bytes.begin(), bytes.end());
}

void add_world(std::vector<uint8_t>& module, const std::string& wit) {
  auto resolve = wit::load_texts({{"test.wit", wit}}).value();
  auto world = resolve.package(resolve.roots().at(0)).worlds.at(0);
  add_custom_section(module, "component-type:test", encode_world_type(resolve, world).value());
}

constexpr std::string_view kCommand = R"((module
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "_start"))))";

TEST(Componentize, MakesACommandOfAModuleWithAStart) {
  auto bytes = componentize(module_of(kCommand));
  ASSERT_TRUE(bytes.has_value()) << bytes.error().to_string();
  auto names = names_of(*bytes);
  EXPECT_THAT(names.exports, ElementsAre(StartsWith("wasi:cli/run@0.2.")));
  EXPECT_THAT(names.imports, Contains(StartsWith("wasi:cli/exit@0.2.")));
  EXPECT_THAT(names.imports, Contains(StartsWith("wasi:io/streams@0.2.")));
}

constexpr std::string_view kFirstSdk = R"((module
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (import "outbound-redis" "get" (func (param i32 i32 i32 i32 i32)))
  (import "wasi-outbound-http" "request"
    (func (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "key-value" "close" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "_start"))
  (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
  (func (export "canonical_abi_free") (param i32 i32 i32))
  (func (export "handle-http-request") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    i32.const 0)))";

TEST(Componentize, KnowsModulesOfTheFirstSdks) {
  auto bytes = componentize(module_of(kFirstSdk));
  ASSERT_TRUE(bytes.has_value()) << bytes.error().to_string();
  auto names = names_of(*bytes);
  EXPECT_THAT(names.exports, ElementsAre("fermyon:spin/inbound-http"));
  for (std::string_view import : {"redis", "redis-types", "http", "http-types", "key-value"}) {
    EXPECT_THAT(names.imports, Contains(fmt::format("fermyon:spin/{}", import)));
  }
  EXPECT_THAT(names.imports, Not(Contains("fermyon:spin/sqlite"))) << "what it does not import";
  EXPECT_THAT(names.imports, Contains(StartsWith("wasi:io/streams@0.2.")));
}

TEST(Componentize, RefusesWhatTheFirstSdksDidNotHave) {
  const auto error_of = [](std::string_view from, std::string_view to) {
    std::string wat(kFirstSdk);
    wat.replace(wat.find(from), from.size(), to);
    auto bytes = componentize(module_of(wat));
    return bytes ? "none" : bytes.error().to_string();
  };
  EXPECT_THAT(error_of("\"get\"", "\"drop\""), HasSubstr("`drop` from `fermyon:spin/redis`"));
  EXPECT_THAT(error_of("\"outbound-redis\"", "\"outbound-ftp\""), HasSubstr("`outbound-ftp`"));
}

TEST(Componentize, ReadsModulesOfTheFirstSdksWithCare) {
  const std::vector<uint8_t> whole = module_of(kFirstSdk);
  for (size_t size = 0; size < whole.size(); ++size) {
    (void)componentize(std::span(whole).first(size));
  }
}

TEST(Componentize, LeavesOutWhatTheAdapterDoesNotNeed) {
  auto module = module_of(R"((module
    (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
    (func (export "run"))))");
  add_world(module, "package t:t; world w { export run: func(); }");
  auto names = names_of(componentize(module).value());
  EXPECT_THAT(names.exports, ElementsAre("run"));
  EXPECT_THAT(names.imports, Contains(StartsWith("wasi:random/random@0.2.")));
  EXPECT_THAT(names.imports, Not(Contains(StartsWith("wasi:clocks/"))));
}

TEST(Componentize, NeedsNoAdapterForAModuleThatUsesNone) {
  auto module = module_of(R"((module
    (import "t:t/i@0.2.1" "one" (func))
    (func (export "run"))))");
  add_world(module, "package t:t@0.2.1; interface i { one: func(); } world w { import i; }");
  add_world(module,
            "package t:t@0.2.7; interface i { one: func(); two: func(); } world v { "
            "import i; export run: func(); }");
  auto names = names_of(componentize(module).value());
  // Compatible versions are one import, of the newest version.
  EXPECT_THAT(names.imports, ElementsAre("t:t/i@0.2.7"));
  EXPECT_THAT(names.exports, ElementsAre("run"));
}

TEST(Componentize, TakesAWorldAndAdaptersThatAreGiven) {
  auto module = module_of(R"((module
    (import "old" "number" (func (result i32)))
    (func (export "run") (result i32) (unreachable))))");
  auto resolve =
      wit::load_texts({{"test.wit", "package t:t; world w { export run: func() -> u32; }"}})
          .value();
  auto adapter = module_of(R"((module
    (import "$root" "source" (func (result i32)))
    (func (export "number") (result i32) (unreachable))
    (func (export "unused") (result i32) (unreachable))))");
  add_world(adapter, "package a:a; world v { import source: func() -> u32; }");
  ComponentizeOptions options;
  options.world.emplace(GivenWorld{resolve, resolve.find_world("t:t/w").value()});
  options.adapters["old"] = adapter;
  auto bytes = componentize(module, options);
  ASSERT_TRUE(bytes.has_value()) << bytes.error().to_string();
  EXPECT_THAT(names_of(*bytes).exports, ElementsAre("run"));
}

// What the exported function of the world gives when it runs.
uint64_t run(const std::vector<uint8_t>& bytes, std::string_view function) {
  auto decoded = component::decode_component(component::SharedBytes::borrow(bytes)).value();
  return testing::run(decoded, "", function);
}

TEST(Componentize, GivesAnAdapterAStackInTheMemoryOfTheModule) {
  // The adapter's stack pointer, added to the number of times that it was called.
  auto adapter = module_of(R"((module
    (import "env" "memory" (memory 0))
    (import "__main_module__" "cabi_realloc" (func (param i32 i32 i32 i32) (result i32)))
    (import "__main_module__" "more" (func $more (result i32)))
    (global $__stack_pointer (mut i32) (i32.const 0))
    (global $allocation_state (mut i32) (i32.const 0))
    (func (export "stack") (result i32)
      (i32.add (global.get $__stack_pointer) (call $more)))))");
  constexpr std::string_view kStart = R"((module
    (import "old" "stack" (func $stack (result i32)))
    (memory (export "memory") 3)
    (global $calls (mut i32) (i32.const 0))
    (func (export "_initialize") (global.set $calls (i32.const 40)))
    (func (export "more") (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (global.get $calls))
    (func (export "run") (result i32) (drop (call $stack)) (call $stack)))";
  constexpr uint64_t kPage = 65'536;
  struct Case {
    std::string_view allocator;
    uint64_t stack;
  };
  const Case cases[] = {
      // Without an allocator the memory grows, from three pages to four.
      {"", 4 * kPage},
      {R"((func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (if (i32.ne (local.get 2) (i32.const 8)) (then unreachable))
            (i32.sub (local.get 3) (i32.const 64536))))",
       1000 + kPage},
  };
  auto resolve =
      wit::load_texts({{"test.wit", "package t:t; world w { export run: func() -> u32; }"}})
          .value();
  for (const auto& [allocator, stack] : cases) {
    ComponentizeOptions options;
    options.world.emplace(GivenWorld{resolve, resolve.find_world("t:t/w").value()});
    options.adapters["old"] = adapter;
    auto text = std::string(kStart) + std::string(allocator) + ")";
    auto bytes = componentize(module_of(text), options);
    ASSERT_TRUE(bytes.has_value()) << bytes.error().to_string();
    EXPECT_EQ(run(*bytes, "run"), stack + 42);
  }
}

TEST(Componentize, RefusesWhatItCannotServe) {
  auto producers = [](std::string_view clang) {
    auto module = module_of(kCommand);
    ByteWriter content;
    content.leb_u32(1);
    content.name("processed-by");
    content.leb_u32(1);
    content.name("clang");
    content.name(clang);
    add_custom_section(module, "producers", content.view());
    return module;
  };
  struct Case {
    std::vector<uint8_t> module;
    std::string_view error;
  };
  auto without_memory =
      module_of(R"((module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
                           (func (export "_start"))))");
  auto unknown = module_of(R"((module (import "wasi_snapshot_preview1" "nothing" (func))
                             (memory (export "memory") 1) (func (export "_start"))))");
  const Case cases[] = {
      {module_of("(module)"), "neither a `component-type` section, nor a `_start`"},
      {module_of(R"((module (func (export "_start"))
                    (func (export "canonical_abi_realloc"))))"),
       "nor a handler of Spin's first SDKs"},
      {producers("15.0.6 (https://example.org)"), "15.0.7 or newer"},
      {producers("9.1"), "15.0.7 or newer"},
      {without_memory, "does not export its memory"},
      {unknown, "`nothing`"},
  };
  for (const auto& [module, error] : cases) {
    auto bytes = componentize(module);
    ASSERT_FALSE(bytes.has_value()) << error;
    EXPECT_THAT(bytes.error().to_string(), HasSubstr(std::string(error)));
  }
  EXPECT_TRUE(componentize(producers("15.0.7")).has_value());
  EXPECT_TRUE(componentize(producers("19.1.5-wasi-sdk (https://example.org)")).has_value());
}

TEST(PrepareAdapter, SurvivesTruncationAtEveryByte) {
  auto whole = module_of(R"((module
    (import "__main_module__" "cabi_realloc" (func (param i32 i32 i32 i32) (result i32)))
    (global $__stack_pointer (mut i32) (i32.const 0))
    (global $allocation_state (mut i32) (i32.const 0))
    (func (export "f") (param i32 i64) (result i32) (global.get 0))))");
  auto prepared = prepare_adapter(whole, {"f"});
  ASSERT_TRUE(prepared.has_value()) << prepared.error().to_string();
  for (size_t length = 0; length < whole.size(); ++length) {
    (void)prepare_adapter(std::span(whole).first(length), {"f"});
  }
}

}  // namespace
}  // namespace spindle::assemble
