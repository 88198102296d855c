#pragma once

// wasi:cli@0.3: environment, exit, types, stdin, stdout, stderr, terminal-*. `run` is an export.
//
// Works:   arguments and environment as configured, nothing is inherited from the process; standard
//          output and error go to the component's log as they are written, also from several
//          streams at a time; exit and exit-with-code end the instance.
// Differs: there is no initial directory and never a terminal. Each stream of standard input begins
//          at the beginning. A log that fails is the log's own business: the guest is told success.
//          An exit reaches the runtime as a trap, with its status in the InstanceState.

#include "bindings/wasi/cli_0_3/environment.h"
#include "bindings/wasi/cli_0_3/exit.h"
#include "bindings/wasi/cli_0_3/stderr.h"
#include "bindings/wasi/cli_0_3/stdin.h"
#include "bindings/wasi/cli_0_3/stdout.h"
#include "bindings/wasi/cli_0_3/terminal_stderr.h"
#include "bindings/wasi/cli_0_3/terminal_stdin.h"
#include "bindings/wasi/cli_0_3/terminal_stdout.h"
#include "wasi/core/instance_state.h"
#include "wasi/p3/cli/terminal.h"

namespace spindle::wasi::p3 {

namespace cli = bindings::wasi::cli_0_3;

using CliOutcome = std::expected<void, cli::types::ErrorCode>;

class EnvironmentHost final : public cli::environment::Host {
 public:
  explicit EnvironmentHost(const GuestEnvironment& guest) : guest_(guest) {}
  Result<std::vector<std::tuple<std::string, std::string>>> get_environment() override;
  Result<std::vector<std::string>> get_arguments() override { return guest_.arguments; }
  Result<std::optional<std::string>> get_initial_cwd() override {
    return std::optional<std::string>();
  }

 private:
  const GuestEnvironment& guest_;
};

class ExitHost final : public cli::exit::Host {
 public:
  explicit ExitHost(InstanceState& instance) : instance_(instance) {}
  Result<void> exit(const std::expected<void, std::monostate>& status) override;
  Result<void> exit_with_code(uint8_t status_code) override { return instance_.exit(status_code); }

 private:
  InstanceState& instance_;
};

class StdinHost final : public cli::stdin::Host {
 public:
  explicit StdinHost(const GuestEnvironment& guest) : guest_(guest) {}
  Result<std::tuple<component::Stream<uint8_t>, component::Future<CliOutcome>>> read_via_stream()
      override;

 private:
  const GuestEnvironment& guest_;
};

class StdoutHost final : public cli::stdout::Host {
 public:
  StdoutHost(io::EventLoop& loop, const GuestEnvironment& guest, InstanceState& instance)
      : loop_(loop), guest_(guest), instance_(instance) {}
  Result<component::Future<CliOutcome>> write_via_stream(component::Stream<uint8_t> data) override;

 private:
  io::EventLoop& loop_;
  const GuestEnvironment& guest_;
  InstanceState& instance_;
};

class StderrHost final : public cli::stderr::Host {
 public:
  StderrHost(io::EventLoop& loop, const GuestEnvironment& guest, InstanceState& instance)
      : loop_(loop), guest_(guest), instance_(instance) {}
  Result<component::Future<CliOutcome>> write_via_stream(component::Stream<uint8_t> data) override;

 private:
  io::EventLoop& loop_;
  const GuestEnvironment& guest_;
  InstanceState& instance_;
};

class TerminalStdinHost final : public cli::terminal_stdin::Host {
 public:
  using Terminal = std::unique_ptr<TerminalInput>;
  Result<std::optional<Terminal>> get_terminal_stdin() override {
    return std::optional<Terminal>();
  }
};

class TerminalStdoutHost final : public cli::terminal_stdout::Host {
 public:
  using Terminal = std::unique_ptr<TerminalOutput>;
  Result<std::optional<Terminal>> get_terminal_stdout() override {
    return std::optional<Terminal>();
  }
};

class TerminalStderrHost final : public cli::terminal_stderr::Host {
 public:
  using Terminal = std::unique_ptr<TerminalOutput>;
  Result<std::optional<Terminal>> get_terminal_stderr() override {
    return std::optional<Terminal>();
  }
};

}  // namespace spindle::wasi::p3
