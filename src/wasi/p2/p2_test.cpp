#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/testing.h"
#include "io/event_loop.h"
#include "wasi/p2/registry.h"

namespace spindle::wasi::p2 {
namespace {

std::span<const uint8_t> view_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class P2 : public testing::Test {
 protected:
  template <typename Host>
  Host& host(const State& state, const component::HostInterface& interface) {
    for (const auto& binding : state.bindings()) {
      if (binding.interface == &interface) return *static_cast<Host*>(binding.implementation);
    }
    ADD_FAILURE() << "no binding for " << interface.name;
    std::abort();
  }

  io::EventLoop loop_;
  ManualClocks clocks_{{.seconds = 5, .nanoseconds = 6}};
  SeededRandom random_{1};
  Services services_{loop_, clocks_, random_};
  GuestEnvironment guest_;
  InstanceState instance_{loop_, guest_};
};

TEST_F(P2, BindsEveryInterfaceInItsPlace) {
  State state(services_, guest_, instance_);
  std::set<std::string_view> names;
  for (size_t index = 0; index < kInterfaceCount; ++index) {
    const auto& interface = *interfaces()[index];
    EXPECT_TRUE(names.insert(interface.name).second) << interface.name;
    EXPECT_EQ(state.bindings()[index].interface, &interface) << interface.name;
    EXPECT_EQ(state.bindings()[index].implementation == nullptr, interface.functions.empty())
        << interface.name;
  }
  EXPECT_TRUE(names.contains("wasi:io/streams@0.2.12"));
}

TEST_F(P2, TellsArgumentsAndVariablesAndNothingOfTheProcess) {
  guest_.arguments = {"one", "two"};
  guest_.variables = {{"NAME", "value"}};
  State state(services_, guest_, instance_);
  auto& environment = host<cli::environment::Host>(state, cli::environment::interface());
  EXPECT_EQ(environment.get_arguments().value(), guest_.arguments);
  const std::vector<std::tuple<std::string, std::string>> variables = {{"NAME", "value"}};
  EXPECT_EQ(environment.get_environment().value(), variables);
  EXPECT_EQ(environment.initial_cwd().value(), std::nullopt);
}

TEST_F(P2, AnExitIsATrapWithAStatus) {
  const std::pair<std::function<Result<void>(cli::exit::Host&)>, uint8_t> cases[] = {
      {[](auto& exit) { return exit.exit({}); }, 0},
      {[](auto& exit) { return exit.exit(std::unexpected(std::monostate{})); }, 1},
      {[](auto& exit) { return exit.exit_with_code(42); }, 42},
  };
  for (const auto& [call, code] : cases) {
    InstanceState instance(loop_, guest_);
    State state(services_, guest_, instance);
    EXPECT_FALSE(instance.exit_status.has_value());
    auto ended = call(host<cli::exit::Host>(state, cli::exit::interface()));
    EXPECT_EQ(ended.error().kind(), ErrorKind::Trap);
    EXPECT_EQ(instance.exit_status->code, code);
  }
}

TEST_F(P2, StandardStreamsGoWhereTheEnvironmentSays) {
  auto output = std::make_shared<MemorySink>();
  auto errors = std::make_shared<MemorySink>();
  guest_.standard_output = output;
  guest_.standard_error = errors;
  guest_.standard_input = std::make_shared<const Bytes>(Bytes{'i', 'n'});
  State state(services_, guest_, instance_);
  auto& stream_host = host<streams::Host>(state, streams::interface());
  auto out = host<cli::stdout::Host>(state, cli::stdout::interface()).get_stdout().value();
  auto err = host<cli::stderr::Host>(state, cli::stderr::interface()).get_stderr().value();
  auto in = host<cli::stdin::Host>(state, cli::stdin::interface()).get_stdin().value();
  auto writing = stream_host.output_stream_blocking_write_and_flush(*out, view_of("out"));
  EXPECT_TRUE(writing.is_ready());
  EXPECT_TRUE(stream_host.output_stream_write(*err, view_of("err")).value().has_value());
  EXPECT_EQ(output->text(), "out");
  EXPECT_EQ(errors->text(), "err");
  EXPECT_EQ(stream_host.input_stream_read(*in, 10).value().value(), (Bytes{'i', 'n'}));
  auto end = stream_host.input_stream_read(*in, 10).value();
  EXPECT_TRUE(std::holds_alternative<streams::StreamError::Closed>(end.error().value));
  auto& terminal = host<cli::terminal_stdout::Host>(state, cli::terminal_stdout::interface());
  EXPECT_EQ(terminal.get_terminal_stdout().value(), std::nullopt);
}

TEST_F(P2, ReadsAFileFromAMountAndNamesItsErrors) {
  TempDirectory assets;
  assets.write("page", "hello");
  guest_.mounts.push_back(Mount::create(assets.path(), "/", Access::ReadOnly).value());
  State state(services_, guest_, instance_);
  auto& preopen = host<preopens::Host>(state, preopens::interface());
  auto directories = preopen.get_directories().value();
  ASSERT_EQ(directories.size(), 1U);
  EXPECT_EQ(std::get<1>(directories[0]), "/");
  auto& root = *std::get<0>(directories[0]);
  auto& files = host<filesystem::Host>(state, filesystem::interface());
  auto page = files.descriptor_open_at(root, {}, "page", {}, {.read = true}).value();
  ASSERT_TRUE(page.has_value());
  auto stat = files.descriptor_stat(**page).value().value();
  EXPECT_EQ(stat.type, filesystem::DescriptorType::RegularFile);
  EXPECT_EQ(stat.size, 5U);
  auto read = files.descriptor_read(**page, 100, 1).value().value();
  EXPECT_EQ(std::get<0>(read), (Bytes{'e', 'l', 'l', 'o'}));
  EXPECT_EQ(files.descriptor_open_at(root, {}, "../x", {}, {}).value().error(),
            filesystem::ErrorCode::NotPermitted);
  EXPECT_EQ(files.descriptor_write(**page, view_of("x"), 0).value().error(),
            filesystem::ErrorCode::NotPermitted);
  EXPECT_EQ(files.descriptor_get_flags(root).value().value(),
            (filesystem::DescriptorFlags{.read = true}));
}

TEST_F(P2, AFailedStreamCarriesTheCodeOfTheFile) {
  State state(services_, guest_, instance_);
  auto& files = host<filesystem::Host>(state, filesystem::interface());
  FileIoError full("the disk is full", FileErrorCode::InsufficientSpace);
  IoError other("the cable was cut");
  EXPECT_EQ(files.filesystem_error_code(full).value(), filesystem::ErrorCode::InsufficientSpace);
  EXPECT_EQ(files.filesystem_error_code(other).value(), std::nullopt);
  auto worded = to_stream_error({std::make_unique<FileIoError>("full", FileErrorCode::Quota)});
  auto* failed = std::get_if<streams::StreamError::LastOperationFailed>(&worded.value);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(files.filesystem_error_code(*failed->value).value(), filesystem::ErrorCode::Quota);
}

TEST_F(P2, PollsClocks) {
  State state(services_, guest_, instance_);
  auto& wall = host<wall_clock::Host>(state, wall_clock::interface());
  EXPECT_EQ(wall.now().value(), (wall_clock::Datetime{5, 6}));
  auto& clock = host<monotonic_clock::Host>(state, monotonic_clock::interface());
  auto timer = clock.subscribe_duration(100).value();
  auto& polling = host<poll::Host>(state, poll::interface());
  EXPECT_FALSE(polling.pollable_ready(*timer).value());
  std::vector<Pollable*> list = {timer.get()};
  auto polled = polling.poll(list);
  loop_.post([&] { clocks_.advance(100); });
  auto wait = io::Eventual<std::vector<uint32_t>>::wait(std::move(polled));
  EXPECT_EQ(loop_.block_on(std::move(wait)).value(), std::vector<uint32_t>{0});
  EXPECT_EQ(clock.now().value(), 100U);
}

TEST_F(P2, RefusesSocketsAndNamesWithoutAGate) {
  State state(services_, guest_, instance_);
  using sockets::network::ErrorCode;
  using sockets::network::IpAddressFamily;
  auto& tcp =
      host<sockets::tcp_create_socket::Host>(state, sockets::tcp_create_socket::interface());
  EXPECT_EQ(tcp.create_tcp_socket(IpAddressFamily::Ipv4).value().error(), ErrorCode::AccessDenied);
  auto& udp =
      host<sockets::udp_create_socket::Host>(state, sockets::udp_create_socket::interface());
  EXPECT_EQ(udp.create_udp_socket(IpAddressFamily::Ipv6).value().error(), ErrorCode::AccessDenied);
  auto& instance =
      host<sockets::instance_network::Host>(state, sockets::instance_network::interface());
  auto network = instance.instance_network().value();
  auto& names = host<sockets::ip_name_lookup::Host>(state, sockets::ip_name_lookup::interface());
  EXPECT_EQ(names.resolve_addresses(*network, "example.com").value().error(),
            ErrorCode::AccessDenied);
}

}  // namespace
}  // namespace spindle::wasi::p2
