#include "host/variables/variables.h"

#include <gtest/gtest.h>

namespace spindle::host {
namespace {

// Knows `host`, fails for `broken`, and has to wait for `slow`.
class FakeProvider final : public app::VariableProvider {
 public:
  explicit FakeProvider(const std::string& host) : host_(host) {}
  Result<app::Lookup> get(std::string_view variable) const override {
    if (variable == "host") return app::Lookup(host_);
    if (variable == "broken") return Error::unavailable("vault is down");
    if (variable == "slow") return app::Lookup(app::Pending{});
    return app::Lookup(app::Absent{});
  }
  bool may_provide(std::string_view) const override { return true; }

 private:
  const std::string& host_;
};

// The component `cart` has the variables `names`, each the application's variable of that name.
struct Fixture {
  explicit Fixture(std::initializer_list<std::string_view> names) : resolver(make(names)) {}

  app::Resolver make(std::initializer_list<std::string_view> names) {
    app::LockedApp app;
    app::LockedComponent cart;
    cart.id = "cart";
    for (std::string_view name : names) {
      app.variables.push_back({std::string(name), {}, {}, false});
      cart.variables.emplace(name, fmt::format("{{{{ {} }}}}", name));
    }
    app.variables.push_back({"hidden", {}, "application only", false});
    app.components.push_back(cart);
    app::VariableProviders providers;
    providers.push_back(std::make_unique<FakeProvider>(host));
    return app::Resolver::create(app, std::move(providers)).value();
  }

  std::string host = "example.com";
  app::Resolver resolver;
  ComponentVariables component{&resolver, "cart"};
  std::expected<std::string, SpinVariablesV3::Failure> get_v3(std::string_view name) {
    return spin_v3.get(name).take_ready().value();
  }

  io::EventLoop loop;
  wasi::SystemClocks clocks{loop};
  wasi::SystemRandom random;
  wasi::Services services{loop, clocks, random};
  SpinVariables spin{component, services};
  SpinVariablesV3 spin_v3{component, services};
  SpinConfigV1 config{component, services};
  WasiConfig wasi{component, services};
};

TEST(Variables, AreLookedUpForEachCall) {
  Fixture f({"host"});
  EXPECT_EQ(f.spin.get("host").take_ready()->value(), "example.com");
  EXPECT_EQ(f.get_v3("host"), "example.com");
  EXPECT_EQ(f.config.get_config("host").take_ready()->value(), "example.com");
  EXPECT_EQ(f.wasi.get("host").take_ready()->value(), "example.com");
  f.host = "moved.example.com";
  EXPECT_EQ(f.spin.get("host").take_ready()->value(), "moved.example.com");
  EXPECT_EQ(f.wasi.get_all().take_ready()->value(),
            (WasiConfig::Entries{{"host", "moved.example.com"}}));
}

// The case's name of an error, by its position.
TEST(Variables, FailAsEachInterfaceSays) {
  Fixture f({"host", "broken", "slow", "missing"});
  using Spin = SpinVariables::Failure;
  using Config = SpinConfigV1::Failure;
  using Wasi = WasiConfig::Failure;
  auto check = [&](std::string_view name, size_t spin, size_t config, std::optional<size_t> wasi) {
    EXPECT_EQ(f.spin.get(name).take_ready()->error().value.index(), spin) << name;
    EXPECT_EQ(f.get_v3(name).error().value.index(), spin) << name;
    EXPECT_EQ(f.config.get_config(name).take_ready()->error().value.index(), config) << name;
    auto got = f.wasi.get(name).take_ready().value();
    EXPECT_EQ(got.has_value(), !wasi.has_value()) << name;
    if (wasi && !got) EXPECT_EQ(got.error().value.index(), *wasi) << name;
    if (!wasi && got) EXPECT_EQ(*got, std::nullopt) << name;
  };
  constexpr size_t kInvalidName = 0, kUndefined = 1, kProvider = 2, kOther = 3;
  constexpr size_t kConfigProvider = 0, kConfigInvalidKey = 1, kConfigOther = 3;
  constexpr size_t kUpstream = 0, kIo = 1;
  for (const char* invalid : {"", "Host", "a__b", "a-b"}) {
    check(invalid, kInvalidName, kConfigInvalidKey, std::nullopt);
  }
  check("hidden", kUndefined, kConfigProvider, std::nullopt);
  check("broken", kProvider, kConfigOther, kUpstream);
  check("missing", kProvider, kConfigOther, kUpstream);
  check("slow", kOther, kConfigOther, kIo);
  // The positions mean these names.
  EXPECT_EQ(Spin{Spin::Provider{}}.value.index(), kProvider);
  EXPECT_EQ(Spin{Spin::Other{}}.value.index(), kOther);
  EXPECT_EQ(Config{Config::InvalidKey{}}.value.index(), kConfigInvalidKey);
  EXPECT_EQ(Wasi{Wasi::Io{}}.value.index(), kIo);
}

TEST(Variables, SayWhatFailed) {
  Fixture f({"broken"});
  auto failure = f.spin.get("broken").take_ready()->error();
  EXPECT_EQ(std::get<SpinVariables::Failure::Provider>(failure.value).value, "vault is down");
  failure = f.spin.get("hidden").take_ready()->error();
  EXPECT_EQ(std::get<SpinVariables::Failure::Undefined>(failure.value).value,
            "no variable for \"cart\".\"hidden\"");
  EXPECT_EQ(std::get<SpinVariablesV3::Failure::Provider>(f.get_v3("broken").error().value).value,
            "vault is down");
}

TEST(Variables, AreNotListedInPart) {
  Fixture f({"host", "broken"});
  auto all = f.wasi.get_all().take_ready().value();
  ASSERT_FALSE(all.has_value());
  EXPECT_EQ(all.error(), WasiConfig::Failure{WasiConfig::Failure::Upstream{"vault is down"}});
}

}  // namespace
}  // namespace spindle::host
