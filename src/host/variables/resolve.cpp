#include "host/variables/resolve.h"

#include <algorithm>
#include <map>

#include "host/variables/vault.h"

namespace spindle::host {
namespace {

using Kind = app::VariableError::Kind;

const VaultProvider* find_vault(const app::VariableProvider& provider) {
  return dynamic_cast<const VaultProvider*>(&provider);
}

io::Task<Result<app::Resolved>> application_value(const wasi::Services& services,
                                                  const app::Resolver& resolver, std::string name) {
  for (const auto& provider : resolver.providers()) {
    auto looked_up = provider->get(name);
    if (const VaultProvider* vault = find_vault(*provider)) {
      auto fetching = vault->fetch_value(services, name);
      looked_up = co_await std::move(fetching);
    }
    if (!looked_up.has_value()) {
      co_return app::Resolved(std::unexpect,
                              app::VariableError{Kind::Provider, looked_up.error().to_string()});
    }
    if (auto* value = std::get_if<std::string>(&*looked_up)) {
      co_return app::Resolved(std::move(*value));
    }
  }
  co_return resolver.default_value(name);
}

io::Task<Result<app::Resolved>> resolve_waiting(const wasi::Services& services,
                                                const ComponentVariables& variables,
                                                std::string name) {
  const app::Resolver& resolver = *variables.resolver;
  std::map<std::string, app::Resolved, std::less<>> values;
  for (std::string& needed : resolver.application_variables(variables.component, name)) {
    auto resolving = application_value(services, resolver, needed);
    auto value = CO_TRY(co_await std::move(resolving));
    values.emplace(std::move(needed), std::move(value));
  }
  co_return resolver.resolve_with(variables.component, name, [&values](std::string_view needed) {
    return values.find(needed)->second;
  });
}

}  // namespace

bool may_wait(const app::Resolver& resolver) {
  return std::ranges::any_of(resolver.providers(),
                             [](const auto& provider) { return find_vault(*provider) != nullptr; });
}

io::Eventual<app::Resolved> resolve_variable(const wasi::Services& services,
                                             const ComponentVariables& variables,
                                             std::string_view name) {
  if (may_wait(*variables.resolver)) {
    return resolve_waiting(services, variables, std::string(name));
  }
  return variables.resolver->resolve(variables.component, name);
}

}  // namespace spindle::host
