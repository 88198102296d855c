#include "host/outbound_http/client_tls.h"

#include <fmt/format.h>

namespace spindle::host {

namespace {

constexpr size_t kFileBytesMax = 4 << 20;

std::vector<std::string> protocols() {
  return {"h2", "http/1.1"};
}

Result<std::shared_ptr<const io::TlsContext>> make_context(const app::ClientTlsConfig& table,
                                                           const app::FileReader& files) {
  io::TlsClientOptions options;
  options.trusts_system_roots = table.trusts_system_roots;
  options.protocols = protocols();
  if (!table.roots_file.empty()) {
    options.roots = TRY(files.read(table.roots_file, kFileBytesMax));
  }
  if (!table.certificate_file.empty()) {
    io::TlsIdentity identity;
    identity.certificates = TRY(files.read(table.certificate_file, kFileBytesMax));
    identity.private_key = TRY(files.read(table.private_key_file, kFileBytesMax));
    options.identity = std::move(identity);
  }
  return io::TlsContext::for_client(options);
}

}  // namespace

Result<std::unique_ptr<ClientTls>> ClientTls::create(std::vector<app::ClientTlsConfig> tables,
                                                     const app::FileReader& files) {
  std::unique_ptr<ClientTls> made(new ClientTls);
  for (const auto& table : tables) {
    auto context = make_context(table, files);
    made->contexts_.push_back(TRY(std::move(context).context(fmt::format(
        "`[[client_tls]]` of `{}` and `{}`", table.components.front(), table.hosts.front()))));
  }
  made->tables_ = std::move(tables);
  return made;
}

uint32_t ClientTls::number_for(std::string_view component, std::string_view host) const {
  for (size_t i = 0; i < tables_.size(); ++i) {
    if (tables_[i].holds_for(component, host)) return static_cast<uint32_t>(i + 1);
  }
  return kDefault;
}

Result<std::shared_ptr<const io::TlsContext>> ClientTls::find(uint32_t number) const {
  if (number != kDefault) return contexts_[number - 1];
  const std::lock_guard lock(mutex_);
  if (!default_) {
    io::TlsClientOptions options;
    options.protocols = protocols();
    default_ = TRY(io::TlsContext::for_client(options));
  }
  return default_;
}

}  // namespace spindle::host
