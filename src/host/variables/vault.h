#pragma once

// VaultProvider: values of variables from a HashiCorp Vault server (key-value secrets, version 2).
//
//   GET <url>/v1/<mount>/data/[<prefix>/]<name>   ->   data.data.value
//
// A secret that is not there (404) is left to the next provider; everything else that goes wrong
// ends the resolution, without a word of what the server said beyond its status. Values are fetched
// for every call of a guest, over the client of its event loop; who cannot wait (allowed hosts, the
// addresses of triggers) is told that the provider cannot answer at once.

#include <string>
#include <string_view>

#include "app/runtime_config.h"
#include "app/variables.h"
#include "io/task.h"
#include "wasi/core/services.h"

namespace spindle::host {

class VaultProvider final : public app::VariableProvider {
 public:
  explicit VaultProvider(app::VaultVariables settings) : settings_(std::move(settings)) {}

  Result<app::Lookup> get(std::string_view) const override { return app::Lookup(app::Pending()); }
  bool may_provide(std::string_view) const override { return true; }

  // Never Pending. Both outlive the task.
  io::Task<Result<app::Lookup>> fetch_value(const wasi::Services& services,
                                            std::string variable) const;

 private:
  const app::VaultVariables settings_;
};

}  // namespace spindle::host
