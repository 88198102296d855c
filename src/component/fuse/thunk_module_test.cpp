#include "component/fuse/thunk_module.h"

#include <gtest/gtest.h>

#include "wasm/module.h"

namespace spindle::component {
namespace {

TEST(ThunkModule, HostFunctionsOfOneTypeShareAnImport) {
  const PlannedSignature read{{FlatType::I32, FlatType::I64}, {FlatType::I32}};
  const PlannedSignature drop{{FlatType::I32}, {}};
  const std::vector<HostThunk> thunks{{4, read}, {7, drop}, {9, read}};
  const ThunkModule made = make_thunk_module(thunks);
  EXPECT_EQ(made.groups, 2U);
  const auto engine = wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  const auto module = wasm::Module::compile(engine, made.bytes);
  ASSERT_TRUE(module.has_value()) << module.error().to_string();
  ASSERT_EQ(module->imports().size(), 2U);
  const wasm::FunctionType group{{wasm::ValueType::I32, wasm::ValueType::I64, wasm::ValueType::I32},
                                 {wasm::ValueType::I32}};
  EXPECT_EQ(module->imports()[0].type, wasm::ExternType(group)) << "the number comes last";
  for (const HostThunk& thunk : thunks) {
    EXPECT_NE(module->find_export(std::to_string(thunk.number)), nullptr) << thunk.number;
  }
  EXPECT_EQ(module->exports().size(), thunks.size());
}

TEST(ThunkModule, ManyTypesAreGroupedInNoTime) {
  std::vector<HostThunk> thunks;
  for (uint32_t i = 0; i < 100'000; ++i) {
    PlannedSignature signature;
    for (uint32_t bits = i % 4096; bits != 0; bits /= 4) {
      signature.params.push_back(static_cast<FlatType>(bits % 4));
    }
    thunks.push_back({i, signature});
  }
  EXPECT_EQ(make_thunk_module(thunks).groups, 4096U);
}

}  // namespace
}  // namespace spindle::component
