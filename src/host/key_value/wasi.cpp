#include "host/key_value/wasi.h"

#include "host/answer.h"

namespace spindle::host {
namespace {

using Failure = WasiKeyValueFailure;
using wasi_key_value::atomics::CasError;
using wasi_key_value::store::KeyResponse;
using Swap = std::expected<void, CasError>;

constexpr std::string_view kTooManyHandles = "too many open stores";
constexpr std::string_view kTooManyBytes = "too many bytes kept by compare-and-swap handles";

Failure other_failure(std::string message) {
  return Failure{Failure::Other{std::move(message)}};
}

Failure open_failure(OpenFailure why) {
  if (why == OpenFailure::Denied) return Failure{Failure::AccessDenied{}};
  return other_failure(std::string(kTooManyHandles));
}

std::vector<std::string> copy(const std::vector<std::string_view>& keys) {
  return {keys.begin(), keys.end()};
}

KeyValueBytes copy(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

Swap swap_failure(std::string message) {
  return Swap(std::unexpect, CasError{CasError::StoreError{other_failure(std::move(message))}});
}

// What the guest is to see of a failure; cancellation is not for it.
Result<Swap> swap_failure(Error error) {
  if (error.kind() == ErrorKind::Canceled) return error;
  return swap_failure(error.to_string());
}

// After a failed swap the handle goes back to the guest, and knows the current value.
io::Task<Result<Swap>> finish_swap(std::unique_ptr<Cas> cas, io::Eventual<SwapOutcome> swapping) {
  auto waiting = io::Eventual<SwapOutcome>::wait(std::move(swapping));
  Result<SwapOutcome> outcome = co_await std::move(waiting);
  if (!outcome.has_value()) co_return swap_failure(outcome.take_error());
  if (*outcome == SwapOutcome::Swapped) co_return Swap();

  auto loading = cas->store().get(cas->loop(), cas->key());
  auto loaded = io::Eventual<std::optional<KeyValueBytes>>::wait(std::move(loading));
  Result<std::optional<KeyValueBytes>> current = co_await std::move(loaded);
  if (!current.has_value()) co_return swap_failure(current.take_error());
  if (!cas->remember(*current)) co_return swap_failure(std::string(kTooManyBytes));
  co_return Swap(std::unexpect, CasError{CasError::CasFailed{std::move(cas)}});
}

}  // namespace

Result<std::expected<std::unique_ptr<Bucket>, Failure>> WasiKeyValueStore::open(
    std::string_view identifier) {
  using Opened = std::expected<std::unique_ptr<Bucket>, Failure>;
  auto open = stores_.open(identifier);
  if (!open) return Opened(std::unexpect, open_failure(open.error()));
  return Opened(std::make_unique<Bucket>(std::move(*open)));
}

WasiKeyValueAnswer<std::optional<KeyValueBytes>> WasiKeyValueStore::bucket_get(
    Bucket& self, std::string_view key) {
  return answer<&other_failure>(self.store().get(self.loop(), std::string(key)));
}

WasiKeyValueAnswer<void> WasiKeyValueStore::bucket_set(Bucket& self, std::string_view key,
                                                       std::span<const uint8_t> value) {
  return answer<&other_failure>(self.store().set(self.loop(), std::string(key), copy(value)));
}

WasiKeyValueAnswer<void> WasiKeyValueStore::bucket_delete_(Bucket& self, std::string_view key) {
  return answer<&other_failure>(self.store().remove(self.loop(), std::string(key)));
}

WasiKeyValueAnswer<bool> WasiKeyValueStore::bucket_exists(Bucket& self, std::string_view key) {
  return answer<&other_failure>(self.store().exists(self.loop(), std::string(key)));
}

WasiKeyValueAnswer<KeyResponse> WasiKeyValueStore::bucket_list_keys(
    Bucket& self, std::optional<std::string_view> cursor) {
  using Listed = std::expected<KeyResponse, Failure>;
  if (cursor) return Listed(std::unexpect, other_failure("list_keys: cursor not supported"));
  return then(answer<&other_failure>(self.store().keys(self.loop())),
              [](auto brought) -> Result<Listed> {
                auto keys = TRY(std::move(brought));
                if (!keys) return Listed(std::unexpect, std::move(keys).error());
                return Listed(KeyResponse{.keys = std::move(*keys), .cursor = std::nullopt});
              });
}

WasiKeyValueAnswer<WasiKeyValueBatch::Pairs> WasiKeyValueBatch::get_many(
    Bucket& bucket, const std::vector<std::string_view>& keys) {
  using Got = std::expected<Pairs, Failure>;
  if (keys.empty()) return Got(Pairs());
  return then(answer<&other_failure>(bucket.store().get_many(bucket.loop(), copy(keys))),
              [](auto brought) -> Result<Got> {
                auto found = TRY(std::move(brought));
                if (!found) return Got(std::unexpect, std::move(found).error());
                Pairs pairs;
                pairs.reserve(found->size());
                for (auto& [key, value] : *found) {
                  pairs.emplace_back(std::move(key), std::move(value));
                }
                return Got(std::move(pairs));
              });
}

WasiKeyValueAnswer<void> WasiKeyValueBatch::set_many(
    Bucket& bucket,
    const std::vector<std::tuple<std::string_view, std::span<const uint8_t>>>& key_values) {
  if (key_values.empty()) return std::expected<void, Failure>();
  std::vector<KeyValuePair> pairs;
  pairs.reserve(key_values.size());
  for (const auto& [key, value] : key_values) pairs.emplace_back(key, copy(value));
  return answer<&other_failure>(bucket.store().set_many(bucket.loop(), std::move(pairs)));
}

WasiKeyValueAnswer<void> WasiKeyValueBatch::delete_many(Bucket& bucket,
                                                        const std::vector<std::string_view>& keys) {
  if (keys.empty()) return std::expected<void, Failure>();
  return answer<&other_failure>(bucket.store().remove_many(bucket.loop(), copy(keys)));
}

Result<std::expected<std::unique_ptr<Cas>, Failure>> WasiKeyValueAtomics::cas_new_(
    Bucket& bucket, std::string_view key) {
  using Made = std::expected<std::unique_ptr<Cas>, Failure>;
  auto cas = Cas::create(bucket, key);
  if (cas == nullptr) return Made(std::unexpect, other_failure(std::string(kTooManyHandles)));
  return Made(std::move(cas));
}

WasiKeyValueAnswer<std::optional<KeyValueBytes>> WasiKeyValueAtomics::cas_current(Cas& self) {
  using Current = std::expected<std::optional<KeyValueBytes>, Failure>;
  return then(answer<&other_failure>(self.store().get(self.loop(), self.key())),
              [&self](auto brought) -> Result<Current> {
                auto current = TRY(std::move(brought));
                if (current && !self.remember(*current)) {
                  return Current(std::unexpect, other_failure(std::string(kTooManyBytes)));
                }
                return current;
              });
}

WasiKeyValueAnswer<int64_t> WasiKeyValueAtomics::increment(Bucket& bucket, std::string_view key,
                                                           int64_t delta) {
  return answer<&other_failure>(bucket.store().increment(bucket.loop(), std::string(key), delta));
}

io::Eventual<Swap> WasiKeyValueAtomics::swap(std::unique_ptr<Cas> cas,
                                             std::span<const uint8_t> value) {
  auto swapping = cas->store().swap(cas->loop(), cas->key(), cas->take_expected(), copy(value));
  return finish_swap(std::move(cas), std::move(swapping));
}

}  // namespace spindle::host
