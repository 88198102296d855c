#pragma once

// The canonical text of a C++ type that stands for a WIT type, so that a function of a component
// can be found by a C++ signature and its type compared:
//
//   signature_text<uint32_t(std::string_view, bool)>()   ->   "func(string,bool)->u32"
//
// Only types that say everything by themselves have one: scalars, strings, lists, options, tuples
// and results of such. Records, variants, enums, flags and handles come with their text from
// bindgen.

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace spindle::component {

template <typename T>
struct TypeText;

template <typename T>
concept HasTypeText = requires { TypeText<std::remove_cvref_t<T>>::write(); };

namespace embed_detail {

inline std::string wrapped(std::string_view word, std::initializer_list<std::string> inner) {
  std::string out = std::string(word) + "<";
  for (const std::string& text : inner) out += (out.back() == '<' ? "" : ",") + text;
  return out + ">";
}

template <typename T>
std::string text_or_nothing(std::string_view nothing) {
  if constexpr (std::is_void_v<T> || std::is_same_v<T, std::monostate>) {
    return std::string(nothing);
  } else {
    return TypeText<T>::write();
  }
}

}  // namespace embed_detail

#define SPINDLE_TYPE_TEXT(type, text) \
  template <>                         \
  struct TypeText<type> {             \
    static std::string write() {      \
      return text;                    \
    }                                 \
  }
SPINDLE_TYPE_TEXT(bool, "bool");
SPINDLE_TYPE_TEXT(int8_t, "s8");
SPINDLE_TYPE_TEXT(uint8_t, "u8");
SPINDLE_TYPE_TEXT(int16_t, "s16");
SPINDLE_TYPE_TEXT(uint16_t, "u16");
SPINDLE_TYPE_TEXT(int32_t, "s32");
SPINDLE_TYPE_TEXT(uint32_t, "u32");
SPINDLE_TYPE_TEXT(int64_t, "s64");
SPINDLE_TYPE_TEXT(uint64_t, "u64");
SPINDLE_TYPE_TEXT(float, "f32");
SPINDLE_TYPE_TEXT(double, "f64");
SPINDLE_TYPE_TEXT(char32_t, "char");
SPINDLE_TYPE_TEXT(std::string, "string");
SPINDLE_TYPE_TEXT(std::string_view, "string");
#undef SPINDLE_TYPE_TEXT

template <typename T>
struct TypeText<std::vector<T>> {
  static std::string write() { return embed_detail::wrapped("list", {TypeText<T>::write()}); }
};
template <typename T>
struct TypeText<std::span<const T>> : TypeText<std::vector<T>> {};
template <typename T>
struct TypeText<std::optional<T>> {
  static std::string write() { return embed_detail::wrapped("option", {TypeText<T>::write()}); }
};
template <typename... Ts>
struct TypeText<std::tuple<Ts...>> {
  static std::string write() { return embed_detail::wrapped("tuple", {TypeText<Ts>::write()...}); }
};
template <typename T, typename E>
struct TypeText<std::expected<T, E>> {
  static std::string write() {
    return embed_detail::wrapped(
        "result", {embed_detail::text_or_nothing<T>("_"), embed_detail::text_or_nothing<E>("_")});
  }
};

template <typename Signature>
struct SignatureText;
template <typename R, typename... Args>
struct SignatureText<R(Args...)> {
  static std::string write() {
    std::string out = "func(";
    ((out += (out.back() == '(' ? "" : ",") + TypeText<std::remove_cvref_t<Args>>::write()), ...);
    out += ")";
    if constexpr (!std::is_void_v<R>) out += "->" + TypeText<R>::write();
    return out;
  }
};

// Parameter names are left out: any will do.
template <typename Signature>
std::string signature_text() {
  return SignatureText<Signature>::write();
}

}  // namespace spindle::component
