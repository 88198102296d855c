// Exports every shape of type, and resources: what comes goes back.
#include <algorithm>
#include <ranges>

#include "provider.h"

namespace bindings::exports::test::shapes_0_1::base {
namespace {

class Bytes final : public Blob {
 public:
  explicit Bytes(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}
  uint32_t size() override { return static_cast<uint32_t>(bytes_.size()); }
  std::string wait() override { return std::string(bytes_.begin(), bytes_.end()); }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace

std::unique_ptr<Blob> Blob::make(std::vector<uint8_t> bytes) {
  return std::make_unique<Bytes>(std::move(bytes));
}

std::expected<::spindle::abi::Own<Blob>, std::string> Blob::join(::spindle::abi::Own<Blob> left,
                                                                 Blob& right) {
  const std::string joined = left->wait() + right.wait();
  if (joined.empty()) return std::unexpected("nothing to join");
  return std::make_unique<Bytes>(std::vector<uint8_t>(joined.begin(), joined.end()));
}

}  // namespace bindings::exports::test::shapes_0_1::base

namespace bindings::exports::test::shapes_0_1::shapes {

using base::Blob;
using ::spindle::abi::Own;

Scalars echo_scalars(Scalars value) {
  return value;
}
std::string echo_string(std::string value) {
  return value;
}
std::vector<uint8_t> echo_bytes(std::vector<uint8_t> value) {
  return value;
}
std::vector<uint32_t> echo_words(std::vector<uint32_t> value) {
  return value;
}
std::vector<bool> echo_bools(std::vector<bool> value) {
  return value;
}
std::vector<char32_t> echo_chars(std::vector<char32_t> value) {
  return value;
}
std::tuple<Small, Medium, Large> echo_flags(Small small, Medium medium, Large large) {
  return {small, medium, large};
}
Tree echo_tree(Tree value) {
  return value;
}
std::vector<Tree> echo_trees(std::vector<Tree> value) {
  return value;
}
Shape echo_shape(Shape value) {
  return value;
}
std::expected<uint8_t, std::string> echo_result(std::expected<uint8_t, std::string> value) {
  return value;
}
std::expected<void, std::monostate> echo_empty(std::expected<void, std::monostate> value) {
  return value;
}
std::optional<std::optional<uint64_t>> echo_option(std::optional<std::optional<uint64_t>> value) {
  return value;
}

std::expected<Own<Blob>, Error> make_blob(std::vector<uint8_t> bytes) {
  if (bytes.empty()) return std::unexpected(Error{Error::NotFound{}});
  return Blob::make(std::move(bytes));
}

uint32_t take_blobs(std::optional<Own<Blob>> owned,
                    std::vector<std::reference_wrapper<Blob>> lent) {
  uint32_t total = owned.has_value() ? (*owned)->size() : 0;
  for (Blob& blob : lent) total += blob.size();
  return total;
}

uint8_t many(std::string a, std::string b, std::string c, std::string d, std::string e,
             std::string f, std::string g, std::string h, uint8_t i) {
  return static_cast<uint8_t>((a + b + c + d + e + f + g + h).size() + i);
}

std::expected<std::string, Error> slow(std::string name, bool fail) {
  if (fail) return std::unexpected(Error{Error::Other{name}});
  return name;
}

void nothing() {}

}  // namespace bindings::exports::test::shapes_0_1::shapes

namespace bindings::exports::test::guest::kinds {

using ::spindle::abi::Own;
using test::shapes_0_1::base::Blob;
using test::shapes_0_1::base::Named;

std::vector<Own<Blob>> reverse(std::vector<Own<Blob>> blobs) {
  std::ranges::reverse(blobs);
  return blobs;
}

std::vector<uint32_t> sizes(std::vector<std::reference_wrapper<Blob>> blobs) {
  std::vector<uint32_t> found;
  for (Blob& blob : blobs) found.push_back(blob.size());
  return found;
}

std::expected<uint32_t, std::monostate> half(uint32_t value) {
  if (value % 2 != 0) return std::unexpected(std::monostate{});
  return value / 2;
}

std::expected<std::optional<Own<Blob>>, Named> maybe(std::optional<Own<Blob>> blob) {
  if (blob.has_value() && (*blob)->size() == 0) return std::unexpected(Named{"empty", 0.5F});
  return blob;
}

std::tuple<Named, uint64_t> rename(
    Named value, std::vector<std::tuple<std::string, std::optional<uint16_t>>> pairs) {
  uint64_t sum = 0;
  for (const auto& [name, number] : pairs) {
    value.name += name;
    sum += number.value_or(1000);
  }
  return {value, sum};
}

}  // namespace bindings::exports::test::guest::kinds
