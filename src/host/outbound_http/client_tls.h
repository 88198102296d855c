#pragma once

// ClientTls: whom outbound HTTP trusts, by component and host, and as whom it presents itself: the
// `[[client_tls]]` tables of the runtime configuration. Hosts without a table trust the system's
// roots, which are read when the first of them is asked for. Shared by all threads.

#include <mutex>
#include <vector>

#include "app/runtime_config.h"
#include "app/system.h"
#include "http/client/connector.h"

namespace spindle::host {

class ClientTls final : public http::TlsSettings {
 public:
  // What every host has without a table.
  static constexpr uint32_t kDefault = 0;

  // Reads and checks all files.
  static Result<std::unique_ptr<ClientTls>> create(std::vector<app::ClientTlsConfig> tables,
                                                   const app::FileReader& files);

  // The first table that holds for both, as Origin::tls has it. `host` as URLs have it.
  uint32_t number_for(std::string_view component, std::string_view host) const;
  Result<std::shared_ptr<const io::TlsContext>> find(uint32_t number) const override;

 private:
  ClientTls() = default;

  // contexts_[i] is that of tables_[i] and has the number i + 1.
  std::vector<app::ClientTlsConfig> tables_;
  std::vector<std::shared_ptr<const io::TlsContext>> contexts_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const io::TlsContext> default_;
};

}  // namespace spindle::host
