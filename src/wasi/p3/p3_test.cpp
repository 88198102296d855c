#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "wasi/p3/p3_fixture.h"

namespace spindle::wasi::p3 {
namespace {

using component::Future;
using component::Stream;

TEST_F(P3, BindsEveryInterfaceInItsPlace) {
  const State state(services_, guest_, instance_, gate_);
  std::set<std::string_view> names;
  for (size_t index = 0; index < kInterfaceCount; ++index) {
    const auto& interface = *interfaces()[index];
    EXPECT_TRUE(names.insert(interface.name).second) << interface.name;
    EXPECT_EQ(state.bindings()[index].interface, &interface) << interface.name;
    EXPECT_EQ(state.bindings()[index].implementation == nullptr, interface.functions.empty())
        << interface.name;
  }
  EXPECT_TRUE(names.contains("wasi:filesystem/types@0.3.0"));
}

TEST_F(P3, TheCandidateIsTheReleaseUnderAnotherName) {
  ASSERT_EQ(candidate_interfaces().size(), interfaces().size());
  for (size_t index = 0; index < kInterfaceCount; ++index) {
    const auto& release = *interfaces()[index];
    const auto& candidate = *candidate_interfaces()[index];
    EXPECT_TRUE(candidate.name.ends_with("@0.3.0-rc-2026-03-15")) << candidate.name;
    EXPECT_EQ(&release_of(candidate), &release);
    EXPECT_EQ(&release_of(release), &release);
    EXPECT_EQ(candidate.resources.data(), release.resources.data());
    ASSERT_EQ(candidate.functions.size(), release.functions.size());
    for (size_t i = 0; i < release.functions.size(); ++i) {
      EXPECT_EQ(candidate.functions[i].invoke, release.functions[i].invoke);
      EXPECT_EQ(candidate.functions[i].type.find("@0.3."),
                candidate.functions[i].type.find("@0.3.0-rc-2026-03-15."));
    }
  }
}

TEST_F(P3, TellsArgumentsAndVariablesAndNothingOfTheProcess) {
  guest_.arguments = {"one", "two"};
  guest_.variables = {{"NAME", "value"}};
  auto& environment = host<cli::environment::Host>(cli::environment::interface());
  EXPECT_EQ(environment.get_arguments().value(), guest_.arguments);
  const std::vector<std::tuple<std::string, std::string>> variables = {{"NAME", "value"}};
  EXPECT_EQ(environment.get_environment().value(), variables);
  EXPECT_EQ(environment.get_initial_cwd().value(), std::nullopt);
}

TEST_F(P3, AnExitIsATrapWithAStatus) {
  auto& exit = host<cli::exit::Host>(cli::exit::interface());
  const std::pair<std::function<Result<void>()>, uint8_t> cases[] = {
      {[&] { return exit.exit({}); }, 0},
      {[&] { return exit.exit(std::unexpected(std::monostate{})); }, 1},
      {[&] { return exit.exit_with_code(42); }, 42},
  };
  for (const auto& [call, code] : cases) {
    instance_.exit_status.reset();
    EXPECT_EQ(call().error().kind(), ErrorKind::Trap);
    EXPECT_EQ(instance_.exit_status->code, code);
  }
}

TEST_F(P3, StandardInputIsGivenFromTheBeginningEachTime) {
  guest_.standard_input = std::make_shared<const Bytes>(Bytes{'i', 'n', 'p', 'u', 't'});
  auto& stdin_host = host<cli::stdin::Host>(cli::stdin::interface());
  auto [first, first_end] = stdin_host.read_via_stream().value();
  auto [second, second_end] = stdin_host.read_via_stream().value();
  std::array<uint8_t, 2> buffer{};
  EXPECT_EQ(first.read(buffer).count, 2U);
  first = {};
  EXPECT_EQ(read_text(second, 2), "input");
  EXPECT_TRUE(settled(first_end).value().has_value());
  EXPECT_TRUE(settled(second_end).value().has_value());
}

TEST_F(P3, StandardInputThatIsNotThereEndsAtOnce) {
  auto [stream, end] = host<cli::stdin::Host>(cli::stdin::interface()).read_via_stream().value();
  EXPECT_EQ(read_text(stream), "");
  EXPECT_TRUE(settled(end).value().has_value());
}

TEST_F(P3, OutputOfSeveralStreamsGoesOutAsItIsWritten) {
  auto output = std::make_shared<MemorySink>();
  auto errors = std::make_shared<MemorySink>();
  guest_.standard_output = output;
  guest_.standard_error = errors;
  auto& out = host<cli::stdout::Host>(cli::stdout::interface());
  auto& err = host<cli::stderr::Host>(cli::stderr::interface());
  auto first = std::make_shared<ByteFeed>(loop_);
  auto second = std::make_shared<ByteFeed>(loop_);
  auto third = std::make_shared<ByteFeed>(loop_);
  using How = ScriptedBytes::How;
  auto first_end = out.write_via_stream(ScriptedBytes::stream(first, How::View)).value();
  auto second_end = out.write_via_stream(ScriptedBytes::stream(second, How::Copy)).value();
  auto third_end = err.write_via_stream(ScriptedBytes::stream(third, How::View)).value();
  first->write("a\n");
  loop_.poll();
  second->write("b\n");
  third->write("oh\n");
  loop_.poll();
  first->write("c\n");
  loop_.poll();
  EXPECT_EQ(output->text(), "a\nb\nc\n");
  EXPECT_EQ(errors->text(), "oh\n");
  EXPECT_FALSE(settled(first_end).has_value());
  first->close();
  EXPECT_TRUE(settled(first_end).value().has_value());
  EXPECT_FALSE(settled(second_end).has_value());
  EXPECT_EQ(instance_.background.size(), 2U);
}

TEST_F(P3, OutputGoesOnWhenNobodyWantsToKnowHowItEnds) {
  auto output = std::make_shared<MemorySink>();
  guest_.standard_output = output;
  auto feed = std::make_shared<ByteFeed>(loop_);
  host<cli::stdout::Host>(cli::stdout::interface())
      .write_via_stream(ScriptedBytes::stream(feed, ScriptedBytes::How::View))
      .value() = {};
  loop_.poll();
  feed->write("text");
  feed->close();
  loop_.poll();
  EXPECT_EQ(output->text(), "text");
  EXPECT_EQ(instance_.background.size(), 0U);
}

TEST_F(P3, AnInstanceThatGoesLetsGoOfItsOutput) {
  auto feed = std::make_shared<ByteFeed>(loop_);
  auto sink = std::make_shared<MemorySink>();
  guest_.standard_output = sink;
  {
    InstanceState instance(loop_, guest_);
    const State state(services_, guest_, instance, gate_);
    StdoutHost out(loop_, guest_, instance);
    auto end = out.write_via_stream(ScriptedBytes::stream(feed, ScriptedBytes::How::View));
    loop_.poll();
    EXPECT_FALSE(feed->is_dropped());
  }
  loop_.poll();
  EXPECT_TRUE(feed->is_dropped());
  guest_.standard_output = std::make_shared<DiscardingSink>();
  EXPECT_EQ(sink.use_count(), 1);
}

TEST_F(P3, ThereIsNeverATerminal) {
  EXPECT_EQ(host<cli::terminal_stdin::Host>(cli::terminal_stdin::interface())
                .get_terminal_stdin()
                .value(),
            std::nullopt);
  EXPECT_EQ(host<cli::terminal_stdout::Host>(cli::terminal_stdout::interface())
                .get_terminal_stdout()
                .value(),
            std::nullopt);
  EXPECT_EQ(host<cli::terminal_stderr::Host>(cli::terminal_stderr::interface())
                .get_terminal_stderr()
                .value(),
            std::nullopt);
}

TEST_F(P3, TellsTheTime) {
  auto& system = host<system_clock::Host>(system_clock::interface());
  EXPECT_EQ(system.now().value(), (system_clock::Instant{-5, 6}));
  EXPECT_EQ(system.get_resolution().value(), 1U);
  clocks_.advance(7);
  auto& monotonic = host<monotonic_clock::Host>(monotonic_clock::interface());
  EXPECT_EQ(monotonic.now().value(), 7U);
  EXPECT_EQ(monotonic.get_resolution().value(), 1U);
}

TEST_F(P3, WaitsForTimeAndMayBeCanceled) {
  auto& clock = host<monotonic_clock::Host>(monotonic_clock::interface());
  std::vector<std::optional<Result<void>>> outcomes(4);
  io::BackgroundTasks tasks(loop_);
  auto start = [&](io::Eventual<void> eventual, size_t index) {
    tasks.spawn(io::store_value(io::Eventual<void>::wait(std::move(eventual)), outcomes[index]));
  };
  start(clock.wait_until(10), 0);
  start(clock.wait_for(20), 1);
  start(clock.wait_for(~uint64_t{0}), 2);
  start(clock.wait_until(0), 3);
  loop_.poll();
  EXPECT_TRUE(outcomes[3].has_value());
  EXPECT_FALSE(outcomes[0].has_value());
  clocks_.advance(10);
  loop_.poll();
  EXPECT_TRUE(outcomes[0].has_value());
  EXPECT_FALSE(outcomes[1].has_value());
  clocks_.advance(10);
  loop_.poll();
  EXPECT_TRUE(outcomes[1].has_value());
  EXPECT_EQ(tasks.size(), 1U);
  tasks.cancel();
  loop_.poll();
  EXPECT_EQ(tasks.size(), 0U);
  EXPECT_EQ(clocks_.timer_count(), 0U);
  EXPECT_FALSE(outcomes[2].has_value());
}

TEST_F(P3, GivesRandomBytes) {
  namespace random = bindings::wasi::random_0_3;
  auto& secure = host<random::random::Host>(random::random::interface());
  auto& insecure = host<random::insecure::Host>(random::insecure::interface());
  auto& seed = host<random::insecure_seed::Host>(random::insecure_seed::interface());
  EXPECT_EQ(secure.get_random_bytes(0).value().size(), 0U);
  EXPECT_EQ(secure.get_random_bytes(33).value().size(), 33U);
  EXPECT_EQ(secure.get_random_bytes(~uint64_t{0}).value().size(), kRandomBytesMax);
  EXPECT_EQ(insecure.get_insecure_random_bytes(33).value().size(), 33U);
  EXPECT_NE(secure.get_random_u64().value(), secure.get_random_u64().value());
  EXPECT_NE(insecure.get_insecure_random_u64().value(), secure.get_random_u64().value());
  EXPECT_NE(seed.get_insecure_seed().value(), seed.get_insecure_seed().value());
}

TEST_F(P3, RefusesSocketsAndNamesWithoutAGate) {
  using sockets::types::ErrorCode;
  using sockets::types::IpAddressFamily;
  auto& types = host<sockets::types::Host>(sockets::types::interface());
  auto tcp = types.tcp_socket_create(IpAddressFamily::Ipv4).value();
  ASSERT_FALSE(tcp.has_value());
  EXPECT_EQ(tcp.error(), (ErrorCode{ErrorCode::AccessDenied{}}));
  auto udp = types.udp_socket_create(IpAddressFamily::Ipv6).value();
  ASSERT_FALSE(udp.has_value());
  EXPECT_EQ(udp.error(), (ErrorCode{ErrorCode::AccessDenied{}}));
  auto& lookup = host<sockets::ip_name_lookup::Host>(sockets::ip_name_lookup::interface());
  using LookupError = sockets::ip_name_lookup::ErrorCode;
  EXPECT_EQ(now(lookup.resolve_addresses("example.com")).error(),
            (LookupError{LookupError::AccessDenied{}}));
}

}  // namespace
}  // namespace spindle::wasi::p3
