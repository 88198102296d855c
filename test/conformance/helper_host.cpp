#include "helper_host.h"

#include <array>

#include "component/abi/typed.h"
#include "component/host/host_function.h"
#include "wasm/module.h"

namespace spindle::conformance {

struct Resource1 final : component::HostResource {
  Resource1(HelperState& owner, uint32_t number) : state(owner), rep(number) {}
  ~Resource1() override {
    ++state.drops;
    state.last_drop = rep;
  }
  HelperState& state;
  uint32_t rep;
};
struct Resource2 final : component::HostResource {};

}  // namespace spindle::conformance

namespace spindle::component {

template <>
struct ResourceName<conformance::Resource1> {
  static constexpr std::string_view kValue = "resource1";
};
template <>
struct ResourceName<conformance::Resource2> {
  static constexpr std::string_view kValue = "resource2";
};

}  // namespace spindle::component

namespace spindle::conformance {

struct HelperHost::Impl {
  explicit Impl(io::EventLoop& its_loop) : loop(its_loop), never(its_loop) {}

  io::Eventual<uint32_t> echo_u32(uint32_t value) { return value; }
  io::Eventual<uint32_t> echo_slowly(uint32_t value) { return later(value); }
  io::Eventual<int32_t> return_two_slowly() { return later(int32_t{2}); }
  io::Eventual<void> never_return() { return wait_for_ever(); }
  io::Eventual<void> method_never_return(Resource1&) { return wait_for_ever(); }

  // After others have had some turns.
  template <typename T>
  io::Task<Result<T>> later(T value) {
    for (int i = 0; i < 5; ++i) {
      auto turn = io::yield(loop);
      co_await std::move(turn);
    }
    co_return value;
  }
  io::Task<Result<void>> wait_for_ever() {
    auto waiting = never.wait();
    co_await std::move(waiting);
    co_return Result<void>();
  }

  Result<uint32_t> return_two() { return 2U; }
  Result<uint32_t> return_three() { return 3U; }
  Result<uint32_t> return_four() { return 4U; }
  Result<std::string> return_hi() { return std::string("hi"); }
  Result<std::unique_ptr<Resource1>> make(uint32_t rep) {
    return std::make_unique<Resource1>(state, rep);
  }
  Result<void> assert_rep(std::unique_ptr<Resource1> resource, uint32_t rep) {
    return check(resource->rep, rep);
  }
  Result<uint32_t> last_drop() { return state.last_drop; }
  Result<uint32_t> drops() { return state.drops; }
  Result<void> simple(Resource1& self, uint32_t rep) { return check(self.rep, rep); }
  Result<void> take_borrow(Resource1&, Resource1&) { return {}; }
  Result<void> take_own(Resource1&, std::unique_ptr<Resource1>) { return {}; }
  Result<void> nothing() { return {}; }
  Result<void> set_capacity(uint32_t) { return {}; }

  static Result<void> check(uint32_t found, uint32_t expected) {
    if (found != expected) return Error::internal("the resource has another representation");
    return {};
  }

  io::EventLoop& loop;
  io::Event never;
  HelperState state;
};

namespace {

using component::host_function;
using component::HostFunction;
using component::HostInterface;
using component::HostResourceExport;
using component::kResourceType;

}  // namespace

// A member's tables: HelperHost::Impl is private.
struct HelperTables {
  template <typename Impl>
  static void add(component::HostRegistry& registry) {
    static constexpr std::array kRoot{
        host_function<&Impl::echo_u32>("host-echo-u32", "async func(u32)->u32"),
        host_function<&Impl::return_two>("host-return-two", "func()->u32")};
    static constexpr std::array kHost{
        host_function<&Impl::return_three>("return-three", "func()->u32"),
        host_function<&Impl::return_hi>("return-hi", "func()->string"),
        host_function<&Impl::echo_slowly>("echo-slowly", "async func(u32)->u32"),
        host_function<&Impl::return_two_slowly>("return-two-slowly", "async func()->s32"),
        host_function<&Impl::never_return>("never-return", "async func()"),
        host_function<&Impl::method_never_return>("[method]resource1.never-return",
                                                  "async func(borrow<resource1>)"),
        host_function<&Impl::make>("[constructor]resource1", "func(u32)->own<resource1>"),
        host_function<&Impl::assert_rep>("[static]resource1.assert", "func(own<resource1>,u32)"),
        host_function<&Impl::last_drop>("[static]resource1.last-drop", "func()->u32"),
        host_function<&Impl::drops>("[static]resource1.drops", "func()->u32"),
        host_function<&Impl::simple>("[method]resource1.simple", "func(borrow<resource1>,u32)"),
        host_function<&Impl::take_borrow>("[method]resource1.take-borrow",
                                          "func(borrow<resource1>,borrow<resource1>)"),
        host_function<&Impl::take_own>("[method]resource1.take-own",
                                       "func(borrow<resource1>,own<resource1>)")};
    static constexpr std::array kNested{
        host_function<&Impl::return_four>("return-four", "func()->u32")};
    static constexpr std::array kWasmtime{
        host_function<&Impl::set_capacity>("set-max-table-capacity", "func(u32)"),
        host_function<&Impl::nothing>("gc", "func()")};
    static constexpr std::array kResources{
        HostResourceExport{"resource1", &kResourceType<Resource1>},
        HostResourceExport{"resource2", &kResourceType<Resource2>},
        HostResourceExport{"resource1-again", &kResourceType<Resource1>}};
    static constexpr HostInterface kInterfaces[] = {{"", kRoot, {}},
                                                    {"host", kHost, kResources},
                                                    {"host/nested", kNested, {}},
                                                    {"wasmtime", kWasmtime, {}}};
    for (const HostInterface& interface : kInterfaces) registry.add(interface);
  }
};

HelperHost::HelperHost(io::EventLoop& loop) : impl_(std::make_unique<Impl>(loop)) {}
HelperHost::~HelperHost() = default;
void* HelperHost::implementation() {
  return impl_.get();
}

void add_helpers(component::HostRegistry& registry) {
  HelperHost::register_interfaces(registry);
  constexpr std::string_view kSimpleModule = R"((module
    (global (export "g") i32 i32.const 100)
    (func (export "f") (result i32) i32.const 101)))";
  registry.add(component::HostModule{"host/simple-module", wasm::wat2wasm(kSimpleModule).value()});
}

void HelperHost::register_interfaces(component::HostRegistry& registry) {
  HelperTables::add<Impl>(registry);
}

}  // namespace spindle::conformance
