// Boost.MySQL itself, once (BOOST_MYSQL_SEPARATE_COMPILATION); and of
// Boost.Charconv, which would be a library of its own, the functions that it
// needs: the standard library's do the same.
#include <charconv>

#include <boost/charconv/from_chars.hpp>
#include <boost/charconv/to_chars.hpp>
#include <boost/mysql/src.hpp>

namespace boost::charconv {
namespace {

template <typename T>
from_chars_result parse(const char* first, const char* last, T& value) {
  const auto [end, code] = std::from_chars(first, last, value);
  return {end, code};
}

}  // namespace

from_chars_result from_chars(const char* first, const char* last, float& value,
                             chars_format) noexcept {
  return parse(first, last, value);
}

from_chars_result from_chars(const char* first, const char* last, double& value,
                             chars_format) noexcept {
  return parse(first, last, value);
}

to_chars_result to_chars(char* first, char* last, double value, chars_format) noexcept {
  const auto [end, code] = std::to_chars(first, last, value, std::chars_format::scientific);
  return {end, code};
}

}  // namespace boost::charconv
