#pragma once

// What the faces of the databases have in common: interfaces of several versions name their cases
// alike, and an older one is told what a newer one knows.
//
//   Overloaded{common_values<To, From>(), [](auto& rest) { return ...; }}    for a value
//   rows_to<To>(rows, type_to, value_to)                                      for a set of rows
//   failure_to<To>(failure, text_of)                                          for an error
//
// Cases that only some have are the caller's. Called by mysql/ and postgres/.

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/overloaded.h"

namespace spindle::host {

// Takes the contents of a value out of it.
template <typename To, typename From>
auto common_values() {
  return Overloaded{
      [](typename From::Boolean& v) { return To{typename To::Boolean{v.value}}; },
      [](typename From::Int8& v) { return To{typename To::Int8{v.value}}; },
      [](typename From::Int16& v) { return To{typename To::Int16{v.value}}; },
      [](typename From::Int32& v) { return To{typename To::Int32{v.value}}; },
      [](typename From::Int64& v) { return To{typename To::Int64{v.value}}; },
      [](typename From::Floating32& v) { return To{typename To::Floating32{v.value}}; },
      [](typename From::Floating64& v) { return To{typename To::Floating64{v.value}}; },
      [](typename From::Str& v) { return To{typename To::Str{std::move(v.value)}}; },
      [](typename From::Binary& v) { return To{typename To::Binary{std::move(v.value)}}; },
      [](typename From::DbNull&) { return To{typename To::DbNull{}}; },
  };
}

// Empties `from`. `type_to` and `value_to` are told what they make by their last parameter.
template <typename To, typename From, typename TypeTo, typename ValueTo>
To rows_to(From& from, TypeTo type_to, ValueTo value_to) {
  To to;
  for (auto& column : from.columns) {
    auto& added = to.columns.emplace_back();
    added.name = std::move(column.name);
    using Type = std::remove_cvref_t<decltype(added.data_type)>;
    added.data_type = type_to(column.data_type, std::type_identity<Type>());
  }
  for (auto& row : from.rows) {
    auto& added = to.rows.emplace_back();
    using Value = std::remove_cvref_t<decltype(added)>::value_type;
    added.reserve(row.size());
    for (auto& value : row) added.push_back(value_to(value, std::type_identity<Value>()));
    row = {};
  }
  return to;
}

// `text_of` gives the words of a query that failed.
template <typename To, typename Failure, typename TextOf>
To failure_to(const Failure& from, TextOf text_of) {
  using Case = Failure;
  const Overloaded convert = {
      [](const typename Case::ConnectionFailed& v) {
        return To{typename To::ConnectionFailed{v.value}};
      },
      [](const typename Case::BadParameter& v) { return To{typename To::BadParameter{v.value}}; },
      [&](const typename Case::QueryFailed& v) {
        return To{typename To::QueryFailed{text_of(v.value)}};
      },
      [](const typename Case::ValueConversionFailed& v) {
        return To{typename To::ValueConversionFailed{v.value}};
      },
      [](const typename Case::Other& v) {
        if constexpr (requires { typename To::OtherError; }) {
          return To{typename To::OtherError{v.value}};
        } else {
          return To{typename To::Other{v.value}};
        }
      },
  };
  return std::visit(convert, from.value);
}

}  // namespace spindle::host
