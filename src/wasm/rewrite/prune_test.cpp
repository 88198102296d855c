#include "wasm/rewrite/prune.h"

#include <gtest/gtest.h>

#include <array>

#include "wasm/rewrite/module_sections.h"
#include "wasm/testing.h"

namespace spindle::wasm {
namespace {

using testing::manual_engine;

constexpr std::string_view kAdapter = R"((module
  (import "env" "memory" (memory 1))
  (import "host" "write" (func $write (param i32)))
  (import "host" "read" (func $read (result i32)))
  (import "env" "base" (global $base i32))
  (global $state (mut i32) (i32.const 0))
  (table 2 funcref) (elem (i32.const 0) func $write_twice $unused)
  (func $write_twice (param i32) (call $write (local.get 0)) (call $write (local.get 0)))
  (func $unused (drop (call $read)))
  (func (export "fd_write") (param i32) (call $write_twice (local.get 0)))
  (func (export "fd_read") (result i32) (global.set $state (i32.const 1)) (call $read))
  (func (export "load") (result i32) (i32.load (global.get $base)))))";

rewrite::ModuleSections sections_of(const std::vector<uint8_t>& bytes) {
  return rewrite::read_module_sections(bytes).value();
}

TEST(Prune, KeepsTheExportsAskedForAndTheirImports) {
  auto bytes = wat2wasm(kAdapter).value();
  auto small = prune_module(bytes, std::array<std::string_view, 1>{"fd_write"}).value();
  ASSERT_TRUE(Module::compile(manual_engine(), small));
  auto sections = sections_of(small);
  ASSERT_EQ(sections.imports.size(), 1u);
  EXPECT_EQ(sections.imports[0].module, "host");
  EXPECT_EQ(sections.imports[0].name, "write");
  ASSERT_EQ(sections.exports.size(), 1u);
  EXPECT_EQ(sections.exports[0].name, "fd_write");
  EXPECT_EQ(sections.bodies.size(), 1u);  // fd_write only forwards
  EXPECT_TRUE(sections.globals.empty());
}

TEST(Prune, KeepsImportsOfAnyKindInTheirOrder) {
  auto bytes = wat2wasm(kAdapter).value();
  auto small =
      prune_module(bytes, std::array<std::string_view, 3>{"load", "fd_read", "load"}).value();
  auto module = Module::compile(manual_engine(), small).value();
  ASSERT_EQ(module.imports().size(), 3u);
  EXPECT_EQ(module.imports()[0].name, "memory");
  EXPECT_EQ(module.imports()[1].name, "read");
  EXPECT_EQ(module.imports()[2].name, "base");
  EXPECT_EQ(module.exports().size(), 2u);
}

TEST(Prune, KeepsWhatIsWrittenToImportedMemoriesAndStartFunctions) {
  auto bytes = wat2wasm(R"((module (import "a" "m" (memory 1)) (import "a" "t" (table 4 funcref))
      (import "a" "f" (func $f))
      (memory $own 1) (data (memory $own) (i32.const 0) "gone") (start $f)
      (data (memory 0) (i32.const 8) "kept") (elem (table 0) (i32.const 1) func $g)
      (func $g)))")
                   .value();
  auto small = prune_module(bytes, {}).value();
  ASSERT_TRUE(Module::compile(manual_engine(), small));
  auto sections = sections_of(small);
  EXPECT_EQ(sections.imports.size(), 3u);
  EXPECT_TRUE(sections.start.has_value());
  ASSERT_EQ(sections.data.size(), 1u);
  EXPECT_EQ(sections.data[0].content.size(), 4u);
  EXPECT_EQ(sections.memories.size(), 1u);
  EXPECT_EQ(sections.elements.size(), 1u);
}

TEST(Prune, RefusesAnExportThatIsNotThere) {
  auto bytes = wat2wasm(kAdapter).value();
  auto small = prune_module(bytes, std::array<std::string_view, 1>{"fd_seek"});
  ASSERT_FALSE(small);
  EXPECT_EQ(small.error().kind(), ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace spindle::wasm
