#include <algorithm>
#include <cstring>

#include "base/utf8.h"
#include "component/values/lift_lower.h"

namespace spindle::component {
namespace {

constexpr uint32_t kByteLengthMax = (1U << 28) - 1;
constexpr uint32_t kUtf16Tag = 1U << 31;

uint16_t unit_at(std::string_view bytes, size_t index) {
  const auto low = static_cast<uint8_t>(bytes[2 * index]);
  const auto high = static_cast<uint8_t>(bytes[2 * index + 1]);
  return static_cast<uint16_t>(low | high << 8);
}

bool is_high_surrogate(uint16_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
bool is_low_surrogate(uint16_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

bool is_valid_utf16(std::string_view bytes) {
  const size_t units = bytes.size() / 2;
  for (size_t i = 0; i < units; ++i) {
    const uint16_t unit = unit_at(bytes, i);
    if (is_low_surrogate(unit)) return false;
    if (!is_high_surrogate(unit)) continue;
    if (++i == units || !is_low_surrogate(unit_at(bytes, i))) return false;
  }
  return true;
}

void append_utf8(std::string& out, uint32_t point) {
  auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

void append_utf16(std::string& out, uint32_t point) {
  auto put = [&out](uint32_t unit) {
    out.push_back(static_cast<char>(unit & 0xff));
    out.push_back(static_cast<char>(unit >> 8));
  };
  if (point < 0x10000) {
    put(point);
  } else {
    put(0xd800 + ((point - 0x10000) >> 10));
    put(0xdc00 + ((point - 0x10000) & 0x3ff));
  }
}

// Calls f with every code point; the bytes are valid in their form.
template <typename F>
void for_each_point(std::string_view bytes, StringForm form, F&& f) {
  if (form == StringForm::Latin1) {
    for (char byte : bytes) f(static_cast<uint8_t>(byte));
  } else if (form == StringForm::Utf8) {
    for (size_t i = 0; i < bytes.size();) {
      const auto lead = static_cast<uint8_t>(bytes[i]);
      const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
      for (size_t k = 1; k < length; ++k) {
        point = point << 6 | (static_cast<uint8_t>(bytes[i + k]) & 0x3f);
      }
      f(point);
      i += length;
    }
  } else {
    for (size_t i = 0; i < bytes.size() / 2; ++i) {
      const uint16_t unit = unit_at(bytes, i);
      if (!is_high_surrogate(unit)) {
        f(unit);
      } else {
        f(0x10000U + ((unit - 0xd800U) << 10) + (unit_at(bytes, ++i) - 0xdc00U));
      }
    }
  }
}

std::string encode_utf8(const DynamicValue& text) {
  std::string out;
  for_each_point(text.bytes, text.form, [&out](uint32_t point) { append_utf8(out, point); });
  return out;
}

std::string encode_utf16(const DynamicValue& text) {
  if (text.form == StringForm::Utf16 || text.form == StringForm::TaggedUtf16) return text.bytes;
  std::string out;
  out.reserve(2 * text.bytes.size());
  for_each_point(text.bytes, text.form, [&out](uint32_t point) { append_utf16(out, point); });
  return out;
}

// The leading code points below `limit`; how many there are, and whether that is all of them.
struct Prefix {
  uint32_t points = 0;
  bool whole = true;
};
Prefix prefix_below(const DynamicValue& text, uint32_t limit) {
  Prefix prefix;
  for_each_point(text.bytes, text.form, [&](uint32_t point) {
    if (!prefix.whole) return;
    if (point < limit) {
      ++prefix.points;
    } else {
      prefix.whole = false;
    }
  });
  return prefix;
}

uint32_t code_units(const DynamicValue& text) {
  const bool wide = text.form == StringForm::Utf16 || text.form == StringForm::TaggedUtf16;
  return static_cast<uint32_t>(wide ? text.bytes.size() / 2 : text.bytes.size());
}

Error too_long() {
  return Error::trap("string content out-of-bounds: the string is too long");
}

Result<uint32_t> checked_length(uint64_t bytes) {
  if (bytes > kByteLengthMax) return too_long();
  return static_cast<uint32_t>(bytes);
}

void write(AbiSide& side, uint32_t pointer, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(side.memory().data() + pointer, bytes.data(), bytes.size());
}

Result<StringRange> store_copy(AbiSide& side, std::string_view bytes, uint32_t align,
                               uint32_t length) {
  const uint32_t size = TRY(checked_length(bytes.size()));
  const uint32_t pointer = TRY(side.allocate({0, 0, align, size}));
  write(side, pointer, bytes);
  return StringRange{pointer, length};
}

Result<StringRange> store_to_utf8(AbiSide& side, const DynamicValue& text, uint32_t worst_factor) {
  const uint32_t units = TRY(checked_length(code_units(text)));
  uint32_t pointer = TRY(side.allocate({0, 0, 1, units}));
  std::string encoded = encode_utf8(text);
  const Prefix ascii = prefix_below(text, 0x80);
  write(side, pointer, std::string_view(encoded).substr(0, ascii.points));
  if (ascii.whole) return StringRange{pointer, units};
  const uint32_t worst = TRY(checked_length(uint64_t{units} * worst_factor));
  pointer = TRY(side.allocate({pointer, units, 1, worst}));
  write(side, pointer + ascii.points, std::string_view(encoded).substr(ascii.points));
  const auto size = static_cast<uint32_t>(encoded.size());
  if (size < worst) pointer = TRY(side.allocate({pointer, worst, 1, size}));
  return StringRange{pointer, size};
}

Result<StringRange> store_utf8_to_utf16(AbiSide& side, const DynamicValue& text) {
  const uint32_t worst = TRY(checked_length(uint64_t{2} * text.bytes.size()));
  uint32_t pointer = TRY(side.allocate({0, 0, 2, worst}));
  const std::string encoded = encode_utf16(text);
  write(side, pointer, encoded);
  const auto size = static_cast<uint32_t>(encoded.size());
  if (size < worst) pointer = TRY(side.allocate({pointer, worst, 2, size}));
  return StringRange{pointer, size / 2};
}

Result<StringRange> store_latin1_or_utf16(AbiSide& side, const DynamicValue& text) {
  const uint32_t units = TRY(checked_length(code_units(text)));
  uint32_t pointer = TRY(side.allocate({0, 0, 2, units}));
  const Prefix latin = prefix_below(text, 0x100);
  std::string narrow;
  for_each_point(text.bytes, text.form, [&](uint32_t point) {
    if (narrow.size() < latin.points) narrow.push_back(static_cast<char>(point));
  });
  write(side, pointer, narrow);
  if (latin.whole) {
    if (latin.points < units) pointer = TRY(side.allocate({pointer, units, 2, latin.points}));
    return StringRange{pointer, latin.points};
  }
  const uint32_t worst = TRY(checked_length(uint64_t{2} * units));
  pointer = TRY(side.allocate({pointer, units, 2, worst}));
  const std::string encoded = encode_utf16(text);
  write(side, pointer, encoded);
  const auto size = static_cast<uint32_t>(encoded.size());
  if (size < worst) pointer = TRY(side.allocate({pointer, worst, 2, size}));
  return StringRange{pointer, (size / 2) | kUtf16Tag};
}

Result<StringRange> store_probably_utf16(AbiSide& side, const DynamicValue& text) {
  const uint32_t size = TRY(checked_length(text.bytes.size()));
  uint32_t pointer = TRY(side.allocate({0, 0, 2, size}));
  write(side, pointer, text.bytes);
  const Prefix latin = prefix_below(text, 0x100);
  if (!latin.whole) return StringRange{pointer, (size / 2) | kUtf16Tag};
  std::string narrow(latin.points, '\0');
  for (size_t i = 0; i < narrow.size(); ++i) narrow[i] = text.bytes[2 * i];
  write(side, pointer, narrow);
  pointer = TRY(side.allocate({pointer, size, 1, latin.points}));
  return StringRange{pointer, latin.points};
}

Error invalid_utf8(std::string_view bytes) {
  // Cut inside a sequence that is well-formed as far as it goes?
  for (size_t back = 1; back <= std::min<size_t>(3, bytes.size()); ++back) {
    const auto lead = static_cast<uint8_t>(bytes[bytes.size() - back]);
    if ((lead & 0xc0) == 0x80) continue;
    const size_t length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
    if (length > back && is_valid_utf8(bytes.substr(0, bytes.size() - back))) {
      return Error::trap("incomplete utf-8 byte sequence");
    }
    break;
  }
  return Error::trap("invalid utf-8 sequence");
}

}  // namespace

Result<DynamicValue> lift_string(AbiSide& side, StringRange range) {
  DynamicValue text;
  uint32_t align = 2;
  uint64_t size = range.length;
  switch (side.encoding()) {
    case StringEncoding::Utf8: align = 1; break;
    case StringEncoding::Utf16:
      text.form = StringForm::Utf16;
      size = 2 * size;
      break;
    case StringEncoding::Latin1OrUtf16:
      text.form = StringForm::Latin1;
      if ((range.length & kUtf16Tag) != 0) {
        text.form = StringForm::TaggedUtf16;
        size = uint64_t{2} * (range.length ^ kUtf16Tag);
      }
      break;
  }
  if (range.pointer % align != 0) return Error::trap("unaligned pointer");
  const std::span<const uint8_t> memory = side.memory();
  if (size > kByteLengthMax || range.pointer + size > memory.size()) {
    return Error::trap("string content out-of-bounds");
  }
  if (side.fuel() < size) return out_of_fuel();
  side.fuel() -= size;
  const std::string_view bytes(reinterpret_cast<const char*>(memory.data()) + range.pointer, size);
  if (text.form == StringForm::Utf8 && !is_valid_utf8(bytes)) return invalid_utf8(bytes);
  const bool wide = text.form == StringForm::Utf16 || text.form == StringForm::TaggedUtf16;
  if (wide && !is_valid_utf16(bytes)) return Error::trap("unpaired surrogate in a utf-16 string");
  text.bytes = bytes;
  return text;
}

Result<StringRange> lower_string(AbiSide& side, const DynamicValue& text) {
  switch (side.encoding()) {
    case StringEncoding::Utf8:
      if (text.form == StringForm::Utf8) {
        return store_copy(side, text.bytes, 1, code_units(text));
      }
      return store_to_utf8(side, text, text.form == StringForm::Latin1 ? 2 : 3);
    case StringEncoding::Utf16: {
      if (text.form == StringForm::Utf8) return store_utf8_to_utf16(side, text);
      const std::string encoded = encode_utf16(text);
      return store_copy(side, encoded, 2, code_units(text));
    }
    case StringEncoding::Latin1OrUtf16:
      if (text.form == StringForm::Latin1) {
        return store_copy(side, text.bytes, 2, code_units(text));
      }
      if (text.form == StringForm::TaggedUtf16) return store_probably_utf16(side, text);
      return store_latin1_or_utf16(side, text);
  }
  return Error::internal("an unknown string encoding");
}

std::string to_utf8(const DynamicValue& text) {
  return text.form == StringForm::Utf8 ? text.bytes : encode_utf8(text);
}

}  // namespace spindle::component
