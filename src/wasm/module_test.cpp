#include "wasm/module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wasm/start_section.h"
#include "wasm/store.h"
#include "wasm/testing.h"

namespace spindle::wasm {
namespace {

using ::testing::HasSubstr;
using testing::manual_engine;
using testing::module_of;

TEST(Module, DescribesImportsAndExports) {
  Module module = module_of(manual_engine(), R"((module
    (import "a" "f" (func (param i32 f64) (result v128)))
    (import "a" "m" (memory 1 2))
    (import "a" "t" (table 3 externref))
    (import "a" "g" (global (mut f32)))
    (memory (export "big") i64 5)
    (tag (export "oops") (param i64))))");
  EXPECT_EQ(module.imports(),
            (std::vector<ImportType>{
                {"a", "f", FunctionType{{ValueType::I32, ValueType::F64}, {ValueType::V128}}},
                {"a", "m", MemoryType{.minimum = 1, .maximum = 2}},
                {"a", "t", TableType{ValueType::ExternRef, 3, std::nullopt}},
                {"a", "g", GlobalType{ValueType::F32, true}}}));
  EXPECT_EQ(module.exports(),
            (std::vector<ExportType>{{"big", MemoryType{.minimum = 5, .is_64 = true}},
                                     {"oops", TagType{{{ValueType::I64}, {}}}}}));
  EXPECT_EQ(kind_of(module.find_export("big")->type), ExternKind::Memory);
  EXPECT_EQ(module.find_export("small"), nullptr);
  EXPECT_FALSE(module.start_export());
}

TEST(Module, RejectsWhatIsNotAModule) {
  auto compile = [](std::string_view bytes) {
    return Module::compile(manual_engine(),
                           {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  };
  EXPECT_FALSE(compile(""));
  EXPECT_FALSE(compile("(module)"));
  EXPECT_FALSE(compile({"\0asm\x0d\0\1\0", 8}));
  auto invalid = Module::compile(manual_engine(),
                                 wat2wasm("(module (func (result i32) (i64.const 0)))").value());
  ASSERT_FALSE(invalid);
  EXPECT_EQ(invalid.error().kind(), ErrorKind::InvalidInput);
  EXPECT_THAT(invalid.error().message(), HasSubstr("type mismatch"));
  EXPECT_FALSE(Module::compile(manual_engine(), wat2wasm("(module (memory 1 1 shared))").value()));
  EXPECT_FALSE(wat2wasm("(module (fnc))"));
}

TEST(Module, CutAtEveryByteIsAnErrorOrASmallerModule) {
  auto bytes = wat2wasm(R"((module (func $f (export "run")) (memory 1) (start $f)
                             (data (i32.const 0) "abc")))")
                   .value();
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::span<const uint8_t> cut(bytes.data(), size);
    auto module = Module::compile(manual_engine(), cut);
    if (module) EXPECT_TRUE(module->exports().size() <= 2) << size;
  }
}

struct StartCase {
  const char* text;
  bool has_start;
};

TEST(StartSection, BecomesAnExport) {
  constexpr StartCase kCases[] = {
      {"(module (func $f) (start $f))", true},
      {R"((module (func $f (export "f")) (start $f)))", true},
      {R"((module (import "a" "b" (func $f)) (start $f)))", true},
      {R"((module (func $f) (start $f) (table 1 funcref) (elem (i32.const 0) $f)))", true},
      {R"((module (func $f) (memory 1) (start $f) (data (i32.const 0) "x")))", true},
      {"(module (func $f))", false},
      {"(module)", false},
  };
  for (const StartCase& test : kCases) {
    auto bytes = wat2wasm(test.text).value();
    EXPECT_EQ(has_start_section(bytes), test.has_start) << test.text;
    auto rewritten = extract_start(bytes);
    EXPECT_FALSE(has_start_section(rewritten));
    auto module = Module::compile(manual_engine(), bytes);
    ASSERT_TRUE(module) << module.error().to_string();
    EXPECT_EQ(module->start_export().has_value(), test.has_start) << test.text;
  }
}

TEST(StartSection, IsStillValidated) {
  // A start function takes nothing; an export may take anything.
  auto bytes = wat2wasm("(module (func $f (param i32)) (start $f))");
  ASSERT_TRUE(bytes);
  EXPECT_FALSE(Module::compile(manual_engine(), *bytes));
}

TEST(StartSection, AnExportOfThatNameIsNotMistakenForOne) {
  Module module = module_of(manual_engine(), R"((module (memory (export "spindle:start") 1)))");
  EXPECT_FALSE(module.start_export());
  Module typed =
      module_of(manual_engine(), R"((module (func (export "spindle:start") (param i32))))");
  EXPECT_FALSE(typed.start_export());
}

TEST(StartSection, BytesThatAreNoModuleStayAsTheyAre) {
  std::vector<uint8_t> junk = {0, 'a', 's', 'm', 1, 0, 0, 0, 8, 0xff, 0xff, 0xff, 0xff, 0xff};
  EXPECT_EQ(extract_start(junk), junk);
  EXPECT_FALSE(has_start_section(junk));
}

TEST(Engine, RefusesStacksThatLeaveNothingForTheHost) {
  EngineOptions options;
  options.stack_bytes = options.guest_stack_bytes;
  EXPECT_EQ(Engine::create(options).error().kind(), ErrorKind::InvalidInput);
}

TEST(Engine, WorksWithoutThePool) {
  EngineOptions options;
  options.pooling = Pooling::Off;
  options.ticker = Ticker::Manual;
  auto engine = Engine::create(options).value();
  EXPECT_NE(engine->allocation(), Allocation::Pooled);
  EXPECT_EQ(engine->instances(), 0u);
  Store store(engine, {});
  EXPECT_TRUE(store.instantiate(module_of(engine, "(module (memory 1))"), {}));
}

TEST(Wat, ConvertsComponentsToo) {
  auto bytes = wat2wasm("(component (core module))").value();
  ASSERT_GE(bytes.size(), 8u);
  EXPECT_EQ(bytes[4], 0x0d);
}

}  // namespace
}  // namespace spindle::wasm
