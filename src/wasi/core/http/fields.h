#pragma once

// Fields: header or trailer lists as guests see them, for every version of wasi:http.
//
// A slim wrapper around http::Headers with three differences: names are kept in lower case, what a
// guest adds is checked (syntax, names that only the server may set), and a list may be immutable.
// A list of a received message is a view of it and copies nothing (received.h). The total size is
// limited; going over it is a trap, because the interface has no word for it.

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "wasi/core/http/received.h"
#include "wasi/core/resource.h"

namespace spindle::wasi {

enum class FieldsError : uint8_t { InvalidSyntax, Forbidden, Immutable };

enum class Mutability : uint8_t { Mutable, Immutable };

class Fields : public HostResource {
 public:
  // Names and values of one list together.
  static constexpr size_t kBytesMax = 128 * 1024;
  static constexpr size_t kCountMax = 1024;

  using Change = Result<std::expected<void, FieldsError>>;

  Fields() = default;
  // Somebody else's list; immutable.
  explicit Fields(std::shared_ptr<const SharedHeaders> received) : received_(std::move(received)) {}
  Fields(http::Headers headers, Mutability mutability)
      : owned_(std::move(headers)), mutability_(mutability) {
    count_bytes();
  }

  http::HeaderView view() const { return received_ ? received_->view() : owned_.view(); }
  std::vector<std::string_view> get(std::string_view name) const;
  bool has(std::string_view name) const { return view().contains(name); }

  Change append(std::string_view name, std::span<const uint8_t> value);
  Change set(std::string_view name, std::span<const std::span<const uint8_t>> values);
  Change remove(std::string_view name);

  std::unique_ptr<Fields> clone() const {
    return std::make_unique<Fields>(http::Headers(view()), Mutability::Mutable);
  }
  // What the list has become part of a message that keeps it.
  std::shared_ptr<const SharedHeaders> share() && {
    if (received_) return received_;
    return std::make_shared<SharedHeaders>(std::move(owned_));
  }
  void freeze() { mutability_ = Mutability::Immutable; }
  bool is_immutable() const { return received_ || mutability_ == Mutability::Immutable; }

 private:
  std::expected<void, FieldsError> check_name(std::string_view name) const;
  Result<void> charge(size_t bytes);
  void count_bytes();

  http::Headers owned_;
  std::shared_ptr<const SharedHeaders> received_;
  Mutability mutability_ = Mutability::Mutable;
  size_t bytes_ = 0;
};

// Whether only the server may set a header of that (lower-case) name.
bool is_forbidden_field(std::string_view name);

}  // namespace spindle::wasi
