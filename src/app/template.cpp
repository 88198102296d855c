#include "app/template.h"

#include "app/identifiers.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

std::string_view trim(std::string_view text) {
  size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  Template result;
  std::string_view rest = text;
  while (true) {
    size_t open = rest.find("{{");
    if (open == std::string_view::npos) break;
    size_t close = rest.find("}}", open + 2);
    if (close == std::string_view::npos)
      return Error::invalid_input(
          fmt::format("template \"{}\" has \"{{{{\" without a matching \"}}}}\"", text));
    std::string_view name = trim(rest.substr(open + 2, close - open - 2));
    if (auto problem = variable_key_problem(name))
      return Error::invalid_input(
          fmt::format("template \"{}\" names invalid variable \"{}\": {}", text, name, *problem));
    result.literals_.emplace_back(rest.substr(0, open));
    result.variables_.emplace_back(name);
    rest.remove_prefix(close + 2);
  }
  result.literals_.emplace_back(rest);
  return result;
}

std::string Template::expand(const std::function<std::string(std::string_view)>& value_of) const {
  std::string text;
  for (size_t i = 0; i < variables_.size(); ++i) {
    text += literals_[i];
    text += value_of(variables_[i]);
  }
  return text + literals_.back();
}

}  // namespace spindle::app
