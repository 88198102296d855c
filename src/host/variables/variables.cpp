#include "host/variables/variables.h"

namespace spindle::host {
namespace {

using Kind = app::VariableError::Kind;

// The error of either version.
template <typename Failure>
Failure spin_failure(app::VariableError error) {
  switch (error.kind) {
    case Kind::InvalidName: return {typename Failure::InvalidName{std::move(error.message)}};
    case Kind::Undefined: return {typename Failure::Undefined{std::move(error.message)}};
    case Kind::Provider: return {typename Failure::Provider{std::move(error.message)}};
    case Kind::Other: break;
  }
  return {typename Failure::Other{std::move(error.message)}};
}

template <typename Failure>
std::expected<std::string, Failure> spin_answer(app::Resolved resolved) {
  if (resolved) return *std::move(resolved);
  return std::unexpected(spin_failure<Failure>(std::move(resolved).error()));
}

SpinConfigV1::Failure config_failure(app::VariableError error) {
  using Failure = SpinConfigV1::Failure;
  switch (error.kind) {
    case Kind::InvalidName: return {Failure::InvalidKey{std::move(error.message)}};
    case Kind::Undefined: return {Failure::Provider{std::move(error.message)}};
    case Kind::Provider:
    case Kind::Other: break;
  }
  return {Failure::Other{std::move(error.message)}};
}

bool is_unknown(const app::VariableError& error) {
  return error.kind == Kind::InvalidName || error.kind == Kind::Undefined;
}

WasiConfig::Failure wasi_failure(app::VariableError error) {
  using Failure = WasiConfig::Failure;
  if (error.kind == Kind::Provider) return {Failure::Upstream{std::move(error.message)}};
  return {Failure::Io{std::move(error.message)}};
}

}  // namespace

Result<std::expected<std::string, SpinVariables::Failure>> SpinVariables::get(
    std::string_view name) {
  return spin_answer<Failure>(variables_.get(name));
}

io::Eventual<std::expected<std::string, SpinVariablesV3::Failure>> SpinVariablesV3::get(
    std::string_view name) {
  return spin_answer<Failure>(variables_.get(name));
}

Result<std::expected<std::string, SpinConfigV1::Failure>> SpinConfigV1::get_config(
    std::string_view key) {
  using Answer = std::expected<std::string, Failure>;
  app::Resolved resolved = variables_.get(key);
  if (resolved) return Answer(*std::move(resolved));
  return Answer(std::unexpect, config_failure(std::move(resolved).error()));
}

Result<std::expected<std::optional<std::string>, WasiConfig::Failure>> WasiConfig::get(
    std::string_view key) {
  using Answer = std::expected<std::optional<std::string>, Failure>;
  app::Resolved resolved = variables_.get(key);
  if (resolved) return Answer(std::optional(*std::move(resolved)));
  if (is_unknown(resolved.error())) return Answer(std::nullopt);
  return Answer(std::unexpect, wasi_failure(std::move(resolved).error()));
}

Result<std::expected<WasiConfig::Entries, WasiConfig::Failure>> WasiConfig::get_all() {
  using Answer = std::expected<Entries, Failure>;
  Entries entries;
  for (std::string& name : variables_.names()) {
    app::Resolved resolved = variables_.get(name);
    if (!resolved) return Answer(std::unexpect, wasi_failure(std::move(resolved).error()));
    entries.emplace_back(std::move(name), *std::move(resolved));
  }
  return Answer(std::move(entries));
}

}  // namespace spindle::host
