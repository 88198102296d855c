#include "assemble/component_ast.h"

#include <gtest/gtest.h>

#include "component/binary/decode.h"
#include "component/binary/encode.h"
#include "component/validate/validate.h"
#include "wasm/module.h"

namespace spindle::assemble {
namespace {

using namespace component;

TEST(ComponentAst, CountsEachIndexSpace) {
  ComponentAst ast;
  EXPECT_EQ(ast.type(PrimitiveType::U8).value, 0U);
  EXPECT_EQ(ast.type(ListDef{PrimitiveType::U8}).value, 1U);
  EXPECT_EQ(ast.type(FuncDef{}).value, 2U);
  EXPECT_EQ(ast.add(ImportDef{{"f"}, {ExternKind::Func, 2}}), 0U);
  EXPECT_EQ(ast.add(ImportDef{{"t"}, {ExternKind::TypeResource}}), 3U);
  EXPECT_EQ(ast.add(CanonDef{.op = CanonOp::Lower}), 0U);
  EXPECT_EQ(ast.add(ExportDef{{"g"}, {Sort::Func, 0}, {}}), 1U);
  CoreRecGroup pair{{CoreSubType{}, CoreSubType{}}};
  EXPECT_EQ(ast.add(CoreTypeDef{pair}), 0U);
  EXPECT_EQ(ast.add(CoreTypeDef{pair}), 2U);
  EXPECT_EQ(ast.count(Sort::CoreType), 4U);
  EXPECT_EQ(ast.count(Sort::Type), 4U);
}

TEST(ComponentAst, OwnsItsTextsInNestedComponentsToo) {
  Component built;
  {
    ComponentAst outer;
    ComponentAst inner(outer.arena());
    inner.type(FuncDef{});
    inner.add(ImportDef{{inner.text("imp" + std::string("ort"))}, {ExternKind::Func, 0}});
    inner.add(ExportDef{{inner.text("ex" + std::string("port"))}, {Sort::Func, 0}, {}});
    auto component = outer.nested(inner.take());
    outer.type(FuncDef{});
    auto func = outer.add(ImportDef{{"f"}, {ExternKind::Func, 0}});
    auto instance = outer.instance(InstantiateDef{component, {{"import", {Sort::Func, func}}}});
    outer.instance_export(Sort::Func, instance, "export");
    outer.add(ExportDef{{"instance"}, {Sort::Instance, instance.value}, {}});
    built = outer.take();
  }
  auto decoded = decode_component(SharedBytes::own(encode_component(built)));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().to_string();
  auto valid = validate(*decoded);
  EXPECT_TRUE(valid.has_value()) << valid.error().to_string();
}

TEST(ComponentAst, LiftsAFunctionOfACoreModule) {
  ComponentAst ast;
  auto bytes = wasm::wat2wasm(R"((module (func (export "run"))))").value();
  auto module = ast.core_module(ast.arena()->bytes(std::move(bytes)));
  auto instance = ast.core_instance(CoreInstantiateDef{module, {}});
  auto core = ast.core_func(instance, "run");
  auto type = ast.type(FuncDef{});
  auto func = ast.add(CanonDef{.op = CanonOp::Lift, .core_func = core, .type = type});
  ast.add(ExportDef{{"run"}, {Sort::Func, func}, {}});
  auto decoded = decode_component(SharedBytes::own(encode_component(ast.take())));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(validate(*decoded).has_value());
}

}  // namespace
}  // namespace spindle::assemble
