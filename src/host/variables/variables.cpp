#include "host/variables/variables.h"

#include "host/answer.h"

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

using WasiAnswer = std::expected<std::optional<std::string>, WasiConfig::Failure>;
using WasiEntries = std::expected<WasiConfig::Entries, WasiConfig::Failure>;

std::expected<std::string, SpinConfigV1::Failure> config_answer(app::Resolved resolved) {
  if (resolved) return *std::move(resolved);
  return std::unexpected(config_failure(std::move(resolved).error()));
}

WasiAnswer wasi_answer(app::Resolved resolved) {
  if (resolved) return std::optional(*std::move(resolved));
  if (is_unknown(resolved.error())) return std::nullopt;
  return std::unexpected(wasi_failure(std::move(resolved).error()));
}

// What an interface answers, of what was resolved.
template <auto Convert>
auto answer_with(io::Eventual<app::Resolved> resolving) {
  using Answer = std::invoke_result_t<decltype(Convert), app::Resolved>;
  return then(std::move(resolving), [](Result<app::Resolved> resolved) -> Result<Answer> {
    auto got = TRY(std::move(resolved));
    return Convert(std::move(got));
  });
}

io::Task<Result<WasiEntries>> wait_for_all(const wasi::Services& services,
                                           const ComponentVariables& variables,
                                           std::vector<std::string> names) {
  WasiConfig::Entries entries;
  for (std::string& name : names) {
    auto resolving = resolve_variable(services, variables, name);
    auto waiting = io::Eventual<app::Resolved>::wait(std::move(resolving));
    auto resolved = CO_TRY(co_await std::move(waiting));
    if (!resolved) {
      co_return WasiEntries(std::unexpect, wasi_failure(std::move(resolved).error()));
    }
    entries.emplace_back(std::move(name), *std::move(resolved));
  }
  co_return WasiEntries(std::move(entries));
}

}  // namespace

io::Eventual<std::expected<std::string, SpinVariables::Failure>> SpinVariables::get(
    std::string_view name) {
  return answer_with<&spin_answer<Failure>>(resolve_variable(services_, variables_, name));
}

io::Eventual<std::expected<std::string, SpinVariablesV3::Failure>> SpinVariablesV3::get(
    std::string_view name) {
  return answer_with<&spin_answer<Failure>>(resolve_variable(services_, variables_, name));
}

io::Eventual<std::expected<std::string, SpinConfigV1::Failure>> SpinConfigV1::get_config(
    std::string_view key) {
  return answer_with<&config_answer>(resolve_variable(services_, variables_, key));
}

io::Eventual<WasiAnswer> WasiConfig::get(std::string_view key) {
  return answer_with<&wasi_answer>(resolve_variable(services_, variables_, key));
}

io::Eventual<WasiEntries> WasiConfig::get_all() {
  auto names = variables_.names();
  if (may_wait(*variables_.resolver)) return wait_for_all(services_, variables_, std::move(names));
  Entries entries;
  for (std::string& name : names) {
    app::Resolved resolved = variables_.resolver->resolve(variables_.component, name);
    if (!resolved) return WasiEntries(std::unexpect, wasi_failure(std::move(resolved).error()));
    entries.emplace_back(std::move(name), *std::move(resolved));
  }
  return WasiEntries(std::move(entries));
}

}  // namespace spindle::host
