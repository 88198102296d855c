#include "wasi/p2/cli/cli.h"

namespace spindle::wasi::p2 {

Result<std::vector<std::tuple<std::string, std::string>>> EnvironmentHost::get_environment() {
  std::vector<std::tuple<std::string, std::string>> variables;
  variables.reserve(guest_.variables.size());
  for (const auto& [name, value] : guest_.variables) variables.emplace_back(name, value);
  return variables;
}

Result<void> ExitHost::exit(const std::expected<void, std::monostate>& status) {
  return exit_with_code(status.has_value() ? 0 : 1);
}

Result<void> ExitHost::exit_with_code(uint8_t status_code) {
  return instance_.exit(status_code);
}

Result<std::unique_ptr<InputStream>> StdinHost::get_stdin() {
  std::unique_ptr<InputStream> stream;
  if (guest_.standard_input) {
    stream = std::make_unique<BytesInputStream>(loop_, guest_.standard_input);
  } else {
    stream = std::make_unique<ClosedInputStream>(loop_);
  }
  return stream;
}

Result<std::unique_ptr<OutputStream>> StdoutHost::get_stdout() {
  return std::make_unique<SinkOutputStream>(loop_, guest_.standard_output);
}

Result<std::unique_ptr<OutputStream>> StderrHost::get_stderr() {
  return std::make_unique<SinkOutputStream>(loop_, guest_.standard_error);
}

}  // namespace spindle::wasi::p2
