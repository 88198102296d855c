#pragma once

// spin:variables/variables@3.0.0, fermyon:spin/variables@2.0.0, the unversioned
// fermyon:spin/config, and wasi:config/store@0.2.0-draft-2024-09-27: four ways to ask for the
// variables of a component.
//
// Works:   every function. Values are looked up for each call; only the component's own variables
//          can be seen. The four kinds of failure (app/variables.h) become
//            variables   invalid-name, undefined, provider, other
//            config      invalid-key,  provider,  other,    other
//            store       none,         none,      upstream, io
// Refused: a provider that would have to wait for a server is the last kind.

#include "app/variables.h"
#include "bindings/fermyon/spin/config.h"
#include "bindings/fermyon/spin_2/variables.h"
#include "bindings/spin/variables_3/variables.h"
#include "bindings/wasi/config_0_2_0_draft_2024_09_27/store.h"

namespace spindle::host {

// One component's view of the resolver; what it refers to outlives it.
struct ComponentVariables {
  const app::Resolver* resolver = nullptr;
  std::string component;

  app::Resolved get(std::string_view name) const { return resolver->resolve(component, name); }
  std::vector<std::string> names() const { return resolver->variables_of(component); }
};

class SpinVariables final : public bindings::fermyon::spin_2::variables::Host {
 public:
  explicit SpinVariables(const ComponentVariables& variables) : variables_(variables) {}
  using Failure = bindings::fermyon::spin_2::variables::Error;
  Result<std::expected<std::string, Failure>> get(std::string_view name) override;

 private:
  const ComponentVariables& variables_;
};

class SpinVariablesV3 final : public bindings::spin::variables_3::variables::Host {
 public:
  explicit SpinVariablesV3(const ComponentVariables& variables) : variables_(variables) {}
  using Failure = bindings::spin::variables_3::variables::Error;
  io::Eventual<std::expected<std::string, Failure>> get(std::string_view name) override;

 private:
  const ComponentVariables& variables_;
};

class SpinConfigV1 final : public bindings::fermyon::spin::config::Host {
 public:
  explicit SpinConfigV1(const ComponentVariables& variables) : variables_(variables) {}
  using Failure = bindings::fermyon::spin::config::Error;
  Result<std::expected<std::string, Failure>> get_config(std::string_view key) override;

 private:
  const ComponentVariables& variables_;
};

class WasiConfig final : public bindings::wasi::config_0_2_0_draft_2024_09_27::store::Host {
 public:
  explicit WasiConfig(const ComponentVariables& variables) : variables_(variables) {}
  using Failure = bindings::wasi::config_0_2_0_draft_2024_09_27::store::Error;
  using Entries = std::vector<std::tuple<std::string, std::string>>;
  Result<std::expected<std::optional<std::string>, Failure>> get(std::string_view key) override;
  Result<std::expected<Entries, Failure>> get_all() override;

 private:
  const ComponentVariables& variables_;
};

}  // namespace spindle::host
