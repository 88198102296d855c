// The program: parses the command line and runs the command. The one place that turns a failure
// into an exit code.

#include <fmt/core.h>

#include <exception>
#include <string>
#include <variant>
#include <vector>

#include "cli/build_command.h"
#include "cli/command_line.h"
#include "cli/component_command.h"
#include "cli/new_command.h"
#include "cli/templates_command.h"
#include "cli/terminal.h"
#include "cli/test_command.h"
#include "cli/up.h"
#include "cli/watch_command.h"

namespace {

// The exit code.
spindle::Result<int> run_command(const spindle::cli::CommandLine& command) {
  using namespace spindle::cli;
  if (const auto* component = std::get_if<ComponentOptions>(&command)) {
    return run_component(*component);
  }
  if (const auto* build = std::get_if<BuildOptions>(&command)) {
    TRY(run_build_command(*build));
    return 0;
  }
  if (const auto* test = std::get_if<TestOptions>(&command)) return run_test_command(*test);
  if (const auto* doctor = std::get_if<DoctorOptions>(&command)) {
    return run_doctor_command(*doctor);
  }
  if (const auto* bindgen = std::get_if<BindgenOptions>(&command)) return run_bindgen(*bindgen);
  if (const auto* watch = std::get_if<WatchOptions>(&command)) {
    TRY(run_watch_command(*watch));
    return 0;
  }
  if (const auto* create = std::get_if<NewOptions>(&command)) {
    TRY(run_new_command(*create));
    return 0;
  }
  if (const auto* templates = std::get_if<TemplatesOptions>(&command)) {
    TRY(run_templates_command(*templates));
    return 0;
  }
  TRY(run_up(std::get<UpOptions>(command)));
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  using namespace spindle::cli;
  auto parsed = parse_command_line(arguments);
  if (!parsed) {
    print_error(parsed.error());
    return 1;
  }
  if (const auto* shown = std::get_if<ShowText>(&parsed.value())) {
    fmt::print(shown->exit_code == 0 ? stdout : stderr, "{}", shown->text);
    return shown->exit_code;
  }
  auto done = run_command(parsed.value());
  if (done) return done.value();
  print_error(done.error());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    spindle::cli::print_error(spindle::Error::internal(error.what()));
    return 1;
  }
}
