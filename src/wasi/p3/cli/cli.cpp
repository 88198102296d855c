#include "wasi/p3/cli/cli.h"

#include "wasi/p3/background_pump.h"

namespace spindle::wasi::p3 {

namespace {

using component::Future;
using component::Stream;

CliOutcome to_interface(FileResult<void> outcome) {
  using Code = cli::types::ErrorCode;
  if (outcome) return {};
  switch (outcome.error()) {
    case FileErrorCode::Pipe: return std::unexpected(Code::Pipe);
    case FileErrorCode::IllegalByteSequence: return std::unexpected(Code::IllegalByteSequence);
    default: return std::unexpected(Code::Io);
  }
}

}  // namespace

Result<std::vector<std::tuple<std::string, std::string>>> EnvironmentHost::get_environment() {
  std::vector<std::tuple<std::string, std::string>> variables;
  variables.reserve(guest_.variables.size());
  for (const auto& [name, value] : guest_.variables) variables.emplace_back(name, value);
  return variables;
}

Result<void> ExitHost::exit(const std::expected<void, std::monostate>& status) {
  return exit_with_code(status.has_value() ? 0 : 1);
}

Result<std::tuple<Stream<uint8_t>, Future<CliOutcome>>> StdinHost::read_via_stream() {
  Stream<uint8_t> stream;
  if (guest_.standard_input) stream = Stream<uint8_t>::of(*guest_.standard_input);
  // What is all there cannot fail.
  return std::tuple(std::move(stream), Future<CliOutcome>::of({}));
}

Result<Future<CliOutcome>> StdoutHost::write_via_stream(Stream<uint8_t> data) {
  return pump_in_background<CliOutcome>(loop_, instance_, std::move(data),
                                        std::make_unique<SinkTaker>(guest_.standard_output),
                                        &to_interface);
}

Result<Future<CliOutcome>> StderrHost::write_via_stream(Stream<uint8_t> data) {
  return pump_in_background<CliOutcome>(loop_, instance_, std::move(data),
                                        std::make_unique<SinkTaker>(guest_.standard_error),
                                        &to_interface);
}

}  // namespace spindle::wasi::p3
