#include <fmt/format.h>

#include "host/postgres/postgres.h"

namespace spindle::host::postgres {

Outcome<std::shared_ptr<Pool>> Opener::find_pool(std::string_view address,
                                                 std::string_view ca_pem) {
  if (access_.pools == nullptr || services_.dialer == nullptr || services_.pool == nullptr)
    return std::unexpected(other_failure("\"spin:postgres/postgres\" is not permitted"));
  auto settings = parse_settings(address);
  if (!settings) return std::unexpected(connection_failed(settings.error().message()));
  for (const auto& host : settings->hosts) {
    if (permission_.permits(host.url, "postgres")) continue;
    return std::unexpected(connection_failed(fmt::format("address {} is not permitted", host.url)));
  }
  auto pool = access_.pools->find_or_create(address, ca_pem);
  if (!pool) return std::unexpected(connection_failed(pool.error().to_string()));
  return pool.take_value();
}

io::Task<Outcome<std::shared_ptr<Session>>> Opener::open(std::string address, std::string ca_pem) {
  auto pool = find_pool(address, ca_pem);
  if (!pool) co_return std::unexpected(std::move(pool).error());
  auto acquiring = (*pool)->acquire(services_);
  auto lease = co_await std::move(acquiring);
  if (!lease) co_return std::unexpected(std::move(lease).error());
  co_return std::make_shared<Session>(*std::move(lease), services_);
}

}  // namespace spindle::host::postgres
