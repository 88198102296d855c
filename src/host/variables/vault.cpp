#include "host/variables/vault.h"

#include <fmt/format.h>

#include "app/json.h"
#include "host/outbound_http/buffered.h"

namespace spindle::host {
namespace {

constexpr uint64_t kSecretBytesMax = 1 << 20;
constexpr uint64_t kWaitNanoseconds = 10'000'000'000;

Result<app::Lookup> read_secret(const std::vector<uint8_t>& body) {
  const Error unexpected = Error::unavailable("Vault sent no `data.data.value`");
  auto root = app::parse_json({reinterpret_cast<const char*>(body.data()), body.size()});
  if (!root.has_value()) return unexpected;
  const app::Value* at = &*root;
  for (const std::string_view key : {"data", "data", "value"}) {
    const app::Table* table = at->as_table();
    at = table == nullptr ? nullptr : table->find(key);
    if (at == nullptr) return unexpected;
  }
  if (at->as_string() == nullptr) return unexpected;
  return app::Lookup(*at->as_string());
}

}  // namespace

io::Task<Result<app::Lookup>> VaultProvider::fetch_value(const wasi::Services& services,
                                                         std::string variable) const {
  std::string base = settings_.url;
  while (base.ends_with('/')) base.pop_back();
  const std::string prefix = settings_.prefix.empty() ? "" : settings_.prefix + "/";
  auto url = app::HttpUrl::parse(
      fmt::format("{}/v1/{}/data/{}{}", base, settings_.mount, prefix, variable));
  if (!url) co_return Error::invalid_input("the url of Vault is not an http URL");
  BufferedRequest request{.url = *std::move(url)};
  request.headers.add("x-vault-token", settings_.token);
  request.timeouts = {kWaitNanoseconds, kWaitNanoseconds, kWaitNanoseconds};
  request.response_bytes_max = kSecretBytesMax;
  OperatorGate gate;
  auto fetching = fetch(services, gate, std::move(request));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    co_return Error::unavailable(
        fmt::format("asking Vault: {}", http::to_string(fetched.error().code)));
  }
  if (fetched->status == 404) co_return app::Lookup(app::Absent());
  if (fetched->status != 200) {
    co_return Error::unavailable(fmt::format("Vault answered with status {}", fetched->status));
  }
  co_return read_secret(fetched->body);
}

}  // namespace spindle::host
