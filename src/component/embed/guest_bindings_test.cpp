// Classes that bindgen writes for calling guests, on the plug-in of examples/embed and on one that
// exports something else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bindings/demo/calculator/plugin.h"
#include "bindings/test/shapes_0_1/shapes.h"
#include "component/embed/loaded_component.h"
#include "io/event_loop.h"

namespace spindle::component {
namespace {

namespace calculator = bindings::demo::calculator;
using ::testing::HasSubstr;

std::shared_ptr<const wasm::Engine> engine() {
  static const std::shared_ptr<const wasm::Engine> made =
      wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  return made;
}

class Log final : public calculator::log::Host {
 public:
  Result<void> write(calculator::log::Level level, std::string_view text) override {
    if (refuse) return Error::denied("the log is full");
    levels.push_back(level);
    seen += text;
    return {};
  }
  std::vector<calculator::log::Level> levels;
  std::string seen;
  bool refuse = false;
};

class Calculator : public ::testing::Test {
 protected:
  void SetUp() override {
    const LoadOptions load{.host = {&calculator::log::interface()}};
    auto plugin =
        LoadedComponent::load_file(engine(), SPINDLE_EMBED_EXAMPLE "/calculator.wat", load).value();
    const InstantiateOptions options{.host = {calculator::log::implement(log)}, .loop = &loop};
    instance = plugin.instantiate(options).value();
  }
  io::EventLoop loop;
  Log log;
  std::unique_ptr<ComponentInstance> instance;
};

TEST_F(Calculator, HasTypedFunctionsOfItsInterface) {
  auto math = calculator::math::Guest::find(*instance).value();
  EXPECT_EQ(math.sum(std::vector<double>{1, 2, 3.5}).value(), 6.5);
  EXPECT_EQ(math.sum({}).value(), 0);
  EXPECT_EQ(math.divide(1, 4).value().value(), 0.25);
  EXPECT_EQ(math.divide(1, 0).value().error(), calculator::math::Error::DivisionByZero);
  EXPECT_EQ(log.seen, "divided by zero");
  EXPECT_EQ(log.levels, std::vector{calculator::log::Level::Warning});
}

TEST_F(Calculator, HasTypedFunctionsOfItsWorld) {
  auto root = calculator::plugin::Guest::find(*instance).value();
  EXPECT_EQ(root.name().value(), "calculator");
}

TEST_F(Calculator, IsCalledOnTheLoopToo) {
  auto math = calculator::math::Guest::find(*instance).value();
  auto task = math.divide_async(6, 2);
  EXPECT_EQ(loop.block_on(std::move(task)).value().value(), 3);
}

TEST_F(Calculator, AHostErrorEndsTheInstance) {
  auto math = calculator::math::Guest::find(*instance).value();
  log.refuse = true;
  const auto refused = math.divide(1, 0);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Denied);
  EXPECT_EQ(refused.error().message(), "the log is full");
  EXPECT_FALSE(math.divide(1, 2).has_value());
}

TEST_F(Calculator, ArgumentsTooLargeForTheGuestAreItsTrap) {
  auto math = calculator::math::Guest::find(*instance).value();
  EXPECT_EQ(math.sum(std::vector<double>(100'000)).error().kind(), ErrorKind::Trap);
}

TEST_F(Calculator, AnotherInterfaceIsNotFound) {
  auto shapes = bindings::test::shapes_0_1::shapes::Guest::find(*instance);
  EXPECT_THAT(shapes.error().message(),
              HasSubstr("no function `echo-scalars` in `test:shapes/shapes@0.1.0`"));
}

TEST(GuestBindings, CompareTypesWhenFound) {
  constexpr std::string_view kText = R"((component
    (core module $m (func (export "f") (param f64 f64) (result f64) (local.get 0)))
    (core instance $i (instantiate $m))
    (func $f (param "a" f64) (param "b" f64) (result f64) (canon lift (core func $i "f")))
    (instance $math (export "divide" (func $f)))
    (export "demo:calculator/math" (instance $math))))";
  auto plugin = LoadedComponent::load(
      engine(), {reinterpret_cast<const uint8_t*>(kText.data()), kText.size()});
  auto instance = plugin.value().instantiate().value();
  EXPECT_EQ(calculator::math::Guest::find(*instance).error().message(),
            "exported function `divide` is func(a:f64,b:f64)->f64, expected "
            "func(a:f64,b:f64)->result<f64,enum{division-by-zero}>");
}

}  // namespace
}  // namespace spindle::component
