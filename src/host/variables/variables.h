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
// Differs: the unversioned ones wait for providers that ask a server, too.

#include "bindings/fermyon/spin/config.h"
#include "bindings/fermyon/spin_2/variables.h"
#include "bindings/spin/variables_3/variables.h"
#include "bindings/wasi/config_0_2_0_draft_2024_09_27/store.h"
#include "host/variables/resolve.h"

namespace spindle::host {

class SpinVariables final : public bindings::fermyon::spin_2::variables::Host {
 public:
  SpinVariables(const ComponentVariables& variables, const wasi::Services& services)
      : variables_(variables), services_(services) {}
  using Failure = bindings::fermyon::spin_2::variables::Error;
  io::Eventual<std::expected<std::string, Failure>> get(std::string_view name) override;

 private:
  const ComponentVariables& variables_;
  const wasi::Services& services_;
};

class SpinVariablesV3 final : public bindings::spin::variables_3::variables::Host {
 public:
  SpinVariablesV3(const ComponentVariables& variables, const wasi::Services& services)
      : variables_(variables), services_(services) {}
  using Failure = bindings::spin::variables_3::variables::Error;
  io::Eventual<std::expected<std::string, Failure>> get(std::string_view name) override;

 private:
  const ComponentVariables& variables_;
  const wasi::Services& services_;
};

class SpinConfigV1 final : public bindings::fermyon::spin::config::Host {
 public:
  SpinConfigV1(const ComponentVariables& variables, const wasi::Services& services)
      : variables_(variables), services_(services) {}
  using Failure = bindings::fermyon::spin::config::Error;
  io::Eventual<std::expected<std::string, Failure>> get_config(std::string_view key) override;

 private:
  const ComponentVariables& variables_;
  const wasi::Services& services_;
};

class WasiConfig final : public bindings::wasi::config_0_2_0_draft_2024_09_27::store::Host {
 public:
  WasiConfig(const ComponentVariables& variables, const wasi::Services& services)
      : variables_(variables), services_(services) {}
  using Failure = bindings::wasi::config_0_2_0_draft_2024_09_27::store::Error;
  using Entries = std::vector<std::tuple<std::string, std::string>>;
  io::Eventual<std::expected<std::optional<std::string>, Failure>> get(
      std::string_view key) override;
  io::Eventual<std::expected<Entries, Failure>> get_all() override;

 private:
  const ComponentVariables& variables_;
  const wasi::Services& services_;
};

}  // namespace spindle::host
