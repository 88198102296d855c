#pragma once

// From what a guest says to a Statement; the part that all faces share.

#include <fmt/format.h>

#include "host/postgres/session.h"

namespace spindle::host::postgres {

// A parameter that cannot be sent is another failure of a query than of a command.
inline Failure bad_parameter(const spindle::Error& why) {
  return {Failure::BadParameter{why.to_string()}};
}
inline Failure conversion_failed(const spindle::Error& why) {
  return {Failure::ValueConversionFailed{why.to_string()}};
}

// `Encode` makes a WireParameter of one of the interface's parameters.
template <auto Encode, typename Parameter>
Result<Statement> make_statement(std::string_view text, const std::vector<Parameter>& parameters) {
  // As a string of C it would end there.
  if (text.contains('\0'))
    return spindle::Error::invalid_input("the statement contains a zero character");
  Statement statement{.text = std::string(text)};
  size_t size = text.size();
  for (size_t i = 0; i < parameters.size(); ++i) {
    WireParameter one =
        TRY(Encode(parameters[i]).context([&] { return fmt::format("parameter {}", i + 1); }));
    size += one.bytes ? one.bytes->size() : 0;
    if (size > kParameterBytesMax)
      return spindle::Error::limit_exceeded(
          fmt::format("the parameters are larger than {} bytes", kParameterBytesMax));
    statement.parameters.push_back(std::move(one));
  }
  return statement;
}

}  // namespace spindle::host::postgres
