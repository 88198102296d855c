#pragma once

// wasi:cli@0.2: environment, exit, stdin, stdout, stderr, terminal-*.
//
// Works:   arguments and environment as configured, nothing is inherited from the process; standard
//          output and error go to the component's log; exit and exit-with-code end the instance.
// Differs: there is no initial directory and never a terminal. An exit reaches the runtime as a
//          trap, with its status in the instance's state.

#include "bindings/wasi/cli_0_2/environment.h"
#include "bindings/wasi/cli_0_2/exit.h"
#include "bindings/wasi/cli_0_2/stderr.h"
#include "bindings/wasi/cli_0_2/stdin.h"
#include "bindings/wasi/cli_0_2/stdout.h"
#include "bindings/wasi/cli_0_2/terminal_stderr.h"
#include "bindings/wasi/cli_0_2/terminal_stdin.h"
#include "bindings/wasi/cli_0_2/terminal_stdout.h"
#include "wasi/core/instance_state.h"
#include "wasi/core/terminal.h"

namespace spindle::wasi::p2 {

namespace cli = bindings::wasi::cli_0_2;

class EnvironmentHost final : public cli::environment::Host {
 public:
  explicit EnvironmentHost(const GuestEnvironment& guest) : guest_(guest) {}
  Result<std::vector<std::tuple<std::string, std::string>>> get_environment() override;
  Result<std::vector<std::string>> get_arguments() override { return guest_.arguments; }
  Result<std::optional<std::string>> initial_cwd() override { return std::optional<std::string>(); }

 private:
  const GuestEnvironment& guest_;
};

class ExitHost final : public cli::exit::Host {
 public:
  explicit ExitHost(InstanceState& instance) : instance_(instance) {}
  Result<void> exit(const std::expected<void, std::monostate>& status) override;
  Result<void> exit_with_code(uint8_t status_code) override;

 private:
  InstanceState& instance_;
};

class StdinHost final : public cli::stdin::Host {
 public:
  StdinHost(io::EventLoop& loop, const GuestEnvironment& guest) : loop_(loop), guest_(guest) {}
  Result<std::unique_ptr<InputStream>> get_stdin() override;

 private:
  io::EventLoop& loop_;
  const GuestEnvironment& guest_;
};

class StdoutHost final : public cli::stdout::Host {
 public:
  StdoutHost(io::EventLoop& loop, const GuestEnvironment& guest) : loop_(loop), guest_(guest) {}
  Result<std::unique_ptr<OutputStream>> get_stdout() override;

 private:
  io::EventLoop& loop_;
  const GuestEnvironment& guest_;
};

class StderrHost final : public cli::stderr::Host {
 public:
  StderrHost(io::EventLoop& loop, const GuestEnvironment& guest) : loop_(loop), guest_(guest) {}
  Result<std::unique_ptr<OutputStream>> get_stderr() override;

 private:
  io::EventLoop& loop_;
  const GuestEnvironment& guest_;
};

class TerminalStdinHost final : public cli::terminal_stdin::Host {
 public:
  Result<std::optional<std::unique_ptr<TerminalInput>>> get_terminal_stdin() override {
    return std::optional<std::unique_ptr<TerminalInput>>();
  }
};

class TerminalStdoutHost final : public cli::terminal_stdout::Host {
 public:
  Result<std::optional<std::unique_ptr<TerminalOutput>>> get_terminal_stdout() override {
    return std::optional<std::unique_ptr<TerminalOutput>>();
  }
};

class TerminalStderrHost final : public cli::terminal_stderr::Host {
 public:
  Result<std::optional<std::unique_ptr<TerminalOutput>>> get_terminal_stderr() override {
    return std::optional<std::unique_ptr<TerminalOutput>>();
  }
};

}  // namespace spindle::wasi::p2
