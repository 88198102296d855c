#include "component/abi/call_context.h"

#include <cstring>

#include "base/utf8.h"
#include "component/values/lift_lower.h"

namespace spindle::component {

std::string_view ScratchStrings::keep(std::string text) {
  strings_.push_back(std::make_unique<std::string>(std::move(text)));
  return *strings_.back();
}

Result<TypeRef> CallContext::transfer_type(TransferId id) const {
  for (const TransferType& transfer : transfers_) {
    if (transfer.id == id) return transfer.type;
  }
  return Error::internal("a call passes a stream or future that its function does not mention");
}

Result<GuestAccess*> CallContext::guest_access() {
  return Error::not_supported("streams and futures cannot be passed here");
}

Result<void> CallContext::charge(uint64_t bytes) {
  if (bytes > fuel()) return out_of_fuel();
  fuel() -= bytes;
  return {};
}

Result<void> CallContext::check_pointer(uint32_t pointer, uint32_t size, uint32_t align) {
  if (pointer % align != 0) return Error::trap("unaligned pointer");
  if (uint64_t{pointer} + size > memory_.size()) {
    return Error::trap("pointer out of bounds of memory");
  }
  return {};
}

Result<std::span<const uint8_t>> CallContext::list_bytes(uint32_t pointer, uint64_t size,
                                                         uint32_t align) {
  if (pointer % align != 0) return Error::trap("unaligned pointer");
  if (size > kByteLengthMax || pointer + size > memory_.size()) {
    return Error::trap("list content out-of-bounds");
  }
  return std::span<const uint8_t>(memory_.subspan(pointer, size));
}

Result<std::string_view> CallContext::load_string(uint32_t pointer, uint32_t length) {
  if (encoding() == StringEncoding::Utf8) {
    if (length > kByteLengthMax || uint64_t{pointer} + length > memory_.size()) {
      return Error::trap("string content out-of-bounds");
    }
    const std::string_view text(reinterpret_cast<const char*>(memory_.data()) + pointer, length);
    if (is_valid_utf8(text)) return text;
  }
  // The other encodings, and the right words for invalid UTF-8.
  const DynamicValue text = TRY(lift_string(*this, {pointer, length}));
  std::string utf8 = to_utf8(text);
  TRY(charge(utf8.size()));
  return scratch_.keep(std::move(utf8));
}

Result<CallContext::GuestString> CallContext::store_string(std::string_view text) {
  if (text.size() > kByteLengthMax) {
    return Error::trap("string content out-of-bounds: the string is too long");
  }
  if (!is_valid_utf8(text)) return Error::internal("the host passes a string that is not UTF-8");
  if (encoding() != StringEncoding::Utf8) {
    const StringRange range = TRY(lower_string(*this, DynamicValue::string(std::string(text))));
    return GuestString{range.pointer, range.length};
  }
  const auto size = static_cast<uint32_t>(text.size());
  const uint32_t pointer = TRY(allocate({0, 0, 1, size}));
  if (size != 0) std::memcpy(memory_.data() + pointer, text.data(), size);
  return GuestString{pointer, size};
}

Result<uint32_t> CallContext::allocate_list(uint64_t size, uint32_t align) {
  if (size > kByteLengthMax) {
    return Error::trap("list content out-of-bounds: the list is too long");
  }
  return allocate({0, 0, align, static_cast<uint32_t>(size)});
}

}  // namespace spindle::component
